"""What is said of changed tests, and of files that verify commands run."""

from __future__ import annotations

import pytest

from prd_supervise.policies.outcomes.remarks import is_test, remarks_on


@pytest.mark.parametrize(
    "name",
    [
        "tests/test_app.py",
        "test_app.py",
        "src/app_test.go",
        "web/button.test.tsx",
        "web/__tests__/button.js",
        "spec/models/user_spec.rb",
        "src/test/java/AppTest.java",
        "conftest.py",
    ],
)
def test_these_are_tests(name: str) -> None:
    assert is_test(name)


@pytest.mark.parametrize(
    "name", ["app.py", "latest.py", "src/contest.go", "testing.md", "protests/a.py", "test.py.txt"]
)
def test_these_are_none(name: str) -> None:
    assert not is_test(name)


def test_changed_and_deleted_tests_are_told_apart() -> None:
    files = ("app.py", "tests/test_a.py", "tests/test_b.py")
    assert remarks_on(files, {"tests/test_b.py"}, ()) == (
        "changes tests: tests/test_a.py",
        "deletes tests: tests/test_b.py",
    )


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("make test", "Makefile"),
        ("cd web && npm run check", "package.json"),
        ("./scripts/check.sh --all", "scripts/check.sh"),
        ("sh scripts/check.sh", "scripts/check.sh"),
        ("python -m pytest -q", "pyproject.toml"),
        ("/usr/bin/make", "Makefile"),
        ("CI=1 npx vitest", "web/package.json"),
        ("cd web && make test", "web/Makefile"),
    ],
)
def test_what_a_verify_command_runs_is_named(command: str, name: str) -> None:
    assert remarks_on((name, "app.py"), (), (command,)) == (
        f"changes what `{command}` runs: {name}",
    )


@pytest.mark.parametrize(
    ("command", "name"),
    [("test -s US-1.txt", "US-1.txt"), ("grep -q x app.py", "app.py"), ("npm test", "Makefile")],
)
def test_what_has_nothing_to_do_with_it_is_not(command: str, name: str) -> None:
    assert remarks_on((name,), (), (command,)) == ()


def test_many_files_are_counted() -> None:
    (line,) = remarks_on([f"tests/{n}.py" for n in range(15)], (), ())
    assert line.endswith("tests/9.py and 5 more")

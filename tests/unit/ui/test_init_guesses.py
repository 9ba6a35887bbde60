from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest

from prd_supervise.supervisor.ui.init.folder import BYTES_MAX, Folder
from prd_supervise.supervisor.ui.init.guessing import PACKAGES_MAX, Guesses, guess
from prd_supervise.supervisor.ui.init.machine import Machine
from prd_supervise.supervisor.ui.init.runners import just_targets, make_targets
from prd_supervise.supervisor.ui.init.writing import ceilings_for, notes, settings_text
from prd_supervise.supervisor.ui.settings.config import Settings, load_settings

GIB = 1 << 30
BUILD = '"$TMPDIR/build"'
CMAKE = (
    f"cmake -S . -B {BUILD} && cmake --build {BUILD} --parallel"
    f" && ctest --test-dir {BUILD} --output-on-failure"
)
MAKEFILE = "test:\n\ttrue\nlint:\n\ttrue\nx := 1\n"


def scripts(**lines: str) -> str:
    return json.dumps({"scripts": lines, "devDependencies": {"x": "1"}})


def package(manager: str = "", **lines: str) -> str:
    return json.dumps(
        {"scripts": lines, "packageManager": manager} if manager else {"scripts": lines}
    )


PYTEST = '[project]\nname = "x"\n[tool.pytest.ini_options]\n'
DEV = '[dependency-groups]\ndev = ["pytest>=8", "ruff"]\n'

# Of each kind of repository: its files, what verifies, what sets up.
KINDS: dict[str, tuple[Mapping[str, str], list[str], list[str]]] = {
    "make": (
        {"Makefile": "test:\n\ttrue\nlint:\n\ttrue\nx := 1\n"},
        ["make lint", "make test"],
        [],
    ),
    "make test needs check": (
        {"Makefile": "test: check tests\ncheck: lint\nlint:\ntests:\n"},
        ["make test"],
        [],
    ),
    "make ci": ({"GNUmakefile": "ci:\n\ttrue\n"}, ["make ci"], []),
    "just": ({"justfile": "test:\n  true\nlint arg:\n  true\n"}, ["just test"], []),
    "a justfile that nobody can run beside a language": (
        {"justfile": "test:\n  true\n", "Cargo.toml": "[package]\n"},
        ["just test", "cargo test"],
        [],
    ),
    "requirements that name pytest, beside a project": (
        {"pyproject.toml": PYTEST, "requirements.txt": "-e .[http2]\npytest==8\n"},
        [".venv/bin/pytest"],
        ["python3 -m venv .venv && .venv/bin/pip install -q -e . -r requirements.txt"],
    ),
    "task": ({"Taskfile.yml": "version: '3'\ntasks:\n  test:\n    cmd: x\n"}, ["task test"], []),
    "npm": (
        {"package.json": scripts(test="jest", lint="eslint ."), "package-lock.json": "{}"},
        ["npm run lint", "npm test"],
        ["npm ci"],
    ),
    "npm without a lock": (
        {"package.json": scripts(test="jest")},
        ["npm test"],
        ["npm install --no-package-lock"],
    ),
    "npm's own placeholder": (
        {"package.json": package(test='echo "Error: no test specified" && exit 1', build="tsc")},
        ["npm run build"],
        [],
    ),
    "a script that watches": (
        {"package.json": package(**{"test": "jest --watch", "test:ci": "jest"})},
        ["npm run test:ci"],
        [],
    ),
    "react": ({"package.json": package(test="react-scripts test")}, ["CI=1 npm test"], []),
    "pnpm": (
        {"package.json": scripts(test="vitest", typecheck="tsc"), "pnpm-lock.yaml": ""},
        ["pnpm run typecheck", "pnpm test"],
        ["pnpm install --frozen-lockfile"],
    ),
    "yarn": (
        {"package.json": scripts(test="jest"), "yarn.lock": ""},
        ["yarn test"],
        ["yarn install --frozen-lockfile"],
    ),
    "yarn berry": (
        {"package.json": scripts(test="jest"), "yarn.lock": "", ".yarnrc.yml": ""},
        ["yarn test"],
        ["yarn install --immutable"],
    ),
    "bun": (
        {"package.json": scripts(test="vitest"), "bun.lock": ""},
        ["bun run test"],
        ["bun install --frozen-lockfile"],
    ),
    "packageManager": ({"package.json": package("pnpm@9.0.0", test="x")}, ["pnpm test"], []),
    "turbo": ({"package.json": package(), "turbo.json": "{}"}, ["npx turbo run test"], []),
    "workspaces": (
        {"package.json": json.dumps({"workspaces": ["a"]}), "package-lock.json": "{}"},
        ["npm run test --workspaces --if-present"],
        ["npm ci"],
    ),
    "uv": (
        {"pyproject.toml": PYTEST + DEV + "[tool.ruff]\n", "uv.lock": ""},
        ["uv run ruff check .", "uv run pytest"],
        ["uv sync --frozen"],
    ),
    "uv with an extra": (
        {
            "pyproject.toml": PYTEST + '[project.optional-dependencies]\ntest = ["pytest"]\n',
            "uv.lock": "",
        },
        ["uv run pytest"],
        ["uv sync --frozen --extra test"],
    ),
    "poetry": (
        {"pyproject.toml": '[tool.poetry]\nname = "x"\n[tool.pytest.ini_options]\n'},
        ["poetry run pytest"],
        ["poetry install --no-interaction"],
    ),
    "hatch": (
        {"pyproject.toml": '[tool.hatch.envs.default.scripts]\ntest = "pytest"\n'},
        ["hatch run test"],
        [],
    ),
    "nox": ({"noxfile.py": "def tests(session): ...\n"}, ["nox --session tests"], []),
    "tox": ({"tox.ini": "[testenv]\ncommands = pytest\n"}, ["tox -q -e py"], []),
    "pyproject alone": (
        {"pyproject.toml": PYTEST},
        [".venv/bin/pytest"],
        ["python3 -m venv .venv && .venv/bin/pip install -q -e . pytest"],
    ),
    "a group of pytest": (
        {"pyproject.toml": PYTEST + DEV},
        [".venv/bin/pytest"],
        ["python3 -m venv --upgrade-deps .venv && .venv/bin/pip install -q -e . --group dev"],
    ),
    "requirements": (
        {"requirements.txt": "flask\n", "tests/conftest.py": ""},
        [".venv/bin/pytest"],
        ["python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt pytest"],
    ),
    "unittest": (
        {"setup.cfg": "[metadata]\n", "tests/test_a.py": ""},
        ["python3 -m unittest discover -s tests -t ."],
        [],
    ),
    "cargo": (
        {"Cargo.toml": "[package]\nname='x'\n", "clippy.toml": ""},
        ["cargo clippy --all-targets -- -D warnings", "cargo test"],
        [],
    ),
    "cargo workspace": (
        {"Cargo.toml": "[workspace]\n", "rustfmt.toml": ""},
        ["cargo fmt --check", "cargo test --workspace"],
        [],
    ),
    "go": ({"go.mod": "module x\n"}, ["go vet ./...", "go test ./..."], []),
    "rspec": (
        {"Gemfile": "", "spec/a_spec.rb": ""},
        ["bundle exec rspec"],
        ["bundle install --quiet"],
    ),
    "rake": (
        {"Gemfile": "", "Rakefile": "task :test\n"},
        ["bundle exec rake test"],
        ["bundle install --quiet"],
    ),
    "maven": ({"pom.xml": "<project/>"}, ["mvn -B -q verify"], []),
    "gradle": ({"build.gradle.kts": ""}, ["gradle --quiet --no-daemon check"], []),
    "cmake": (
        {"CMakeLists.txt": "enable_testing()\n"},
        [CMAKE],
        [],
    ),
    "mix": (
        {"mix.exs": "defp deps do\n [{:plug, '1'}]\n", ".formatter.exs": ""},
        ["mix format --check-formatted", "mix test"],
        ["mix deps.get"],
    ),
    "composer": (
        {"composer.json": '{"scripts": {"test": "phpunit"}}'},
        ["composer run-script test"],
        ["composer install --no-interaction --quiet"],
    ),
    "phpunit": (
        {"composer.json": "{}", "phpunit.xml.dist": ""},
        ["vendor/bin/phpunit"],
        ["composer install --no-interaction --quiet"],
    ),
    "deno": ({"deno.json": '{"tasks": {"test": "deno test -A"}}'}, ["deno task test"], []),
    "dotnet": ({"shop.sln": ""}, ["dotnet test"], []),
    "two folders": (
        {
            "backend/go.mod": "module x\n",
            "frontend/package.json": scripts(test="jest"),
            "frontend/package-lock.json": "{}",
        },
        ["cd backend && go vet ./...", "cd backend && go test ./...", "cd frontend && npm test"],
        ["cd frontend && npm ci"],
    ),
    "a folder beside a root of another language": (
        {"go.mod": "module x\n", "web/package.json": package(test="jest")},
        ["go vet ./...", "go test ./...", "cd web && npm test"],
        [],
    ),
    "a Makefile goes before the language": (
        {"Makefile": "test:\n", "pyproject.toml": PYTEST + DEV + "[tool.ruff]\n"},
        ["make test"],
        [],
    ),
    "nothing": ({"README": "x"}, [], []),
}


def looked_at(tmp_path: Path, files: Mapping[str, str]) -> Guesses:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return guess(Folder(tmp_path), lambda name: name != "just")


def machine(*, lacks: str = "", memory: int = 32 * GIB, is_ignored: bool = True) -> Machine:
    return Machine(
        has_program=lambda name: name != lacks,
        is_ignored=lambda _: is_ignored,
        memory_bytes=memory,
    )


def read_back(tmp_path: Path, text: str) -> Settings:
    (tmp_path / "prd-supervise.toml").write_text(text, encoding="utf-8")
    settings, defects = load_settings(tmp_path, environ={}, overrides={})
    assert defects == ()
    assert settings is not None
    return settings


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_repository_gets_its_commands(tmp_path: Path, kind: str) -> None:
    files, verify, setup = KINDS[kind]
    found = looked_at(tmp_path, files)
    assert [each.line for each in found.verify] == verify
    assert [each.line for each in found.setup] == setup


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_written_is_read_by_ourselves_and_says_why(tmp_path: Path, kind: str) -> None:
    files, verify, setup = KINDS[kind]
    found = looked_at(tmp_path, files)
    text = settings_text(found, machine())
    settings = read_back(tmp_path, text)
    assert settings.verify.commands == tuple(verify)
    assert settings.worktree.setup == tuple(setup)
    assert settings.agent.use == "claude"
    for each in (*found.verify, *found.setup):
        assert f"# because {each.because}" in text
    assert max(map(len, text.splitlines())) < 200


@pytest.mark.parametrize("kind", KINDS)
def test_without_any_program_everything_is_a_comment(tmp_path: Path, kind: str) -> None:
    found = looked_at(tmp_path, KINDS[kind][0])
    bare = Machine(has_program=lambda _: False, is_ignored=lambda _: True, memory_bytes=GIB)
    settings = read_back(tmp_path, settings_text(found, bare))
    assert (settings.verify.commands, settings.worktree.setup) == ((), ())


def test_a_program_that_is_missing_is_told_and_its_command_a_comment(tmp_path: Path) -> None:
    found = looked_at(tmp_path, KINDS["rspec"][0])
    told = notes(found, machine(lacks="bundle"))
    lines = "`bundle install --quiet`, `bundle exec rspec`"
    assert told == [f"there is no bundle on PATH here: {lines} are comments"]
    text = settings_text(found, machine(lacks="bundle"))
    assert '# setup = [\n#     "bundle install --quiet",' in text
    assert "there is no bundle on PATH here" in text


NPM_PACKAGE = '{"scripts": {"test": "jest"}, "dependencies": {"jest": "*"}}'


def test_a_folder_that_git_does_not_ignore_is_told(tmp_path: Path) -> None:
    found = looked_at(tmp_path, KINDS["npm"][0])
    (told,) = notes(found, machine(is_ignored=False))
    assert told.startswith("git does not ignore node_modules: add it to .gitignore")
    assert "# git does not ignore node_modules" in settings_text(found, machine(is_ignored=False))
    assert notes(found, machine()) == []
    several = looked_at(tmp_path / "all", {f"{each}/package.json": NPM_PACKAGE for each in "ab"})
    (told,) = notes(several, machine(is_ignored=False))
    assert "a/node_modules, b/node_modules: add them to .gitignore, or stories commit them" in told


def test_a_file_that_is_broken_is_told_and_a_mark_before_a_text_breaks_none(tmp_path: Path) -> None:
    broken = looked_at(tmp_path / "broken", {"package.json": '{"scripts": {', "Cargo.toml": "["})
    assert broken.notes == (
        "package.json is not JSON: look what is wrong in it",
        "Cargo.toml is not TOML: look what is wrong in it",
    )
    marked = looked_at(tmp_path / "marked", {"package.json": "\ufeff" + NPM_PACKAGE})
    assert [each.line for each in marked.verify] == ["npm test"]
    assert marked.notes == ()


def test_a_setup_runs_again_when_its_lock_has_changed(tmp_path: Path) -> None:
    found = looked_at(tmp_path, KINDS["two folders"][0])
    settings = read_back(tmp_path, settings_text(found, machine()))
    assert settings.worktree.setup_when == ("frontend/package-lock.json",)


def test_what_a_makefile_may_do_itself_is_offered_as_a_comment(tmp_path: Path) -> None:
    found = looked_at(tmp_path, KINDS["a Makefile goes before the language"][0])
    assert len(found.doubtful) == 1
    assert "# setup = [" in settings_text(found, machine())


@pytest.mark.parametrize(
    ("gib", "workers", "high"),
    [
        (64, 3, 4.0),
        (24, 3, 4.0),
        (16, 3, 3.5),
        (8, 3, 1.75),
        (4, 1, 2.75),
        (2, 1, 1.25),
        (0, 1, 0.25),
    ],
)
def test_ceilings_fit_into_the_memory_that_there_is(gib: int, workers: int, high: float) -> None:
    assert ceilings_for(gib * GIB) == (workers, int(high * GIB))


@pytest.mark.parametrize("gib", [0, 1, 2, 4, 7, 8, 15, 16, 24, 64])
def test_ceilings_are_read_back_as_they_were_meant(tmp_path: Path, gib: int) -> None:
    settings = read_back(tmp_path, settings_text(Guesses(), machine(memory=gib * GIB)))
    workers, high = ceilings_for(gib * GIB)
    assert (settings.max_workers, settings.limits.memory_high) == (workers, high)


def test_hostile_files_say_nothing_and_take_no_time(tmp_path: Path) -> None:
    files = {
        "package.json": "[" * 100_000,
        "pyproject.toml": "x = " + "[" * 100_000,
        "Cargo.toml": "\0",
        "Makefile": "a " * 300_000 + ":\n" + "b" * 300_000,
        "justfile": "t " * 300_000 + "=" * 1000,
        "deno.json": '{"tasks": []}',
        "composer.json": '{"scripts": "test"}',
        "x\n[agent]\nuse = 'replay'\n.sln": "",
    }
    found = looked_at(tmp_path, files)
    settings = read_back(tmp_path, settings_text(found, machine()))
    assert settings.agent.use == "claude"
    assert "dotnet test" in settings.verify.commands


def test_a_file_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    found = looked_at(tmp_path, {"Makefile": "test:\n" + "#" * BYTES_MAX})
    assert found.verify == ()


def test_of_many_packages_the_first_ones_are_written(tmp_path: Path) -> None:
    files = {f"packages/p{number}/go.mod": "module x\n" for number in range(9)}
    found = looked_at(tmp_path, files)
    assert sum(each.line.endswith("go test ./...") for each in found.verify) == PACKAGES_MAX
    assert len(found.notes) == 1


def test_targets_are_told_from_variables_rules_and_recipes() -> None:
    text = ".PHONY: test\nV = a: b\nX := y\nall test: dep | order ; true\n%.o: %.c\n\techo a: b\n"
    assert make_targets(text) == {
        "all": frozenset(("dep", "order")),
        "test": frozenset(("dep", "order")),
    }
    text = "x := '1'\n@quiet: a && b\nlint path:\ncheck n='1' *rest:\n  echo: no\n"
    assert just_targets(text) == {"quiet": frozenset("ab"), "check": frozenset()}


def test_the_settings_are_toml_even_with_every_kind_of_quote() -> None:
    text = settings_text(Guesses(), machine())
    assert tomllib.loads(text) == {"agent": {"use": "claude"}, "verify": {}, "limits": {}}

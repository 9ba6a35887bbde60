from __future__ import annotations

import time

import pytest

from prd_supervise.workers.merging.reconcile import reconcile
from prd_supervise.workers.syntax.bounded import reading_for
from tests.unit.workers.merging.merged import marked, merged, outcome

PY = "def first():\n    return 1\n"


def test_functions_that_both_sides_added_at_the_end_are_both_there() -> None:
    left = PY + "\n\ndef a():\n    return 2\n"
    right = PY + "\n\n@mark\ndef b():\n    return 3\n"
    found = outcome("a.py", PY, left, right)
    assert found is not None
    assert found.how == "insertions"
    assert found.text.decode() == left + "\n\n@mark\ndef b():\n    return 3\n"


def test_methods_are_added_to_the_class_that_they_stand_in() -> None:
    first = "class Box:\n    def first(self):\n        return 1\n\n"
    base = first + "    def last(self):\n        return 9\n"
    left, right = (
        base.replace(
            "    def last", f"    def {name}(self):\n        return {name!r}\n\n    def last"
        )
        for name in "ab"
    )
    found = merged("a.py", base, left, right)
    added = (f"    def {name}(self):\n        return {name!r}\n\n" for name in "ab")
    assert found == first + "".join(added) + base.removeprefix(first)


@pytest.mark.parametrize("path", ["a.ts", "a.js"])
def test_brackets_that_git_has_counted_to_the_wrong_function_are_put_right(path: str) -> None:
    base = "function first() {\n  if (x) {\n    f();\n  }\n}\n"
    left, right = (
        base + f"\nfunction {name}() {{\n  if ({name}) {{\n    f();\n  }}\n}}\n" for name in "ab"
    )
    found = merged(path, base, left, right)
    assert found == left + right.removeprefix(base)


def test_functions_of_rust_keep_their_attributes_and_comments() -> None:
    base = "fn first() {}\n"
    left = base + "\n/// Of a.\n#[test]\nfn a() {\n    x();\n}\n"
    right = base + "\n// Of b.\npub fn b() {\n    y();\n}\n"
    assert merged("a.rs", base, left, right) == left + right.removeprefix(base)


def test_imports_and_functions_of_one_file_are_resolved_together() -> None:
    base = "import z\n\n\n" + PY
    left = "import a\n" + base + "\n\ndef one():\n    return a\n"
    right = "import b\n" + base + "\n\ndef two():\n    return b\n"
    found = outcome("a.py", base, left, right)
    assert found is not None
    assert found.how == "imports, insertions"
    assert found.text.decode() == (
        "import a\nimport b\n"
        + base
        + "\n\ndef one():\n    return a\n\n\ndef two():\n    return b\n"
    )


def test_what_nobody_verifies_is_not_put_in_an_order() -> None:
    left, right = (PY + f"\n\ndef {name}():\n    return 2\n" for name in "ab")
    text = marked(PY, left, right)
    sides = {"left": left.encode(), "right": right.encode()}
    assert reconcile("a.py", text, is_verified=False, **sides) is None
    assert reconcile("a.py", text, is_verified=True, **sides) is not None


@pytest.mark.parametrize(
    ("path", "base", "left", "right"),
    [
        ("a.py", PY, PY + "\n\ndef a():\n    return 2\n", PY + "\n\ndef a():\n    return 3\n"),
        ("a.py", PY, PY + "\n\ndef a():\n    return 2\n", PY + "\n\nA = 3\n"),
        ("a.py", PY, PY + "    x = 2\n", PY + "\n\ndef b():\n    return 3\n"),
        ("a.py", PY, PY.replace("1", "2"), PY.replace("1", "3")),
        (
            "a.py",
            PY,
            PY + "\n\ndef a():\n    return 2\n\n\na()\n",
            PY + "\n\ndef b():\n    return 3\n",
        ),
        ("a.go", "a\n", "a\nfunc b() {}\n", "a\nfunc c() {}\n"),
        ("a.ts", "x;\n", "x;\nfunction a() {\n", "x;\nfunction b() {}\n"),
    ],
    ids=[
        "one name",
        "a statement",
        "a line of a function",
        "a change",
        "a call beside a function",
        "a language that we do not know",
        "half a function",
    ],
)
def test_other_things_are_left_to_people(path: str, base: str, left: str, right: str) -> None:
    assert merged(path, base, left, right) is None


def test_what_takes_a_parser_too_long_stays_a_conflict() -> None:
    base = "fn first() {}\n"
    left, right = (f"{base}\nfn {name}() {{}}\n" for name in "ab")
    assert outcome("a.rs", base, left, right) is not None
    slow = "// " + "x" * 10 + "\n" + '"' * 300_000 + "\n"
    began_s = time.thread_time()

    with reading_for(1.0):
        assert outcome("a.rs", slow + base, slow + left, slow + right) is None
        assert outcome("a.rs", slow + base, slow + left, slow + right) is None

    assert time.thread_time() - began_s < 3.0


def test_once_the_time_for_all_is_over_nothing_is_resolved() -> None:
    base = "fn first() {}\n"
    left, right = (f"{base}\nfn {name}() {{}}\n" for name in "ab")

    with reading_for(0):
        assert outcome("a.rs", base, left, right) is None

    assert outcome("a.rs", base, left, right) is not None

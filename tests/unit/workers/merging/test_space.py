from __future__ import annotations

import pytest

from tests.unit.workers.merging.merged import merged, outcome


def test_the_side_that_changed_more_than_space_holds() -> None:
    base = "f(a,b);\n"
    found = outcome("a.ts", base, "  f(a, b);\n", "f(a,b,c);\n")
    assert found is not None
    assert (found.text, found.how) == (b"f(a,b,c);\n", "space")
    assert merged("a.ts", base, "f(a,b,c);\n", "f( a, b );\n") == "f(a,b,c);\n"


def test_the_same_change_in_two_spacings_is_the_left_one() -> None:
    assert merged("a.rs", "f(a);\n", "f(a, b);\n", "f(a,b);\n") == "f(a, b);\n"


def test_space_at_the_end_of_a_line_counts_nowhere() -> None:
    assert merged("a.py", "x = 1  \n", "x = 1\n", "x = 2  \n") == "x = 2  \n"


def test_the_line_ends_of_the_side_that_changed_them_alone_are_kept() -> None:
    base = "one\r\ntwo\r\nthree\r\n"
    left, right = base.replace("\r", ""), base.replace("two", "2")
    assert merged("a.txt", base, left, right) == "one\n2\nthree\n"


@pytest.mark.parametrize(
    ("path", "base", "left", "right"),
    [
        ("a.py", "x = 1\n", "    x = 1\n", "x = 2\n"),
        ("a.yaml", "a: 1\n", "  a: 1\n", "a: 2\n"),
        ("a.unknown", "a 1\n", "  a 1\n", "a 2\n"),
        ("a.ts", 'f("a b");\n', 'f("ab");\n', 'f("a b", 1);\n'),
        ("a.ts", "a - -b;\n", "a --b;\n", "a - -c;\n"),
        ("a.ts", "ab;\n", "a b;\n", "abc;\n"),
    ],
    ids=["python", "yaml", "unknown", "in quotes", "operators", "words"],
)
def test_space_that_says_something_is_no_mere_space(
    path: str, base: str, left: str, right: str
) -> None:
    assert merged(path, base, left, right) is None

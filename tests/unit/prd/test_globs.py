from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prd_supervise.supervisor.prd.graph.globs import matches, overlaps

MEETING = [
    ("src/a.ts", "src/a.ts"),
    ("src/**", "src/x/y.py"),
    ("src", "src/a/b"),
    ("src/", "src/a"),
    ("./src/a.ts", "/src/a.ts"),
    ("src//./a.ts", "src/a.ts"),
    ("src/*.py", "src/?.p*"),
    ("src/Foo.TS", "SRC/foo.ts"),
    ("src/[A-C].py", "src/b.py"),
    ("src\\a.ts", "src/a.ts"),
    ("a/{b,c/{d,e}}/f.x", "a/c/e/f.x"),
    ("app/[id]/page.tsx", "app/[id]/page.tsx"),
    ("app/**/page.tsx", "app/[id]/page.tsx"),
    ("v1.0", "v1.0/notes.txt"),
    ("**.py", "a/b/c.py"),
    ("**", "x"),
    (".", "any/thing"),
    ("`src/a.ts`", "src/a.ts"),
    ("src/{id}.ts", "src/{id}.ts"),
    ("packages/*/src", "packages/a/src/x.ts"),
    ("a/\N{LATIN SMALL LETTER E WITH ACUTE}.md", "a/e\N{COMBINING ACUTE ACCENT}.md"),
]
APART = [
    ("src/a.ts", "src/b.ts"),
    ("**/*.py", "src/app.ts"),
    ("**/a.py", "**/b.py"),
    ("tests/**/*.py", "src/**/*.py"),
    ("src/*", "src/a/b.ts"),
    ("src/ab", "src/a"),
    ("src/\\*.ts", "src/a.ts"),
    ("app/[id]/page.tsx", "app/[slug]/page.tsx"),
    ("src/[!a].py", "src/A.py"),
    ("Makefile", "**/*.py"),
    ("src/a.ts", "**/*.py"),
    ("{a,b}/x.c", "c/x.c"),
    ("", "a"),
    ("!src/**", "src/a"),
    ("src/*/", "src/a.py"),
    ("*" * 400 + "a", "*" * 100 + "b"),
]


@pytest.mark.parametrize(("one", "other"), MEETING)
def test_these_globs_can_touch_one_path(one: str, other: str) -> None:
    assert overlaps(one, other)
    assert overlaps(other, one)


@pytest.mark.parametrize(("one", "other"), APART)
def test_these_globs_cannot_touch_one_path(one: str, other: str) -> None:
    assert not overlaps(one, other)
    assert not overlaps(other, one)


def test_a_file_is_matched_as_the_globs_are_compared() -> None:
    assert matches("app/[id]/*.tsx", "app/[id]/page.tsx")
    assert matches("src", "src/deep/down.py")
    assert matches("SRC/*.Py", "src/a.py")
    assert not matches("src/*.py", "src/deep/down.py")


# A shortest common name is made of what the two globs say themselves, so that names of these pieces
# are enough; brackets may stand for themselves. The names end in `.c`, and the paths begin with
# `*`, so that nothing is taken for a folder above something else.
CLASSES = ("[a]", "[!a]", "[a-b]")
NAMES = [
    f"{''.join(word)}.c"
    for size in range(5)
    for word in product(("a", "b", "z", *CLASSES), repeat=size)
]
PATHS = ["/".join(way) for size in range(1, 9) for way in product(("a.c", "b.c"), repeat=size)]
LETTERS = st.sampled_from(["a", "b", "*", "?", *CLASSES, "{a,b}"])
ONE_NAME = st.lists(LETTERS, max_size=3).map(lambda word: re.sub(r"\*+", "*", "".join(word)) + ".c")
SEGMENTS = st.sampled_from(["**", "*", "a.c", "b.c", "?.c", "{a.c/b.c,b.c}"])
DEEP = st.lists(SEGMENTS, min_size=1, max_size=3).map(lambda parts: "/".join(["*", *parts]))
REGEX = {"*": "[^/]*", "?": "[^/]", "{": "(?:", "}": ")", ",": "|", ".": r"\.", "!": "^/"}


def expression(glob: str) -> re.Pattern[str]:
    """The same language by another way, through `re`: brackets as classes, or as they stand."""
    text = re.sub(r"[*?{},.!]", lambda found: REGEX[found.group()], glob.replace("**", "\0"))
    text = text.replace("\0/", "(?:[^/]+/)*").replace("\0", "(?:[^/]+/)*[^/]+")
    literal = re.sub(r"\[(\^/)?([ab-]+)\]", _itself, text)
    return re.compile(f"{text}|{literal}")


def _itself(found: re.Match[str]) -> str:
    return rf"\[{'!' if found[1] else ''}{found[2]}\]"


def have_a_word_in_common(one: str, other: str, words: list[str]) -> bool:
    left, right = expression(one), expression(other)
    return any(left.fullmatch(word) and right.fullmatch(word) for word in words)


@settings(deadline=None, max_examples=300)
@given(ONE_NAME, ONE_NAME)
@example("[a-b].c", "*b?.c")
@example("*a*.c", "[!a].c")
def test_names_meet_exactly_if_some_name_matches_both(one: str, other: str) -> None:
    assert overlaps(one, other) == have_a_word_in_common(one, other, NAMES)


@settings(deadline=None, max_examples=300)
@given(DEEP, DEEP)
def test_paths_meet_exactly_if_some_path_matches_both(one: str, other: str) -> None:
    assert overlaps(one, other) == have_a_word_in_common(one, other, PATHS)


@settings(deadline=None, max_examples=300)
@given(DEEP, st.sampled_from(PATHS))
def test_a_path_is_matched_as_by_regular_expressions(glob: str, path: str) -> None:
    assert matches(glob, path) == bool(expression(glob).fullmatch(path))


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_read_and_meets_itself_if_it_meets_anything(one: str, other: str) -> None:
    if overlaps(one, other):
        assert overlaps(one, one)
        assert overlaps(other, one)


@pytest.mark.parametrize(
    "hostile",
    [
        "{a,b}" * 200,
        "{" * 400 + "a,b" + "}" * 400,
        "*a" * 256,
        "**/" * 170,
        "[!a]*" * 100,
        "x" * 100_000,
        "[" * 500,
        "\\" * 501,
        "{,}" * 170,
        "src/" + "?" * 500,
    ],
)
@pytest.mark.timeout(60)  # without a budget it would be hours
def test_a_hostile_glob_is_compared_within_a_budget(hostile: str) -> None:
    assert overlaps(hostile, hostile)
    overlaps(hostile, "src/*a*b*c*/**/*.py")


def test_a_glob_with_too_many_readings_stands_for_everything_below_its_beginning() -> None:
    many = "src/" + "{a,b}" * 10 + ".py"
    assert overlaps(many, "src/zz.py")
    assert not overlaps(many, "tests/aaaaaaaaaa.py")

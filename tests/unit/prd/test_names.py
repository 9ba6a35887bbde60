from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.supervisor.prd.model import Plan
from prd_supervise.supervisor.prd.names import (
    NAME_MAX,
    clean_text,
    clean_title,
    is_safe_name,
    ref_problem,
    slug,
    unique_ids,
)

REFS = [
    *("a", "ralph/x", "feature/PRD-1", "a.b", "a@b", "ä/ö", "x-", "a/-b", "a.lockx", "refs", "@x"),
    *("", "-a", "/a", "a/", "a//b", "a..b", "a b", "a~", "a^", "a:b", "a?", "a*", "a[", "a\\b"),
    *("a\x7f", "a\x01", "a@{b", ".a", "a/.b", "a.lock", "a.lock/b", "a.", "HEAD", "a\n"),
]


@pytest.mark.parametrize("name", REFS)
def test_a_branch_name_is_judged_as_git_does(name: str) -> None:
    git = subprocess.run(
        ["git", "check-ref-format", "--branch", name], check=False, capture_output=True
    )
    assert (not ref_problem(name)) == (git.returncode == 0 and name != "HEAD")


@pytest.mark.parametrize(
    "name", ["@", "prd-supervise", "prd-supervise/X/US-1", "x" * 201, "a\u202eb"]
)
def test_some_names_that_git_allows_are_refused(name: str) -> None:
    assert ref_problem(name)


@pytest.mark.parametrize("name", ["US-001", "1.1.0", "a_b", "x", "X" * 64])
def test_safe_names(name: str) -> None:
    assert is_safe_name(name)


@pytest.mark.parametrize(
    "name", ["", "-a", ".a", "_a", "a/b", "a b", "a..b", "a.", "a.lock", "a\n", "ä", "x" * 65]
)
def test_unsafe_names(name: str) -> None:
    assert not is_safe_name(name)


@settings(deadline=None)
@given(st.text())
def test_a_slug_is_a_safe_name_or_empty(text: str) -> None:
    name = slug(text)
    assert not name or is_safe_name(name)


@settings(deadline=None)
@given(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,70}(\.lock){0,2}\.*", fullmatch=True))
def test_a_slug_of_something_like_a_name_is_safe(text: str) -> None:
    assert is_safe_name(slug(text))


@settings(deadline=None)
@given(st.from_regex(r"[A-Za-z0-9]+(-[A-Za-z0-9]+){0,5}", fullmatch=True).filter(is_safe_name))
def test_a_plain_name_is_its_own_slug(name: str) -> None:
    assert slug(name) == name


@settings(deadline=None)
@given(st.text(alphabet=st.characters()))
def test_a_clean_title_is_one_line(text: str) -> None:
    title = clean_title(text)
    assert len(title.splitlines()) <= 1
    assert len(title) <= 200
    title.encode()


@settings(deadline=None)
@given(st.text())
def test_text_without_halves_of_characters_stays_as_it_is(text: str) -> None:
    clean = clean_text(text)
    assert clean == text or any("\ud800" <= char <= "\udfff" for char in text)


def plans(*names: str) -> list[Plan]:
    return [Plan(prd_id=name, title="", path="", stories=()) for name in names]


@pytest.mark.parametrize(
    ("names", "unique"),
    [
        (["a", "b"], ["a", "b"]),
        (["a", "a", "a"], ["a", "a-2", "a-3"]),
        (["a", "a", "a-2"], ["a", "a-3", "a-2"]),
        (["a", "A"], ["a", "A-2"]),
        (["x" * 64, "x" * 64], ["x" * 64, "x" * 62 + "-2"]),
    ],
)
def test_ids_are_made_unique_and_the_first_one_keeps_its_own(
    names: list[str], unique: list[str]
) -> None:
    assert [plan.prd_id for plan in unique_ids(plans(*names))] == unique


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "A", "a-2", "a-3", "x" * 64, "x" * 62 + "-2"]), max_size=12))
def test_unique_ids_are_unique_and_safe(names: list[str]) -> None:
    found = [plan.prd_id for plan in unique_ids(plans(*names))]
    assert len({name.casefold() for name in found}) == len(names)
    assert all(is_safe_name(name) and len(name) <= NAME_MAX for name in found)

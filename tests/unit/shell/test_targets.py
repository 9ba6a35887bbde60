from __future__ import annotations

import pytest

from prd_supervise.supervisor.shell.control.targets import Target, TargetError, resolve

KNOWN = {"ALPHA": ("US-1", "US-2", "BETA"), "BETA": ("US-1",), "EMPTY": ()}


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("ALPHA", Target(prd_id="ALPHA")),
        ("ALPHA/US-1", Target(prd_id="ALPHA", story_id="US-1")),
        ("US-2", Target(prd_id="ALPHA", story_id="US-2")),
        ("BETA", Target(prd_id="BETA")),  # a PRD goes before a story
        ("ALPHA/BETA", Target(prd_id="ALPHA", story_id="BETA")),
    ],
)
def test_a_name_means_a_prd_or_a_story(name: str, target: Target) -> None:
    assert resolve(name, KNOWN) == target
    assert name in {str(target), target.story_id}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("US-1", "US-1: 2 PRDs have a story of this id; write ALPHA/US-1 or BETA/US-1"),
        ("X", "X: no such PRD or story here; the PRDs are: ALPHA, BETA, EMPTY"),
        ("X/US-1", "X/US-1: no such PRD here; there are: ALPHA, BETA, EMPTY"),
        ("BETA/X", "BETA/X: no such story; there are: US-1"),
        ("BETA/", "BETA/: no such story; there are: US-1"),
        (
            "BETTA/US-1",
            "BETTA/US-1: no such PRD here; there are: ALPHA, BETA, EMPTY; did you mean BETA?",
        ),
        ("EMPTY/X", "EMPTY/X: no such story; there are: none yet"),
        ("", ": no such PRD or story here; the PRDs are: ALPHA, BETA, EMPTY"),
    ],
)
def test_who_is_unknown_is_told_who_is_there(name: str, said: str) -> None:
    with pytest.raises(TargetError) as caught:
        resolve(name, KNOWN)
    assert str(caught.value) == said


def test_the_nearest_names_are_offered_whole_and_the_case_does_not_matter() -> None:
    known = {"LOGIN": ("US-001", "US-002"), "BILLING": ("B-1",)}
    for name, meant in {
        "Login": "LOGIN",
        "BILING": "BILLING",
        "LOGIN/US-01": "LOGIN/US-001",
        "us-002": "LOGIN/US-002",
    }.items():
        with pytest.raises(TargetError) as caught:
            resolve(name, known)
        assert meant in str(caught.value).partition("did you mean ")[2]


def test_of_thousands_of_names_only_some_are_listed() -> None:
    known = {f"PRD-{number:04}": ("A",) for number in range(9_000)}
    with pytest.raises(TargetError) as caught:
        resolve("x" * 100_000 + "/A", known)
    assert str(caught.value).endswith(" and 8980 more")

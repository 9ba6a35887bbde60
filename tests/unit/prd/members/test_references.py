from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.members.references import Called, References
from tests.support.prd_files import plan_of, read, remarks_of

IDS = ("US-001", "US-002", "US-010", "S1.2", "api-3", "API-4", "us-4")


@pytest.mark.parametrize(
    ("name", "story_id"),
    [
        ("US-001", "US-001"),
        ("us-001", "US-001"),
        ("US-1", "US-001"),
        ("US001", "US-001"),
        ("Story 2", "US-002"),
        ("Story #2", "US-002"),
        ("#10", "US-010"),
        ("Task 3", "api-3"),
        ("1.2", "S1.2"),
        ("`US-002`", "US-002"),
        ("**US-002**", "US-002"),
        ("US-002 (the cart)", "US-002"),
        ("US-002: The cart", "US-002"),
        ("US-002 - The cart", "US-002"),
        ("4", None),  # two could be meant
        ("US-001 - US-010", None),  # more than one is meant
        ("PRD-9/US-001", None),
        ("FE-1", None),
        ("11", None),
        ("x" * 100_000, None),
    ],
)
def test_a_name_means_a_story_if_it_can_mean_only_one(name: str, story_id: str | None) -> None:
    names = References([Called(story_id=each, title=f"title of {each}") for each in IDS])
    assert names.find(name) == story_id


def test_a_title_names_its_story() -> None:
    names = References([Called(story_id="A", title="The cart"), Called(story_id="B", title="Pay")])
    assert names.find("the cart") == "A"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("US-1, US-2", ("US-1", "US-2")),
        ("US-1; US-2 and US-3", ("US-1", "US-2", "US-3")),
        ("US-1 (needs its a, b)", ("US-1 (needs its a, b)",)),
        ("None", ()),
        ("none - can begin at once", ()),
        ("n/a", ()),
        ("-", ()),
        ("—", ()),
        ("No dependencies.", ()),
        ("nonesuch", ("nonesuch",)),
    ],
)
def test_a_text_is_split_into_names(text: str, names: tuple[str, ...]) -> None:
    known = References([Called(story_id="US-001"), Called(story_id="US-002")])
    assert known.split(text) == names


OTHERS = [{"id": "US-001", "title": "one"}, {"id": "US-002", "title": "two"}]


@pytest.mark.parametrize(
    "keys",
    [
        {key: ["US-1"]}
        for key in (
            *("dependsOn", "depends_on", "dependencies", "dependency", "deps", "blockedBy"),
            *("blocked_by", "wait_for", "waits_for", "requires", "after", "prerequisites"),
        )
    ]
    + [
        {"dependsOn": "Story 1"},
        {"dependsOn": 1},
        {"dependsOn": [{"id": "US-001"}]},
        {"dependencies": {"dependsOn": ["US-001"], "blocks": []}},
    ],
)
def test_a_dependency_has_many_names_and_forms(tmp_path: Path, keys: dict[str, object]) -> None:
    plan = plan_of(tmp_path, {"stories": [*OTHERS, {"id": "A", "title": "a", **keys}]})
    assert plan.stories[2].depends_on == ("US-001",)


@pytest.mark.parametrize("keys", [{"blocks": ["US-2"]}, {"dependencies": {"blocks": "US-2"}}])
def test_what_a_story_blocks_depends_on_it(tmp_path: Path, keys: dict[str, object]) -> None:
    plan = plan_of(tmp_path, {"stories": [*OTHERS, {"id": "A", "title": "a", **keys}]})
    assert [each.depends_on for each in plan.stories] == [(), ("A",), ()]


def test_what_is_blocked_elsewhere_is_told(tmp_path: Path) -> None:
    document = {"stories": [{"id": "A", "title": "a", "blocks": ["X-9"]}]}
    (told,) = remarks_of(tmp_path, document)
    assert told.startswith("warning: 'X-9' is no story of this PRD and cannot be blocked")


def test_what_has_to_be_installed_is_no_dependency(tmp_path: Path) -> None:
    stories = [*OTHERS, {"id": "A", "title": "a", "requires": ["Docker", "US-9"]}]
    reading = read(tmp_path, {"stories": stories})
    assert [end.name for end in reading.loose] == ["US-9"]
    assert ["'Docker' is no story" in each.message for each in reading.defects] == [True]


def test_a_dependency_in_an_unknown_form_is_an_error(tmp_path: Path) -> None:
    document = {"stories": [{"id": "A", "title": "a", "dependsOn": {"lodash": "4"}}]}
    (told,) = remarks_of(tmp_path, document)
    assert told.startswith("error: dependsOn is an object; the id of a story")


def test_a_batch_that_contradicts_a_dependency_is_a_cycle(tmp_path: Path) -> None:
    phases = [
        {"tasks": [{"id": "a", "title": "a", "priority": 1, "dependsOn": ["b"]}]},
        {"tasks": [{"id": "b", "title": "b", "priority": 1}]},
    ]
    (told,) = remarks_of(tmp_path, {"phases": phases})
    assert "wait for each other" in told

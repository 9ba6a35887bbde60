from __future__ import annotations

import json
from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.defect import Defect
from prd_supervise.supervisor.prd.members.rank import RANK_ABSENT
from prd_supervise.supervisor.prd.model import Plan, PlannedStory
from prd_supervise.supervisor.prd.read import read_file
from tests.support.prd_files import written


def read_plan(path: Path, *, base_branch: str = "") -> tuple[Plan | None, tuple[Defect, ...]]:
    reading = read_file(path, base_branch=base_branch)
    return next(iter(reading.plans), None), reading.errors


CANONICAL = {
    "project": "Shop",
    "branchName": "ralph/shop",
    "description": "A shop.",
    "userStories": [
        {
            "id": "US-001",
            "title": "A cart",
            "description": "As a buyer ...",
            "acceptanceCriteria": ["It holds things", "Tests pass"],
            "priority": 1,
            "passes": False,
            "notes": "",
        }
    ],
}


def read(folder: Path, document: object, *, base_branch: str = "") -> Plan:
    plan, defects = read_plan(written(folder, document), base_branch=base_branch)
    assert defects == ()
    assert plan is not None
    return plan


def story(folder: Path, **keys: object) -> PlannedStory:
    return read(folder, {"stories": [{"id": "A", "title": "t", **keys}]}).stories[0]


def test_the_canonical_document_is_read_whole(tmp_path: Path) -> None:
    wanted = Plan(
        prd_id="Shop",
        title="Shop",
        path=str(tmp_path / "prd.json"),
        description="A shop.",
        branch="ralph/shop",
        stories=(
            PlannedStory(
                story_id="US-001",
                title="A cart",
                description="As a buyer ...",
                criteria=("It holds things", "Tests pass"),
                rank=1.0,
            ),
        ),
    )
    assert read(tmp_path, CANONICAL).says_as(wanted)


@pytest.mark.parametrize("key", ["userStories", "stories", "user_stories", "tasks"])
def test_the_list_of_stories_has_four_names(tmp_path: Path, key: str) -> None:
    plan = read(tmp_path, {key: [{"id": 7, "title": "Seven"}]})
    assert [s.story_id for s in plan.stories] == ["7"]


def test_of_two_lists_the_one_with_stories_counts(tmp_path: Path) -> None:
    plan = read(tmp_path, {"userStories": [], "tasks": [{"id": "T", "title": "t"}]})
    assert [s.story_id for s in plan.stories] == ["T"]


@pytest.mark.parametrize(
    ("written", "story_id"), [("12", "12"), ("1.10", "1.10"), ('"1.1.0"', "1.1.0")]
)
def test_a_number_as_id_stays_as_it_was_written(
    tmp_path: Path, written: str, story_id: str
) -> None:
    plan = read(tmp_path, f'{{"stories": [{{"id": {written}, "title": "t"}}]}}')
    assert plan.stories[0].story_id == story_id


@pytest.mark.parametrize(
    ("value", "criteria"),
    [
        (["a", "b"], ("a", "b")),
        ("a", ("a",)),
        ([{"text": "a", "testCommand": "x"}, {"description": "b"}], ("a (test command: `x`)", "b")),
        ([{"testCommand": "make it"}], ("make it",)),
        ([], ()),
        (None, ()),
    ],
)
@pytest.mark.parametrize(
    "key", ["acceptanceCriteria", "acceptance_criteria", "acceptance", "criteria"]
)
def test_criteria_are_texts_or_objects(
    tmp_path: Path, key: str, value: object, criteria: tuple[str, ...]
) -> None:
    assert story(tmp_path, **{key: value}).criteria == criteria


@pytest.mark.parametrize(
    ("priority", "rank"),
    [
        (1, 1.0),
        (3.5, 3.5),
        (-2, -2.0),
        ("critical", 0.0),
        ("HIGH", 1.0),
        (" Medium ", 2.0),
        ("low", 3.0),
        ("P0", 0.0),
        ("p2", 2.0),
        ("4", 4.0),
        (None, RANK_ABSENT),
        (10**300, RANK_ABSENT),
        (-(10**300), -RANK_ABSENT),
    ],
)
def test_a_priority_is_a_number_or_a_word(tmp_path: Path, priority: object, rank: float) -> None:
    assert story(tmp_path, priority=priority).rank == rank


@pytest.mark.parametrize(
    ("keys", "is_done", "is_skipped"),
    [
        ({}, False, False),
        ({"passes": True}, True, False),
        ({"passed": True}, True, False),
        ({"completed": True}, True, False),
        ({"complete": True}, True, False),
        ({"passes": None, "complete": True}, True, False),
        ({"passes": False, "status": "done"}, False, False),
        ({"status": "Done"}, True, False),
        ({"status": "completed"}, True, False),
        ({"status": "pass"}, True, False),
        ({"status": "open"}, False, False),
        ({"status": "cancelled"}, False, True),
        ({"status": "wontfix", "passes": False}, False, True),
        ({"status": "deferred", "passes": True}, True, False),
    ],
)
def test_done_and_skipped(
    tmp_path: Path, keys: dict[str, object], *, is_done: bool, is_skipped: bool
) -> None:
    found = story(tmp_path, **keys)
    assert (found.is_done, found.is_skipped) == (is_done, is_skipped)


@pytest.mark.parametrize(
    ("keys", "depends_on"),
    [
        ({"dependsOn": ["B"]}, ("B",)),
        ({"dependencies": ["b"]}, ("B",)),
        ({"blockedBy": "B"}, ("B",)),
        ({"depends_on": "B, 3"}, ("B", "3")),
        ({"deps": [3]}, ("3",)),
        ({"deps": 3}, ("3",)),
        ({"dependsOn": "none"}, ()),
        ({"dependsOn": "-"}, ()),
        ({"dependsOn": ""}, ()),
        ({"dependsOn": None}, ()),
        ({"dependencies": {"dependsOn": ["B"], "blocks": ["3"]}}, ("B",)),
        ({"dependsOn": ["B", "b", "B"]}, ("B",)),
        ({"dependsOn": [], "blockedBy": ["B"]}, ("B",)),
    ],
)
def test_dependencies_have_many_forms(
    tmp_path: Path, keys: dict[str, object], depends_on: tuple[str, ...]
) -> None:
    others = [{"id": "B", "title": "b"}, {"id": 3, "title": "c"}]
    plan = read(tmp_path, {"stories": [{"id": "A", "title": "a", **keys}, *others]})
    assert plan.stories[0].depends_on == depends_on


@pytest.mark.parametrize(
    "key", ["verify", "verifyCommands", "verify_commands", "testCommand", "quality_commands"]
)
def test_verify_commands_stand_at_stories_and_at_the_prd(tmp_path: Path, key: str) -> None:
    stories = [{"id": "A", "title": "a", key: ["make one", "make two"]}, {"id": "B", "title": "b"}]
    plan = read(tmp_path, {key: "make test", "stories": stories})
    assert plan.verify == ("make test",)
    assert [s.verify for s in plan.stories] == [("make one", "make two"), None]


def test_an_empty_list_of_verify_commands_is_no_absent_one(tmp_path: Path) -> None:
    assert story(tmp_path, verify=[]).verify == ()
    assert story(tmp_path, verify="").verify is None


def test_agent_and_no_code_are_read(tmp_path: Path) -> None:
    found = story(tmp_path, agent="replay", noCode=True)
    assert (found.agent, found.no_code) == ("replay", True)


def test_a_replay_script_stands_inline_or_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{ "write": [1, 2.50] }')
    assert story(tmp_path, replay={"write": [1, 2.5]}).replay == '{"write":[1,2.5]}'
    assert story(tmp_path, replay="run.json").replay == '{"write":[1,2.5]}'


def test_titles_are_one_printable_bounded_line(tmp_path: Path) -> None:
    assert story(tmp_path, title="a\x1b[31m\n b\u202ec").title == "a [31m b c"
    assert len(story(tmp_path, title="x" * 1000).title) == 200


def test_a_story_without_title_is_called_by_its_description(tmp_path: Path) -> None:
    plan = read(tmp_path, {"tasks": [{"id": "A", "description": "Do it.\nAt once."}]})
    assert plan.stories[0].title == "Do it."


def test_texts_with_half_a_character_can_be_encoded(tmp_path: Path) -> None:
    document = '{"stories": [{"id": "A", "title": "t", "description": "a\\ud800b"}]}'
    assert read(tmp_path, document).stories[0].description == "a\N{REPLACEMENT CHARACTER}b"


def test_unknown_keys_are_no_error(tmp_path: Path) -> None:
    assert story(tmp_path, estimatedEffort={"x": []}, labels=3).story_id == "A"


def test_of_two_equal_keys_the_last_one_holds(tmp_path: Path) -> None:
    text = '{"stories": [{"id": "..", "id": "A", "title": "t"}]}'
    assert read(tmp_path, text).stories[0].story_id == "A"


@pytest.mark.parametrize(
    ("place", "keys", "prd_id"),
    [
        ("prd.json", {"id": "X-1", "project": "p"}, "X-1"),
        ("prd.json", {"prdId": 12}, "12"),
        ("prds/active/PRD-9/prd.json", {"project": "p"}, "PRD-9"),
        ("prds/active/PRD-9/deep/prd.json", {}, "PRD-9"),
        ("prds/completed/PRD-9/prd.json", {"project": "p"}, "PRD-9"),
        ("active/PRD-9/prd.json", {"project": "My Shop: 2"}, "My-Shop-2"),
        ("prd.json", {"name": "Ünïcode"}, "Unicode"),
        ("prd.json", {"projectName": "a..b.lock"}, "a.b"),
        ("tasks/prd-cart.json", {"title": "Cart"}, "prd-cart"),
        ("tasks/cart.json", {"project": "购物"}, "cart"),
        ("prds/active/购物/prd.json", {}, "prd"),
    ],
)
def test_a_prd_has_an_id(tmp_path: Path, place: str, keys: dict[str, object], prd_id: str) -> None:
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**CANONICAL, "project": None, **keys}))
    plan, defects = read_plan(path)
    assert defects == ()
    assert plan is not None
    assert plan.prd_id == prd_id


def test_a_link_is_read_as_the_file_that_it_names(tmp_path: Path) -> None:
    real = tmp_path / "prds" / "active" / "M1" / "prd.json"
    real.parent.mkdir(parents=True)
    real.write_text(json.dumps({**CANONICAL, "project": None}))
    (tmp_path / "prd.json").symlink_to(real)
    plan, _ = read_plan(tmp_path / "prd.json")
    assert plan is not None
    assert (plan.prd_id, plan.path) == ("M1", str(real))

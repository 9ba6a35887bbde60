from __future__ import annotations

import json
from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.recorded import read_recorded, with_recorded
from tests.support.prd_files import plan_of

STORIES = [
    {"id": "US-001", "title": "A cart"},
    {"id": "US-002", "title": "A till"},
    {"id": "US-003", "title": "A door"},
]


def done(folder: Path, record: object) -> tuple[list[str], list[str]]:
    path = folder / "log.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    work = read_recorded(path)
    assert work.defects == ()
    (plan,), notes = with_recorded([plan_of(folder, {"userStories": STORIES})], work)
    return [story.story_id for story in plan.stories if story.is_done], list(notes)


@pytest.mark.parametrize(
    "record",
    [
        [{"storyNumber": 2, "storyTitle": "x", "status": "completed", "filesModified": []}],
        [{"storyTitle": "a till", "completedAt": "2025", "actionsTaken": []}],
        {"stories": [{"id": "US-2", "title": "x", "status": "passed"}]},
        {"features": [{"id": 2, "description": "x", "passes": True}]},
        [{"description": "A till", "steps": ["s"], "passes": True}],
        {
            "entries": [
                {"story": "US-002", "status": "failed"},
                {"story": "US-002", "status": "done"},
            ]
        },
    ],
)
def test_a_story_is_known_by_its_id_its_number_or_its_title(tmp_path: Path, record: object) -> None:
    found, notes = done(tmp_path, record)
    assert found == ["US-002"]
    assert notes[-1].endswith("1 stories are recorded as done in log.json")


def test_what_is_recorded_as_failed_is_not_done(tmp_path: Path) -> None:
    record = [
        {"storyNumber": 1, "storyTitle": "A cart", "status": "completed", "completedAt": "1"},
        {"storyNumber": 1, "storyTitle": "A cart", "status": "failed", "completedAt": "2"},
    ]
    assert done(tmp_path, record) == ([], [])


def test_what_matches_no_story_is_told(tmp_path: Path) -> None:
    found, notes = done(tmp_path, [{"id": "X-9", "title": "y", "status": "done"}])
    assert (found, notes) == ([], ["log.json: 'X-9' is no story here; passed over"])


def test_the_number_of_a_story_whose_id_is_gone_means_no_other_one(tmp_path: Path) -> None:
    record = {"id": "OLD-2", "storyNumber": 2, "title": "A boat", "status": "done"}
    assert done(tmp_path, [record])[0] == []
    assert done(tmp_path, [record | {"title": "A till"}])[0] == ["US-002"]


def test_of_several_prds_the_title_says_which_one_is_meant(tmp_path: Path) -> None:
    one = plan_of(tmp_path, {"userStories": STORIES})
    other = plan_of(tmp_path, {"userStories": [{"id": "US-001", "title": "A ship"}]})
    path = tmp_path / "log.json"
    path.write_text('[{"id": "US-001", "title": "A ship", "status": "done"}]', encoding="utf-8")
    taken, _ = with_recorded([one, other], read_recorded(path))
    assert [plan.stories[0].is_done for plan in taken] == [False, True]
    path.write_text('[{"id": "US-001", "status": "done"}]', encoding="utf-8")
    taken, notes = with_recorded([one, other], read_recorded(path))
    assert [plan.stories[0].is_done for plan in taken] == [False, False]
    assert notes == ("log.json: 'US-001' is a story of several PRDs; name the PRD; passed over",)


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", '{"a": [1]}', "[1]"])
def test_a_record_without_stories_is_a_defect_with_a_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "log.json"
    path.write_text(text, encoding="utf-8")
    (defect,) = read_recorded(path).defects
    assert defect.line == 1


def test_a_log_is_no_prd(tmp_path: Path) -> None:
    log = [{"title": "x", "status": "done", "completedAt": "1", "filesModified": [], "priority": 1}]
    path = tmp_path / "log.json"
    path.write_text(json.dumps(log), encoding="utf-8")
    assert read_recorded(path).entries[0].is_done

from __future__ import annotations

import json
from pathlib import Path

from prd_supervise.supervisor.prd.model import PlannedStory
from prd_supervise.supervisor.prd.read import read_file


def story(tmp_path: Path, *criteria: object) -> PlannedStory:
    path = tmp_path / "prd.json"
    told = {"id": "A", "title": "a", "acceptanceCriteria": criteria}
    path.write_text(json.dumps({"userStories": [told]}))
    reading = read_file(path)
    assert reading.errors == ()
    return reading.plans[0].stories[0]


def test_commands_of_criteria_are_run_and_told_to_the_agent(tmp_path: Path) -> None:
    found = story(
        tmp_path,
        {"text": "it is there", "testCommand": "test -f a.ts"},
        {"text": "it works", "testCommand": "`npm test -- cart`"},
        {"text": "once more", "testCommand": "test -f a.ts"},
        {"testCommand": "make lint"},
        "plain",
    )
    assert found.checks == ("test -f a.ts", "npm test -- cart", "make lint")
    assert found.criteria == (
        "it is there (test command: `test -f a.ts`)",
        "it works (test command: `npm test -- cart`)",
        "once more (test command: `test -f a.ts`)",
        "make lint",
        "plain",
    )
    assert found.verify is None


def test_prose_in_place_of_a_command_is_told_and_not_run(tmp_path: Path) -> None:
    found = story(
        tmp_path,
        {"text": "it works", "testCommand": "Open the browser and look."},
        {"text": "a", "testCommand": ""},
        {"text": "b", "testCommand": 3},
        {"text": "c", "testCommand": "make \0"},
    )
    assert found.checks == ()
    assert found.criteria[0] == "it works (test command: `Open the browser and look.`)"


def test_a_command_that_a_text_only_names_is_not_run(tmp_path: Path) -> None:
    assert story(tmp_path, "it works (test command: `rm -rf x`)").checks == ()

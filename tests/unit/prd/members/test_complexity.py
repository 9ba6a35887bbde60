from __future__ import annotations

import json
from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.model import PlannedStory
from prd_supervise.supervisor.prd.read import read_file


def story(tmp_path: Path, **members: object) -> PlannedStory:
    path = tmp_path / "prd.json"
    path.write_text(json.dumps({"userStories": [{"id": "A", "title": "a", **members}]}))
    reading = read_file(path)
    assert reading.defects == ()
    return reading.plans[0].stories[0]


@pytest.mark.parametrize(
    ("members", "level"),
    [
        ({"complexity": "simple"}, "low"),
        ({"estimatedComplexity": "Medium"}, "medium"),
        ({"estimated_complexity": "Very High"}, "high"),
        ({"complexityScore": 4}, "low"),
        ({"complexity": 5}, "medium"),
        ({"complexity": 8.5}, "high"),
        ({"effort": "xs"}, "low"),
        ({"effort": "m"}, "medium"),
        ({"complexity": "high", "effort": "s"}, "high"),
        ({"complexity": "unknown", "effort": "s"}, "low"),
    ],
)
def test_how_hard_a_story_is_has_many_words(
    tmp_path: Path, members: dict[str, object], level: str
) -> None:
    assert story(tmp_path, **members).complexity == level


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"complexity": "O(n)"},
        {"complexity": True},
        {"complexity": 0},
        {"complexity": 55},
        {"complexity": ["high"]},
        {"effort": 5},
        {"effort": "3 days"},
    ],
)
def test_what_is_no_complexity_says_nothing(tmp_path: Path, members: dict[str, object]) -> None:
    assert story(tmp_path, **members).complexity == ""


def test_a_markdown_story_has_its_complexity_as_a_label(tmp_path: Path) -> None:
    path = tmp_path / "prd.md"
    path.write_text("# P\n\n### US-001: a\n\n**Complexity:** High\n\n- [ ] it works\n")
    assert read_file(path).plans[0].stories[0].complexity == "high"

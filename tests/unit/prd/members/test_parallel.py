from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.model import Parallel
from tests.support.prd_files import plan_of, remarks_of

STORIES = [{"id": "US-001", "title": "a"}, {"id": "US-002", "title": "b"}]


@pytest.mark.parametrize(
    ("section", "parallel"),
    [
        ({"enabled": False}, Parallel(enabled=False)),
        ({"maxConcurrency": 2}, Parallel(max_workers=2)),
        ({"max_workers": 0, "modelStrategy": "auto"}, Parallel(max_workers=0)),
        (
            {"conflictStrategy": "EntityBased", "inferenceMode": "embeddings"},
            Parallel(conflict_strategy="entity", inference="text"),
        ),
        (
            {"conflict_strategy": "file_based", "inference": "Hybrid"},
            Parallel(conflict_strategy="file", inference="hybrid"),
        ),
        (False, Parallel(enabled=False)),
        (3, Parallel(max_workers=3)),
    ],
)
@pytest.mark.parametrize("key", ["parallel", "parallelization"])
def test_what_a_prd_says_of_stories_side_by_side(
    tmp_path: Path, key: str, section: object, parallel: Parallel
) -> None:
    assert plan_of(tmp_path, {"userStories": STORIES, key: section}).parallel == parallel


def test_a_prd_that_says_nothing_leaves_it_to_the_settings(tmp_path: Path) -> None:
    assert plan_of(tmp_path, {"userStories": STORIES}).parallel is None


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ({"conflictStrategy": "entitty"}, "error: conflictStrategy is 'entitty'; one of entity,"),
        ({"inferenceMode": 3}, "error: inferenceMode is 3; one of files, text, hybrid, none is"),
        ({"enabled": "no"}, "error: enabled is 'no'; true or false is allowed"),
        ({"maxWorkers": -1}, "error: maxWorkers is -1; a whole number from 0"),
        ({"enabeld": False}, "warning: unknown key 'enabeld'; did you mean 'enabled'?"),
        ("fast", "error: parallel is 'fast'; a whole number from 0"),
    ],
)
def test_a_slip_does_not_silently_turn_a_protection_off(
    tmp_path: Path, section: object, told: str
) -> None:
    (remark,) = remarks_of(tmp_path, {"userStories": STORIES, "parallel": section})
    assert remark.startswith(told)


def test_groups_are_labels_and_one_at_a_time_where_they_say_so(tmp_path: Path) -> None:
    groups = [
        {"name": "first", "stories": ["US-1"], "maxParallel": 1},
        {"name": "second", "stories": ["US-002", "US-9"], "maxParallel": 2},
    ]
    document = {"userStories": STORIES, "parallelization": {"groups": groups}}
    one, two = plan_of(tmp_path, document).stories
    assert (one.group, one.mutex) == ("first", ("group first",))
    assert (two.group, two.mutex) == ("second", ())
    told = remarks_of(tmp_path, document)
    assert sorted(line.split(":")[0] for line in told) == ["hint", "warning"]


def test_a_label_is_one_short_line_that_can_be_shown(tmp_path: Path) -> None:
    stories = [
        {**STORIES[0], "group": "half \ud800 of\n\u202e one"},
        {**STORIES[1], "epic": "x" * 999},
    ]
    one, other = plan_of(tmp_path, {"userStories": stories}).stories
    assert one.group == "half of one"
    assert len(other.group) == 200

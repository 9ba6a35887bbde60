from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.prd_files import plan_of, remarks_of, story_of

STORIES = [{"id": "US-001", "title": "a"}]


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ({}, ()),
        ({"approve": "merge"}, ("merge",)),
        ({"Approve": ["PRD", "story", "story"]}, ("story", "prd")),
        ({"approve": []}, ()),
    ],
)
def test_a_prd_names_one_point_or_several(
    tmp_path: Path, said: dict[str, object], read: tuple[str, ...]
) -> None:
    assert plan_of(tmp_path, {"userStories": STORIES, **said}).approve == read


def test_a_story_names_its_own(tmp_path: Path) -> None:
    assert story_of(tmp_path, approve=["merge", "story"]).approve == ("story", "merge")


@pytest.mark.parametrize("said", ["always", True, 1, ["merge", None], {"merge": True}])
def test_what_is_no_point_is_refused(tmp_path: Path, said: object) -> None:
    (remark,) = remarks_of(tmp_path, {"userStories": STORIES, "approve": said})
    assert remark.endswith("; one of story, merge, prd, or a list of them is allowed")


def test_a_story_has_no_end_of_a_prd(tmp_path: Path) -> None:
    story = {**STORIES[0], "approve": "prd"}
    (remark,) = remarks_of(tmp_path, {"userStories": [story]})
    assert remark == "error: approve is 'prd'; one of story, merge, or a list of them is allowed"

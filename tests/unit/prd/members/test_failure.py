from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.prd_files import plan_of, remarks_of

STORIES = [{"id": "US-001", "title": "a"}, {"id": "US-002", "title": "b"}]


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ({}, (None, None)),
        ({"onFailure": "rollback"}, ("rollback", None)),
        ({"on_failure": "Keep"}, ("keep", None)),
        ({"fail_fast": True}, (None, True)),
        ({"failFast": False, "on-failure": "roll_back"}, ("rollback", False)),
    ],
)
def test_what_a_prd_says_of_its_own_failure(
    tmp_path: Path, said: dict[str, object], read: tuple[str | None, bool | None]
) -> None:
    plan = plan_of(tmp_path, {"userStories": STORIES, **said})
    assert (plan.on_failure, plan.fail_fast) == read


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"onFailure": "delete"}, "error: onFailure is 'delete'; one of keep, rollback"),
        ({"onFailure": True}, "error: onFailure is true; one of keep, rollback"),
        ({"failFast": "yes"}, "error: failFast is 'yes'; true or false"),
    ],
)
def test_a_word_that_is_not_known_is_refused(
    tmp_path: Path, said: dict[str, object], told: str
) -> None:
    (remark,) = remarks_of(tmp_path, {"userStories": STORIES, **said})
    assert remark.startswith(told)

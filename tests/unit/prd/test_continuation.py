from __future__ import annotations

from prd_supervise.supervisor.prd.continuation import continuation_for
from prd_supervise.supervisor.prd.model import PlannedStory
from prd_supervise.workers.process.wire import FRAME_BYTES_MAX

STORY = PlannedStory(story_id="US-1", title="Add it", description="Do.", criteria=("a", "b"))


def said(ended: str = "the tree went down", reason: str = "", context: str = "") -> str:
    return continuation_for(
        STORY, attempt=3, verify=("make test",), ended=ended, reason=reason, context=context
    )


def test_who_goes_on_is_told_what_happened_and_not_the_story_again() -> None:
    text = said()
    assert text.startswith("# US-1: Add it, continued (attempt 3)\n")
    assert "It ended: the tree went down" in text
    assert "`make test` passed here" in text
    assert "Do." not in text
    assert "went wrong" not in text


def test_the_last_lesson_is_told_too_where_the_end_was_none() -> None:
    text = said(reason="`make test` exited with 2", context="1 failed\n")
    assert "What went wrong before that: `make test` exited with 2" in text
    assert "```\n1 failed\n```" in text
    once = said(ended="`make test` exited with 2", reason="`make test` exited with 2")
    assert once.count("`make test` exited with 2") == 1


def test_nothing_that_was_printed_breaks_out_or_is_too_long() -> None:
    assert "````\n```\nhi\n````" in said(reason="red", context="```\nhi")
    assert len(said("x" * 10**6, "y" * 10**6, "\0" * 10**6).encode()) < FRAME_BYTES_MAX // 2

"""What has to hold of every file that the PRD readers are given."""

from __future__ import annotations

from pathlib import Path

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.prd.mark import mark_done
from prd_supervise.supervisor.prd.model import Plan
from prd_supervise.supervisor.prd.read import Reading, read_file, why_no_prd
from prd_supervise.supervisor.prd.tamper import tampering

STORIES_MAX = 6
# The longest value and member that the texts of these tests have, in UTF-16.
FLAG_BYTES_MAX = 120  # of a state in UTF-16, which has two for each character


def judge(data: bytes, path: Path, *, is_sound: bool = False) -> Reading:
    """Read, mark and compare a file: nothing raises, and each mark is a mark alone.

    `is_sound`: it has to be read without a defect, and every open story of it can be marked.
    """
    path.write_bytes(data)
    reading = read_file(path)
    assert bool(reading.plans) != bool(reading.errors), reading
    assert not is_sound or not reading.errors, [str(each) for each in reading.defects]
    _judge_defects(reading, data)
    assert why_no_prd(path) in {"", "a plain list of checkboxes, to be run if it is named"} or (
        not reading.plans
    )
    assert tampering(data, data) == ()
    for plan in reading.plans:
        for story in plan.stories[:STORIES_MAX]:
            marked = mark_done(data, story.story_id, plan.part)
            if marked is None:
                assert story.is_done or not is_sound, f"{story.story_id} cannot be marked"
            else:
                assert not story.is_done
                assert_only_mark(data, marked)
                _judge_mark(plan, story.story_id, marked, path)
                assert tampering(data, marked, plan.part) == ()
                assert mark_done(marked, story.story_id, plan.part) is None
    return reading


def assert_only_mark(data: bytes, marked: bytes) -> None:
    """The files are equal but for one short piece, the flag."""
    assert data != marked
    start = 0
    while start < min(len(data), len(marked)) and data[start] == marked[start]:
        start += 1
    end = 0
    while end < min(len(data), len(marked)) - start and data[-1 - end] == marked[-1 - end]:
        end += 1
    before, after = data[start : len(data) - end], marked[start : len(marked) - end]
    assert len(before) <= FLAG_BYTES_MAX, before
    assert len(after) <= 2 * FLAG_BYTES_MAX, after


def _judge_defects(reading: Reading, data: bytes) -> None:
    # A carriage return alone ends a line of Markdown.
    lines = data.count(b"\n") + data.count(b"\r") + 1
    for defect in reading.defects:
        shown = str(defect)
        assert defect.message
        assert all(line.isprintable() for line in shown.split("\n")), shown
        assert 0 <= defect.line <= lines
        assert (defect.column > 0) == (defect.line > 0)
        assert defect.excerpt.count("\n") in {0, 1}


def _judge_mark(plan: Plan, story_id: str, marked: bytes, path: Path) -> None:
    path.write_bytes(marked)
    reading = read_file(path)
    now = next(each for each in reading.plans if each.part == plan.part)
    expected = tuple(
        replace(story, is_done=True, is_skipped=False) if story.story_id == story_id else story
        for story in plan.stories
    )
    assert now.says_as(replace(plan, stories=expected))

"""The first line of a report: how many stories are merged, and how the others stand."""

from __future__ import annotations

from collections import Counter
from enum import Enum

from ....policies.counting import counted
from ....policies.outcomes.failure import FailureType
from ...shell.status.states import AT_WORK
from ..words.times import spoken
from .reading import PrdPart, Report, StoryLine


class Standing(Enum):
    """How a story stands, for people; in the order in which they want to hear it."""

    DONE = "done"
    FAILED = "failed"
    ASKS = "waits for you"
    AT_WORK = "at work"
    WAITS = "waits"
    SKIPPED = "skipped"
    ROLLED_BACK = "rolled back"
    UNWANTED = "not wanted"


def standing_of(part: PrdPart, story: StoryLine) -> Standing:
    """How a story stands."""
    if story.is_done:
        return Standing.DONE
    if story.state == "failed":
        return Standing.FAILED
    if story.state == "rolled back":
        return Standing.ROLLED_BACK
    if story.state == "skipped":
        is_unwanted = story.failure is not None and story.failure.type in {
            "",
            FailureType.NOT_WANTED.value,
        }
        return Standing.UNWANTED if is_unwanted else Standing.SKIPPED
    if story.awaits or story.budget_used or story.is_held or part.is_held or part.budget_used:
        return Standing.ASKS
    return Standing.AT_WORK if story.state in AT_WORK else Standing.WAITS


def standings(report: Report) -> Counter[Standing]:
    """How many stories stand how."""
    return Counter(standing_of(part, each) for part in report.prds for each in part.stories)


def headline(report: Report) -> str:
    """`17 of 20 stories merged in 6 h 12 min; 2 failed, 1 waits for you`.

    What was done before, marked so in its PRD or merged on an earlier night, nobody merged now.
    """
    found = standings(report)
    asking = sum(bool(part.awaits) for part in report.prds)
    total = found.total() - found[Standing.UNWANTED]
    before = sum(each.was_done for part in report.prds for each in part.stories)
    done = found[Standing.DONE] - before
    stories = counted(total, "story")
    if not total:
        return "nothing was to be done"
    if before == total:
        text = f"all {stories} were done before" if total > 1 else "the story was done before"
    elif done == total:
        text = f"all {stories} merged" if total > 1 else "the story is merged"
    else:
        text = f"{done} of {stories} merged"
    if report.figures.wall_s:
        text += f" in {spoken(report.figures.wall_s)}"
    rest = [
        _some(before if before < total else 0, "done before"),
        _some(found[Standing.FAILED], "failed"),
        _some(found[Standing.ROLLED_BACK], "rolled back"),
        _some(found[Standing.SKIPPED], "skipped"),
        _waiting(found[Standing.ASKS] + asking, "for you"),
        _some(found[Standing.AT_WORK], "at work"),
        _waiting(found[Standing.WAITS], ""),
    ]
    said = ", ".join(filter(None, rest))
    return f"{text}; {said}" if said else text


def _some(count: int, word: str) -> str:
    return f"{count} {word}" if count else ""


def _waiting(count: int, whom: str) -> str:
    return f"{count} {'waits' if count == 1 else 'wait'} {whom}".rstrip() if count else ""

"""Stories that may run side by side and name the same files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import islice

from ..defect import Severity, quoted
from ..model import Plan, PlannedStory
from .remark import Around, Remark, is_open

PAIRS_MAX = 20  # of one PRD: who wants all of them asks `plan`
ORDERING = ("files", "hybrid")


def overlap_remarks(plan: Plan, around: Around) -> Iterable[Remark]:
    """Pairs of stories that nothing keeps apart, though they touch the same file."""
    parallel = plan.parallel
    if parallel is not None and (parallel.enabled is False or parallel.max_workers == 1):
        return
    said = parallel.inference if parallel is not None else None
    is_ordered = (said or around.inference) in ORDERING
    for first, second, path in islice(_pairs(plan.stories), PAIRS_MAX):
        todo = (
            "they run one after the other because of that; dependsOn says which one is first"
            if is_ordered
            else "write dependsOn, or the same name into mutex of both, to keep them apart"
        )
        yield Remark(
            plan=plan,
            story_id=second.story_id,
            keys=("targetFiles",),
            severity=Severity.HINT if is_ordered else Severity.WARNING,
            code="same-files",
            message=f"{first.story_id} and {second.story_id} both touch {quoted(path)}; {todo}",
        )


def _pairs(
    stories: Sequence[PlannedStory],
) -> Iterable[tuple[PlannedStory, PlannedStory, str]]:
    """The open stories next to each other on a path, where neither waits for the other."""
    before = _all_before(stories)
    bits = {story.story_id: 1 << at for at, story in enumerate(stories)}
    last: dict[str, PlannedStory] = {}
    told: set[tuple[str, str]] = set()
    for story in filter(is_open, stories):
        for path in story.files:
            other = last.get(path)
            last[path] = story
            if other is None or other is story or set(other.mutex) & set(story.mutex):
                continue
            is_apart = (
                before[story.story_id] & bits[other.story_id]
                or before[other.story_id] & bits[story.story_id]
            )
            pair = (other.story_id, story.story_id)
            if not is_apart and pair not in told:
                told.add(pair)
                yield other, story, path


def _all_before(stories: Sequence[PlannedStory]) -> dict[str, int]:
    """For each story the set of all that it waits for, as bits by their positions."""
    bits = {story.story_id: 1 << at for at, story in enumerate(stories)}
    waits = {
        story.story_id: [name for name in (*story.depends_on, *story.after) if name in bits]
        for story in stories
    }
    before = dict.fromkeys(bits, 0)
    try:
        order = list(TopologicalSorter(waits).static_order())
    except CycleError:  # told elsewhere
        return before
    for name in order:
        for other in waits[name]:
            before[name] |= before[other] | bits[other]
    return before

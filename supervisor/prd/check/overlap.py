"""Stories that may run side by side and touch the same files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import islice

from ..defect import Severity, quoted
from ..graph.scopes import meeting_point, touching
from ..model import Plan, PlannedStory
from .remark import Around, Remark, is_open

PAIRS_MAX = 20  # of one PRD: who wants all of them asks `plan`
STORIES_MAX = 10_000  # what is looked at takes the square of this, in bits
ORDERING = ("files", "hybrid")
TARGET_FILES = ("targetFiles",)


def overlap_remarks(plan: Plan, around: Around) -> Iterable[Remark]:
    """Pairs of stories that nothing keeps apart, though they can touch the same file."""
    parallel = plan.parallel
    if parallel is not None and (parallel.enabled is False or parallel.max_workers == 1):
        return
    if len(plan.stories) > STORIES_MAX:
        return
    strategy = (parallel.conflict_strategy if parallel is not None else None) or around.strategy
    if strategy == "file":
        yield from _without_locks(plan)
    said = parallel.inference if parallel is not None else None
    is_inferred = strategy != "none" and (said or around.inference) in ORDERING
    is_ordered = is_inferred or strategy == "file"
    todo = (
        "they run one after the other because of that; dependsOn says which one is first"
        if is_ordered
        else "write dependsOn, or the same name into mutex of both, to keep them apart"
    )
    for first, second in islice(_pairs(plan.stories), PAIRS_MAX):
        yield Remark(
            plan=plan,
            story_id=second.story_id,
            keys=TARGET_FILES,
            severity=Severity.HINT if is_ordered else Severity.WARNING,
            code="same-files",
            message=f"{first.story_id} and {second.story_id} both touch {_shared(first, second)}; "
            f"{todo}",
        )


def _without_locks(plan: Plan) -> Iterable[Remark]:
    """Stories that declare no files, where files are what keeps stories apart."""
    for story in islice((s for s in plan.stories if is_open(s) and not s.files), PAIRS_MAX):
        yield Remark(
            plan=plan,
            story_id=story.story_id,
            keys=TARGET_FILES,
            severity=Severity.HINT,
            code="no-files",
            message=f"{story.story_id} declares no files, so the strategy 'file' keeps nobody from "
            "running beside it; write targetFiles",
        )


def _shared(first: PlannedStory, second: PlannedStory) -> str:
    point = meeting_point(first.files, second.files)
    if point is None:
        return "the same files"
    one, other = point
    return quoted(one) if one == other else f"a path of {quoted(one)} and {quoted(other)}"


def _pairs(stories: Sequence[PlannedStory]) -> Iterable[tuple[PlannedStory, PlannedStory]]:
    """For each open story the nearest one above it that it meets, and need not wait for."""
    met = touching([story.files if is_open(story) else () for story in stories])
    if not any(each & (each - 1) for each in met):
        return
    apart = _kept_apart(stories)
    for at, story in enumerate(stories):
        above = met[at] & ~apart[at] & ((1 << at) - 1)
        if above:
            yield stories[above.bit_length() - 1], story


def _kept_apart(stories: Sequence[PlannedStory]) -> list[int]:
    """For each story those that never run beside it, as bits: by order, or by a mutex."""
    at = {story.story_id: position for position, story in enumerate(stories)}
    waits = {
        at[story.story_id]: [at[name] for name in (*story.depends_on, *story.after) if name in at]
        for story in stories
    }
    apart = [0] * len(stories)
    try:
        order = list(TopologicalSorter(waits).static_order())
    except CycleError:  # told elsewhere
        order = []
    before, behind = apart.copy(), apart.copy()
    for position in order:
        for other in waits[position]:
            before[position] |= before[other] | 1 << other
    for position in reversed(order):
        for other in waits[position]:
            behind[other] |= behind[position] | 1 << position
    holders: dict[str, int] = {}
    for position, story in enumerate(stories):
        for name in story.mutex:
            holders[name] = holders.get(name, 0) | 1 << position
    for position, story in enumerate(stories):
        apart[position] = before[position] | behind[position]
        for name in story.mutex:
            apart[position] |= holders[name]
    return apart

"""Dependencies over the border of a PRD: what the loose ends of reading mean, and their cycles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import PurePath

from msgspec import Struct

from ....policies.values import replace
from ..copies import copies
from ..defect import Defect, quoted
from ..model import LooseEnd, Plan, PlannedStory
from ..read import Reading
from .everyone import Everyone, UnknownNameError

CYCLES_MAX = 20


class _Tie(Struct, frozen=True, kw_only=True):
    """A loose end and the story that it means; both stories by their full names."""

    waiting: str
    wanted: str
    end: LooseEnd
    path: str

    def defect(self, message: str) -> Defect:
        return Defect(path=self.path, line=self.end.line, column=self.end.column, message=message)


def settled(
    plans: Sequence[Plan],
    readings: Sequence[Reading],
    others: Sequence[Plan] = (),
    flawed: Sequence[Plan] = (),
) -> tuple[tuple[Plan, ...], tuple[Defect, ...]]:
    """Tie every loose end to the story of another PRD that it means, or say why it has none.

    `plans` are those of the `readings`, called by the ids under which they run; `others` are PRDs
    that are known besides, and settled; `flawed` ones are of the readings, and have errors. Of a
    PRD that stands in two languages only one is meant.
    """
    ids = {(plan.path, plan.part): plan.prd_id for plan in plans}
    known = [plan for plan in others if plan.prd_id not in ids.values()]
    taken = {plan.prd_id for plan in (*plans, *known)}
    broken = {plan.prd_id: plan for plan in flawed if plan.prd_id not in taken}
    sources = copies(plans, lambda _: False)
    meant = [plan for at, plan in enumerate(plans) if at not in sources]
    everyone = Everyone([*meant, *known, *broken.values()])
    homes = {(plan.path, plan.part): plan.prd_id for plan in broken.values()} | ids
    ties: list[_Tie] = []
    defects: list[Defect] = []
    for reading in readings:
        path = str(reading.path)
        for end in reading.loose:
            own = homes.get((path, end.part), "")
            tie = _tied(end, path, own, everyone)
            if isinstance(tie, Defect):
                defects.append(tie)
                continue
            home = broken.get(tie.wanted.partition("/")[0])
            if home is None:
                ties.append(tie)
            elif own not in broken:  # else the file has its error already
                defects.append(tie.defect(_in_broken(end.name, home)))
    named = _with_needs(plans, ties)
    return named, (*defects, *_cycles([*named, *known], ties))


def _tied(end: LooseEnd, path: str, own: str, everyone: Everyone) -> _Tie | Defect:
    waiting = f"{own}/{end.story_id}"
    tie = _Tie(waiting=waiting, wanted="", end=end, path=path)
    try:
        wanted = everyone.find(end.name, own=own, near=end.near)
    except UnknownNameError as error:
        return tie.defect(str(error))
    if wanted == waiting:
        return tie.defect(f"story {quoted(end.story_id)} depends on itself; remove that")
    return replace(tie, wanted=wanted)


def _in_broken(name: str, home: Plan) -> str:
    return (
        f"{quoted(name)} is a story of the PRD {home.prd_id!r}, which has errors of its own; "
        f"mend {quoted(PurePath(home.path).name)} first"
    )


def _with_needs(plans: Sequence[Plan], ties: Iterable[_Tie]) -> tuple[Plan, ...]:
    wanted: dict[str, list[str]] = {}
    for tie in ties:
        wanted.setdefault(tie.waiting, []).append(tie.wanted)
    return tuple(
        replace(plan, stories=tuple(_with_more(plan, story, wanted) for story in plan.stories))
        if any(f"{plan.prd_id}/{story.story_id}" in wanted for story in plan.stories)
        else plan
        for plan in plans
    )


def _with_more(plan: Plan, story: PlannedStory, wanted: Mapping[str, list[str]]) -> PlannedStory:
    more = wanted.get(f"{plan.prd_id}/{story.story_id}")
    if more is None:
        return story
    # A full name may also mean a story of the same PRD.
    own = f"{plan.prd_id}/"
    inside = [name.removeprefix(own) for name in more if name.startswith(own)]
    outside = [name for name in more if not name.startswith(own)]
    return replace(
        story,
        depends_on=tuple(dict.fromkeys((*story.depends_on, *inside))),
        needs=tuple(dict.fromkeys((*story.needs, *outside))),
    )


def _cycles(plans: Sequence[Plan], ties: Sequence[_Tie]) -> Iterable[Defect]:
    """Find the cycles that a loose end closes: all others are found when a PRD is read."""
    if not ties:
        return
    ranks: dict[str, tuple[float, int]] = {}
    waits: dict[str, list[str]] = {}
    for plan in plans:
        for story in plan.stories:
            name = f"{plan.prd_id}/{story.story_id}"
            ranks[name] = (story.rank, len(ranks))
            inside = [f"{plan.prd_id}/{other}" for other in (*story.depends_on, *story.after)]
            waits[name] = list(dict.fromkeys((*inside, *story.needs)))
    tied = {(tie.waiting, tie.wanted): tie for tie in ties}
    for _ in range(CYCLES_MAX):
        try:
            TopologicalSorter(waits).prepare()
        except CycleError as error:
            ring = error.args[1][::-1]
            steps = list(pairwise(ring))
            ours = [step for step in steps if step in tied]
            # The least urgent story is the one to give way.
            weakest = max(ours or steps, key=lambda step: ranks[step[0]])
            waits[weakest[0]].remove(weakest[1])
            if ours:
                yield tied[weakest].defect(_told(steps, weakest, tied[weakest].end))
        else:
            return


def _told(steps: Sequence[tuple[str, str]], weakest: tuple[str, str], end: LooseEnd) -> str:
    at = steps.index(weakest)
    way = [weakest[0], *(wanted for _, wanted in (*steps[at:], *steps[:at]))]
    return (
        f"stories of several PRDs wait for each other: {' -> '.join(way)}; "
        f"remove {quoted(end.name)} from the dependencies of {weakest[0]}"
    )

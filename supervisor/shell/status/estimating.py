"""How long what is left will take, by what stories have taken so far.

It is an honest guess: none before a story is done, none for what waits for a person. A story takes
as long as those of its PRD usually do, else as all of them, tries that come to nothing included.
"""

from __future__ import annotations

from collections.abc import Sequence

from ....policies.values import replace
from ...prd.graph.rehearsal import Places, endings
from ...prd.graph.remaining import Key, graph_of
from ...prd.model import Plan, PlannedStory
from .document import AT_WORK, PrdStatus, StatusDocument, StoryStatus
from .states import is_done

QUEUED = "queued"
LEFT_MIN = 0.1  # of a usual story, or of what it took where that is longer already
WORKERS = 3  # of a PRD whose supervisor has not begun
_FIRST = float("-inf")  # the rank of what runs already


def rest_s(document: StatusDocument, plans: Sequence[Plan], now: float) -> dict[str, float]:
    """The seconds until each PRD that runs or waits for its turn is done, and "" for all of them.

    It has no entry for what cannot be known.
    """
    prds = {prd.id: prd for prd in document.prds if prd.state in {AT_WORK, QUEUED}}
    usual = _usual(document.prds)
    left = [_left(plan, prds[plan.prd_id]) for plan in plans if plan.prd_id in prds]
    graph = graph_of(left)
    stories = {(prd.id, story.id): story for prd in prds.values() for story in prd.stories}
    parked_s = {each.agent: each.until - now for each in document.agents if each.until}
    at_work = {prd_id for prd_id, prd in prds.items() if _is_at_work(prd)}
    lasts: dict[Key, float] = {}
    for key in graph.stories:
        takes = usual.get(key[0], usual.get(""))
        if takes is None:
            return {}
        story = stories.get(key)
        lasts[key] = _rest_of(story, takes, now)
        if key[0] in at_work and story is not None and not _runs(story):
            lasts[key] += parked_s.get(story.agent or "", 0.0)
    places = Places(
        prds=document.root.max_prds or 0,
        agents=document.root.api_limit or 0,
        workers={
            prd.id: WORKERS if prd.max_workers is None else prd.max_workers for prd in prds.values()
        },
    )
    until_s = max(parked_s.values(), default=0.0)  # another agent than that one may go on
    found: dict[str, float] = {}
    for (prd_id, _), at_s in endings(graph, lasts, places).items():
        found[prd_id] = max(found.get(prd_id, 0.0), at_s)
    found = {
        prd_id: seconds + (0.0 if prd_id in at_work else until_s)
        for prd_id, seconds in found.items()
        if not prds[prd_id].held and not prds[prd_id].awaits
    }
    return found | {"": max(found.values())} if found else {}


def _usual(prds: Sequence[PrdStatus]) -> dict[str, float]:
    """How long a story of each PRD takes, and of any under ""; nothing where none is done."""
    measured = [(prd.id, story) for prd in prds for story in prd.stories if _is_measured(story)]
    if not measured:
        return {}
    tries = sum(story.attempt for _, story in measured) / len(measured)
    took: dict[str, list[float]] = {}
    for prd_id, story in measured:
        for name in (prd_id, ""):
            took.setdefault(name, []).append(_took_s(story))
    return {name: tries * _median(each) for name, each in took.items()}


def _median(values: Sequence[float]) -> float:
    """The library's module would cost more to import than all else here."""
    ordered, middle = sorted(values), len(values) // 2
    return (ordered[middle] + ordered[-middle - 1]) / 2


def _is_measured(story: StoryStatus) -> bool:
    is_known = story.since is not None and story.attempt_since is not None
    return is_done(story.state) and is_known and story.attempt > 0


def _took_s(story: StoryStatus) -> float:
    return max(0.0, (story.since or 0.0) - (story.attempt_since or 0.0))


def _left(plan: Plan, prd: PrdStatus) -> Plan:
    """The plan with what has become of its stories; what runs goes first."""
    told = {story.id: story for story in prd.stories}
    return replace(
        plan, stories=tuple(_as_told(each, told.get(each.story_id)) for each in plan.stories)
    )


def _as_told(planned: PlannedStory, told: StoryStatus | None) -> PlannedStory:
    if told is None:
        return planned
    return replace(
        planned,
        is_done=is_done(told.state),
        is_skipped=told.state in {"failed", "skipped"} or told.held,
        rank=_FIRST if _runs(told) else planned.rank,
    )


def _rest_of(story: StoryStatus | None, usual_s: float, now: float) -> float:
    if story is None or story.attempt_since is None or not _runs(story):
        return usual_s
    took_s = max(0.0, now - story.attempt_since)
    return max(usual_s - took_s, LEFT_MIN * max(usual_s, took_s))


def _runs(story: StoryStatus) -> bool:
    return bool(story.worktree) and story.state != "failed"


def _is_at_work(prd: PrdStatus) -> bool:
    return any(_runs(story) for story in prd.stories)

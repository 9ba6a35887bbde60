"""PRDs that need each other's stories: who is told what, and who waits without a place.

A PRD that can only wait, for others, for agents or for people, takes none of the places of
`max_prds`. What would let it go on is told to it when a place is free, a person's word at once.
PRDs that wait for each other in a ring are told that nobody will come.
"""

from __future__ import annotations

from ....policies.approval import EVERYTHING_WAITS
from ....policies.scheduling.admission import free_places
from ....policies.values import replace
from ....workers.messages.prd import Standing, StoryElsewhere
from .needs import Needy, knotted, owner_of, with_needy
from .records import PrdState
from .state import Root
from .turn import RootTurn
from .words import PassOn

WAITING_MAX = 8  # PRDs that wait for agents or people: each costs memory
_SETTLED = {
    PrdState.COMPLETED: "is complete without it",
    PrdState.FAILED: "has failed: `prd-supervise resume --retry` tries again",
    PrdState.STOPPED: "is stopped: `prd-supervise resume {prd_id}` goes on",
}
_LOST = {
    "failed": "which failed",
    "skipped": "which is skipped",
    "rolled back": "which was rolled back",
}


def places(root: Root) -> int | None:
    """How many more PRDs may be at work; None: as many as there are."""
    at_work = [each for each in root.supervisor.children if not root.needs.waits(each.child_id)]
    idle = root.needs.agents.keys() | root.needs.people
    too_many = max(0, len(idle) - WAITING_MAX)
    return free_places(len(at_work) + too_many, root.max_prds)


def waits_for_people(root: Root) -> str:
    """Why nothing goes on, where everything that is at work waits for a person."""
    at_work = [child.child_id for child in root.supervisor.children]
    if not at_work or any(prd_id not in root.needs.people for prd_id in at_work):
        return ""
    return EVERYTHING_WAITS


def tell(turn: RootTurn) -> None:
    """Tell every PRD what is new of the stories that it needs."""
    if not turn.root.needs.needy:
        return
    _untie(turn)
    for entry in turn.root.entries:
        needy = turn.root.needs.needy.get(entry.prd_id)
        if needy is not None:
            _tell(turn, entry.prd_id, needy)


def awaited(root: Root) -> frozenset[str]:
    """The PRDs that others wait for: they go first."""
    waiting = (needy.waiting.needs for needy in root.needs.needy.values())
    return frozenset(owner_of(need) for needs in waiting for need in needs)


def _tell(turn: RootTurn, prd_id: str, needy: Needy) -> None:
    now = [_standing(turn.root, prd_id, need) for need in needy.needs]
    news = {word.need: word for word in now if needy.told.get(word.need) != word}
    wakes = {need for need in needy.waiting.needs if need in news and _is_done(news[need])}
    if wakes and places(turn.root) == 0:
        news = {need: word for need, word in news.items() if need not in wakes}
    elif wakes:
        needy = replace(needy, waiting=replace(needy.waiting, needs=()))
    if news:
        needy = replace(needy, told={**needy.told, **news})
        turn.root = replace(turn.root, needs=with_needy(turn.root.needs, prd_id, needy))
        for word in news.values():
            turn.do(PassOn(prd_id=prd_id, order=word))


def _is_done(word: StoryElsewhere) -> bool:
    return word.standing is Standing.DONE


def _standing(root: Root, prd_id: str, need: str) -> StoryElsewhere:
    """How a need stands for this PRD."""
    if root.needs.is_done(need):
        return StoryElsewhere(need=need, standing=Standing.DONE)
    why = _why_lost(root, prd_id, need)
    standing = Standing.LOST if why else Standing.OPEN
    return StoryElsewhere(need=need, standing=standing, why=why)


def _why_lost(root: Root, prd_id: str, need: str) -> str:
    standing, state = root.needs.of(need)
    owner = root.entry(owner_of(need))
    if standing is Standing.LOST:
        return _LOST.get(state, "which will not be done")
    if owner is None:
        return f"and {owner_of(need)} is not being run: start it too"
    if owner.state in _SETTLED:
        return f"and {owner.prd_id} {_SETTLED[owner.state].format(prd_id=owner.prd_id)}"
    if need in root.needs.needy[prd_id].knots:
        return f"which waits for {prd_id} in turn"
    return ""


def _untie(turn: RootTurn) -> None:
    """PRDs that wait for each other alone are told that it is in vain: the night has to end."""
    root = turn.root
    held = frozenset(prd_id for prd_id, story_id in root.holds if not story_id)
    for prd_id in sorted(knotted(root.needs, held)):
        needy = turn.root.needs.needy[prd_id]
        knots = needy.knots | set(needy.waiting.needs)
        tied = with_needy(turn.root.needs, prd_id, replace(needy, knots=knots))
        turn.root = replace(turn.root, needs=tied)

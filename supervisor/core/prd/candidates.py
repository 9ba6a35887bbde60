"""Stories as the schedule sees them: who may begin now, and who stands in whose way."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from ....policies.scheduling.schedule import Candidate, ready
from ....policies.values import replace
from .growth import kindest_first
from .memory import StoryState
from .state import Prd, Story, worker_of
from .train.speculation import on_the_way
from .turn import is_kept_back, places, running

_COLLIDED = "conflict in "
_ALONE = "the place of who goes alone"  # a mutex of everybody's


def candidate_of(story: Story) -> Candidate:
    """A story as the schedule sees it."""
    return Candidate(
        story_id=story.story_id,
        depends_on=story.depends_on,
        after=story.after,
        mutex=_mutex_of(story),
        rank=story.rank,
        not_before_s=story.not_before_s,
        is_stuck=is_kept_back(story),
    )


def _mutex_of(story: Story) -> tuple[str, ...]:
    """The names that it holds while it runs.

    Two whose work did not fit in at one place change that again: side by side, one would be in
    vain. What a story will be under its new words counts while it runs under the old ones.
    """
    planned = () if story.planned is None else story.planned.mutex
    collided = tuple(f"{_COLLIDED}{place}" for place in story.memory.collided)
    return (*story.mutex, *planned, *collided)


def undecided(prd: Prd) -> tuple[Candidate, ...]:
    """The stories that could still start."""
    return tuple(
        candidate_of(story)
        for story in prd.stories
        if story.memory.state is StoryState.PENDING and story.run is None
    )


def startable(prd: Prd, now_s: float) -> tuple[str, ...]:
    """The stories that may begin now, the most urgent first."""
    found = undecided(prd)
    if not found:
        return ()
    done = {each.story_id for each in prd.stories if each.memory.state is StoryState.DONE}
    alive = {child.child_id for child in prd.workers.children}
    able = tuple(
        replace(each, not_before_s=math.inf) if worker_of(each.story_id) in alive else each
        for each in _mender_first(prd, on_the_way(prd, found))
    )
    at_work = tuple(candidate_of(each) for each in running(prd))
    worn = {
        each.story_id
        for each in prd.stories
        if each.memory.goes_alone or (prd.is_service and each.memory.is_suspect)
    }
    if worn and prd.mender is None:
        in_question = (*ready(able, done, now_s), *(each.story_id for each in at_work))
        if not worn.isdisjoint(in_question):
            able, at_work = _worn_first(able, worn), _worn_first(at_work, worn)
    return kindest_first(prd, ready(able, done, now_s, at_work))


def _worn_first(candidates: Sequence[Candidate], worn: Collection[str]) -> tuple[Candidate, ...]:
    """Who lost the race again and again goes before the others, and then alone.

    So does who may have brought everything down: that is to cost nobody else an attempt.
    """
    return tuple(
        replace(
            each,
            mutex=(*each.mutex, _ALONE),
            rank=-math.inf if each.story_id in worn else each.rank,
        )
        for each in candidates
    )


def _mender_first(prd: Prd, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Where the branch is red, others wait for the story that mends it."""
    name = "" if prd.mender is None else prd.mender.story_id
    return tuple(
        replace(each, rank=-math.inf) if each.story_id == name else each for each in candidates
    )


def may_begin_beside(prd: Prd, story: Story, now_s: float) -> bool:
    """Say whether nobody at work keeps the story from beginning, sooner or later."""
    alone = replace(candidate_of(story), not_before_s=now_s)
    at_work = [candidate_of(each) for each in running(prd)]
    is_free = bool(ready((alone,), alone.depends_on, now_s, at_work))
    return is_free and places(prd) > 0

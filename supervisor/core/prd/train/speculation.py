"""Starting from a merge that nobody has verified yet: what may, and on what it rests."""

from __future__ import annotations

from collections.abc import Sequence

from .....policies.scheduling.schedule import Candidate
from .....policies.values import replace
from ..memory import StoryState
from ..state import Prd, Story
from .train import format_of


def merges_under_way(prd: Prd) -> dict[str, str]:
    """The stories aboard the train that is being verified, in order, each with its merge.

    One that is still to be formatted will be another commit.
    """
    if not prd.merging.speculate or prd.train is None:
        return {}
    formatted = format_of(prd.train)
    cars = prd.train.cars[:-1] if formatted is not None else prd.train.cars
    return {car.story_id: car.commit for car in cars if car.commit}


def on_the_way(prd: Prd, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates, waiting no longer for what is aboard if they may start from there.

    One that has work of its own already stays on the base that it has.
    """
    merges = merges_under_way(prd)
    if not merges:
        return tuple(candidates)
    found = []
    for each in candidates:
        story = prd.story(each.story_id)
        is_new = story is not None and not (story.memory.base or story.memory.is_claimed)
        left = tuple(name for name in each.depends_on if name not in merges) if is_new else None
        found.append(each if left is None else replace(each, depends_on=left))
    return tuple(found)


def ground_of(prd: Prd, story: Story) -> str:
    """The merge that a story would start from; empty: the branch has all that it needs."""
    merges = merges_under_way(prd)
    done = {each.story_id for each in prd.stories if each.memory.state is StoryState.DONE}
    needed = [name for name in merges if name in story.depends_on and name not in done]
    return merges[needed[-1]] if needed else ""

"""Stages: the stories of one wait for those of the stage before it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from ....policies.values import replace
from ..model import PlannedStory
from .draft import Draft

# Every story of a stage waits for every one of the stage before: two stages of 447 stories.
EDGES_MAX = 200_000


def staged(stories: Sequence[PlannedStory], draft: Draft) -> tuple[PlannedStory, ...]:
    """The stories of a draft with the edges that its stages mean."""
    members: dict[int, list[str]] = {}
    for story, each in zip(stories, draft.stories, strict=True):
        if each.stage is not None:
            members.setdefault(each.stage, []).append(story.story_id)
    order = sorted(members)
    before = {stage: tuple(members[last]) for last, stage in pairwise(order)}
    edges = sum(len(names) * len(members[stage]) for stage, names in before.items())
    if edges > EDGES_MAX:
        draft.record.findings.add(
            draft.record.where,
            f"the stages of this PRD mean {edges} dependencies; {EDGES_MAX} are allowed, "
            "split the PRD",
        )
        return tuple(stories)
    return tuple(
        _waiting(story, before.get(each.stage, ()), is_bound=each.stage_binds)
        if each.stage is not None
        else story
        for story, each in zip(stories, draft.stories, strict=True)
    )


def _waiting(story: PlannedStory, names: tuple[str, ...], *, is_bound: bool) -> PlannedStory:
    if is_bound:
        return replace(story, depends_on=tuple(dict.fromkeys((*story.depends_on, *names))))
    known = {*story.depends_on, *story.after, story.story_id}
    more = tuple(name for name in names if name not in known)
    return replace(story, after=(*story.after, *more))

"""What a story that waits is waiting for in its own plan: nobody else says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ....policies.values import replace
from ...prd.model import Plan, PlannedStory
from .document import PrdStatus, StatusDocument, StoryStatus
from .states import is_done

NAMED_MAX = 5
_WAITING = ("waiting", "queued")


def with_waits(document: StatusDocument, plans: Sequence[Plan]) -> StatusDocument:
    """The document with a reason for each story that waits for others, and has no better one."""
    of = {plan.prd_id: plan for plan in plans}
    done = {
        f"{prd.id}/{story.id}"
        for prd in document.prds
        for story in prd.stories
        if is_done(story.state)
    }
    prds = tuple(
        _with_waits(prd, of[prd.id], done) if prd.id in of else prd for prd in document.prds
    )
    return replace(document, prds=prds)


def _with_waits(prd: PrdStatus, plan: Plan, done: set[str]) -> PrdStatus:
    planned = {story.story_id: story for story in plan.stories}
    return replace(prd, stories=tuple(_told(prd.id, story, planned, done) for story in prd.stories))


def _told(
    prd_id: str, story: StoryStatus, planned: Mapping[str, PlannedStory], done: set[str]
) -> StoryStatus:
    if story.state not in _WAITING or story.reason or story.id not in planned:
        return story
    names = [
        name for name, whole in _needs(prd_id, planned[story.id], planned) if whole not in done
    ]
    if not names:
        return story
    more = f" and {len(names) - NAMED_MAX} more" if len(names) > NAMED_MAX else ""
    return replace(story, reason=f"waits for {', '.join(names[:NAMED_MAX])}{more}")


def _needs(
    prd_id: str, story: PlannedStory, planned: Mapping[str, PlannedStory]
) -> Iterator[tuple[str, str]]:
    """What it needs, as it is written and whole."""
    own = (name for name in story.depends_on if name in planned)
    yield from ((name, f"{prd_id}/{name}") for name in own)
    yield from ((name, name) for name in story.needs)

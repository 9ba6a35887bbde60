"""Whether a PRD has anything left to do, as its document reads today."""

from __future__ import annotations

from ...prd.model import Plan, PlannedStory
from ..board import Row
from ..status.states import is_done
from .accepted import terms_of


def is_finished(plan: Plan, row: Row | None, accepted: Plan | None) -> bool:
    """Say whether every story is done, by the document's own word or by ours.

    What we did counts under the words by which it was judged: `accepted` is the plan of then.
    """
    views = {} if row is None else row.stories
    ours = {story_id for story_id, view in views.items() if is_done(view.state)}
    then = {story.story_id: story for story in (accepted.stories if accepted is not None else ())}
    return all(
        story.is_done
        or story.is_skipped
        or (story.story_id in ours and not _is_judged_otherwise(then.get(story.story_id), story))
        for story in plan.stories
    )


def _is_judged_otherwise(then: PlannedStory | None, now: PlannedStory) -> bool:
    return then is not None and terms_of(then).judged != terms_of(now).judged

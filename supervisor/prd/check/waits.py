"""Dependencies that can be read, and still are not what somebody wants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..defect import Severity
from ..members.dependencies import DEPENDS
from ..model import Plan, PlannedStory
from .remark import Remark, is_open


def wait_remarks(plans: Sequence[Plan]) -> Iterable[Remark]:
    """Stories that need one that will not be done, and done ones whose need is open."""
    everywhere = {
        f"{plan.prd_id}/{story.story_id}": story for plan in plans for story in plan.stories
    }
    for plan in plans:
        for story in plan.stories:
            yield from _of_story(plan, story, everywhere)


def _of_story(
    plan: Plan, story: PlannedStory, everywhere: Mapping[str, PlannedStory]
) -> Iterable[Remark]:
    wanted = (*(f"{plan.prd_id}/{name}" for name in story.depends_on), *story.needs)
    for name in wanted:
        other = everywhere.get(name)
        if other is None:
            continue
        shown = name.removeprefix(f"{plan.prd_id}/")
        if is_open(story) and other.is_skipped:
            yield Remark(
                plan=plan,
                story_id=story.story_id,
                keys=DEPENDS,
                code="needs-skipped",
                message=f"{story.story_id} needs {shown!r}, which is not to be done, and is "
                "skipped with it; remove that dependency, or open the other story again",
            )
        elif story.is_done and is_open(other):
            yield Remark(
                plan=plan,
                story_id=story.story_id,
                keys=DEPENDS,
                severity=Severity.HINT,
                code="done-before",
                message=f"{story.story_id} is marked as done and needs {shown!r}, which is not; "
                "look whether both are true",
            )

"""What can show that a story is done: acceptance criteria, and verify commands."""

from __future__ import annotations

from collections.abc import Iterable

from ..defect import Severity, quoted
from ..members.criteria import CRITERIA
from ..model import Plan, PlannedStory
from .remark import Around, Remark, is_open, named
from .runnable import command_in


def evidence_remarks(plan: Plan, around: Around) -> Iterable[Remark]:
    """Stories without criteria, stories that no command verifies, criteria that are commands."""
    yield from _without_criteria(plan)
    yield from _without_commands(plan, around)
    for story in filter(is_open, plan.stories):
        yield from _runnable_criteria(plan, story, around)


def _without_criteria(plan: Plan) -> Iterable[Remark]:
    still = [story for story in plan.stories if is_open(story)]
    bare = [story for story in still if not story.criteria]
    todo = "say in acceptanceCriteria what is true when it is done"
    if len(bare) > 1 and len(bare) == len(still):  # it is the PRD's way: once is enough
        yield Remark(
            plan=plan,
            code="no-criteria",
            message=f"none of its {len(bare)} open stories has acceptance criteria; {todo}",
        )
        return
    for story in bare:
        yield Remark(
            plan=plan,
            story_id=story.story_id,
            code="no-criteria",
            message=f"story {quoted(story.story_id)} has no acceptance criteria; {todo}",
        )


def _without_commands(plan: Plan, around: Around) -> Iterable[Remark]:
    bare = [
        story.story_id
        for story in plan.stories
        if is_open(story) and _commands(plan, story, around) == ()
    ]
    if bare:
        yield Remark(
            plan=plan,
            code="unverified",
            message=f"no verify command for {named(bare)}; write one as 'verify' of the story or "
            "of the PRD, or as commands under [verify] of the configuration: else it ends as "
            "'done (unverified)'",
        )


def _runnable_criteria(plan: Plan, story: PlannedStory, around: Around) -> Iterable[Remark]:
    run = _commands(plan, story, around) or story.checks
    for at, criterion in enumerate(story.criteria):
        command = command_in(criterion)
        if command and not any(command in each for each in run):
            yield Remark(
                plan=plan,
                story_id=story.story_id,
                keys=CRITERIA,
                item=at,
                severity=Severity.HINT,
                code="runnable-criterion",
                message=f"{quoted(command)} looks like a command, and nothing runs it; "
                "write it into 'verify' of the story or of the PRD to have it run",
            )


def _commands(plan: Plan, story: PlannedStory, around: Around) -> tuple[str, ...] | None:
    said = (commands for commands in (story.verify, plan.verify) if commands is not None)
    commands = next(said, around.verify)
    return commands if commands is None else (*commands, *story.checks)

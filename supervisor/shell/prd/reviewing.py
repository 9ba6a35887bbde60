"""The prompt of a reviewer, of the plan's words and what the work has come to."""

from __future__ import annotations

from ...core.prd.words import StartReview
from ...prd.model import Plan, PlannedStory
from ...prd.prompt.review import Shown, prompt_for_review


def review_prompt(plan: Plan, story: PlannedStory, command: StartReview, own: str) -> str:
    """Render it; `own` is what the user has every reviewer told."""
    run = command.run
    commands = () if run is None else tuple((each.command, each.exit_code) for each in run.commands)
    shown = Shown(
        code=command.code,
        diff=command.work.diff,
        left_out=command.work.left_out,
        commands=commands,
        was_red=command.was_red,
        tampering=command.tampering,
        remarks=command.remarks,
        own=own,
    )
    return prompt_for_review(plan, story, shown)

"""Agents, roles and models that PRDs name, and that are not as they think."""

from __future__ import annotations

from collections.abc import Iterable

from ....workers.messages.agents import AgentRules
from ..choosing import choices_of, is_known
from ..defect import Severity, advice, quoted
from ..members.story import MODEL
from ..model import Plan, PlannedStory
from .remark import Around, Remark, is_open, named

AGENT = ("agent",)


def agent_remarks(plan: Plan, around: Around) -> Iterable[Remark]:
    """Names that nobody bears, and models that those who work do not have: something else works."""
    rules = around.agents
    if rules is None:
        return
    if plan.agent and not is_known(plan.agent, rules):
        yield _unknown(plan, plan.agent, rules)
    still = [story for story in plan.stories if is_open(story)]
    for story in still:
        if story.agent and not is_known(story.agent, rules):
            yield _unknown(plan, story.agent, rules, story.story_id)
    yield from _models(plan, still, rules)


def _unknown(plan: Plan, name: str, rules: AgentRules, story_id: str = "") -> Remark:
    names = [*(each.name for each in rules.specs), *(each.name for each in rules.roles)]
    works = "the PRD's" if story_id and plan.agent else "the configuration's"
    return Remark(
        plan=plan,
        story_id=story_id,
        keys=AGENT,
        severity=Severity.HINT,
        code="unknown-agent",
        message=f"{quoted(name)} is neither an agent nor a role here, and {works} works instead; "
        f"{advice(name, names)}",
    )


def _models(plan: Plan, stories: Iterable[PlannedStory], rules: AgentRules) -> Iterable[Remark]:
    """Once for all stories that one model is asked for in vain."""
    found: dict[tuple[str, str], list[str]] = {}
    for story in stories:
        wanted = story.model or plan.model
        choice = choices_of(story, plan, rules)[0]
        if wanted and not choice.is_wish and not rules.has_model:
            found.setdefault((wanted, choice.agent), []).append(story.story_id)
    for (wanted, agent), story_ids in found.items():
        model = rules.spec(agent).model or "the model of its own choice"
        yield Remark(
            plan=plan,
            story_id=story_ids[0],
            keys=MODEL,
            severity=Severity.HINT,
            code="other-model",
            message=f"{quoted(wanted)} is no model of {agent}, which works on {named(story_ids)} "
            f"with {model}; say what it calls that under [agents.{agent}.models]",
        )

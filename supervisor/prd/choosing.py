"""Who works on a story, with which model: what the PRD asks for, by what is set here.

Pure: the command line goes before the story, the story before its PRD, and that before the
configuration. A model is given to an agent only if it is one of its.
"""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from ...policies.scheduling.complexity import level_of
from ...workers.messages.agents import AgentRules, AgentSpec, Choice, Role
from .model import Plan, PlannedStory


def choices_of(story: PlannedStory, plan: Plan, rules: AgentRules) -> tuple[Choice, ...]:
    """The agents for a story, the best first: its own, then those that may take over from it.

    Where it has one of its own, the agent that usually works is the first to take over.
    """
    own = _agent_of(story, plan, rules)
    chain = (own, *((rules.used, *rules.fallback) if rules.fallback else ()))
    return tuple(_choice(name, story, plan, rules) for name in dict.fromkeys(chain))


def role_of(story: PlannedStory, plan: Plan, rules: AgentRules) -> Role | None:
    """The role in which a story is worked on; the command line chooses who does, not as what."""
    return next(filter(None, (rules.role(name) for name in (story.agent, plan.agent))), None)


def is_known(name: str, rules: AgentRules) -> bool:
    """Say whether a PRD's `agent` names an agent or a role that there is."""
    return rules.has_agent(name) or rules.role(name) is not None


def _agent_of(story: PlannedStory, plan: Plan, rules: AgentRules) -> str:
    if rules.is_insisted:
        return rules.used
    for name in filter(None, (story.agent, plan.agent)):
        if rules.has_agent(name):
            return name
        role = rules.role(name)
        if role is not None and role.agent:
            return role.agent
    return rules.used


def _choice(name: str, story: PlannedStory, plan: Plan, rules: AgentRules) -> Choice:
    spec = rules.spec(name)
    if rules.has_model and name == rules.used:
        return Choice(agent=name, model=rules.model)
    for wanted, is_wish in _wanted(spec, story, plan, rules):
        model = _its_own(wanted, spec)
        if model:
            return Choice(agent=name, model=model, is_wish=is_wish)
    return Choice(agent=name, model=spec.model)


def _wanted(
    spec: AgentSpec, story: PlannedStory, plan: Plan, rules: AgentRules
) -> Iterator[tuple[str, bool]]:
    """The models that are asked for, the nearest word first; and whether it is a PRD's wish."""
    if rules.has_model:
        yield rules.model, False
    role = role_of(story, plan, rules)
    yield story.model, True
    yield role.model if role is not None else "", True
    yield plan.model, True
    yield _by_complexity(spec, story), True


def _by_complexity(spec: AgentSpec, story: PlannedStory) -> str:
    models = {level_of(word): model for word, model in spec.models if level_of(word)}
    return models.get(story.complexity, "") if story.complexity else ""


def _its_own(wanted: str, spec: AgentSpec) -> str:
    """What this agent calls a model that is asked for; empty if it is none of its."""
    if not wanted:
        return ""
    name = wanted.casefold()
    for alias, model in spec.models:
        if name in {alias.casefold(), model.casefold()}:
            return model
    return wanted if any(fnmatchcase(name, glob) for glob in spec.fits) else ""

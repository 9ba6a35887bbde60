"""Who works on a story: what is asked for, by what is set."""

from __future__ import annotations

from typing import Any

import pytest

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.prd.choosing import choices_of, is_known, role_of
from prd_supervise.supervisor.prd.model import Plan, PlannedStory
from prd_supervise.workers.messages.agents import AgentRules, AgentSpec, Choice, Role

CLAUDE = AgentSpec(
    name="claude",
    model="sonnet",
    models=(("low", "haiku"), ("high", "opus"), ("gpt-5", "opus")),
    fits=("claude-*", "opus*", "sonnet*", "haiku*"),
)
CODEX = AgentSpec(name="codex", fits=("gpt-*", "o[0-9]*"))
WORK = AgentSpec(name="work", kind="claude", model="opus", fits=CLAUDE.fits)
RULES = AgentRules(
    specs=(CLAUDE, CODEX, WORK, AgentSpec(name="command")),
    use="claude",
    roles=(
        Role(name="backend", agent="codex", model="gpt-5"),
        Role(name="writer", model="opus"),
    ),
)
STORY = PlannedStory(story_id="A", title="a")
PLAN = Plan(prd_id="P", title="p", path="/p.json", stories=(STORY,))


def chosen(
    rules: AgentRules = RULES,
    *,
    agent: str = "",
    model: str = "",
    **story: Any,  # noqa: ANN401  members of a story
) -> list[tuple[str, str]]:
    """Who works on a story that says this, in a PRD that names this agent and model."""
    plan = replace(PLAN, agent=agent, model=model)
    told = {name.removeprefix("own_"): value for name, value in story.items()}
    found = choices_of(replace(STORY, **told), plan, rules)
    return [(choice.agent, choice.model) for choice in found]


@pytest.mark.parametrize(
    ("said", "agent", "model"),
    [
        ({}, "claude", "sonnet"),
        ({"own_agent": "codex"}, "codex", ""),
        ({"own_agent": "work"}, "work", "opus"),
        ({"agent": "codex"}, "codex", ""),
        ({"agent": "codex", "own_agent": "claude"}, "claude", "sonnet"),
        ({"own_agent": "nobody"}, "claude", "sonnet"),
        ({"own_agent": "nobody", "agent": "codex"}, "codex", ""),
        # a role: its agent, its model; the story's own model goes before
        ({"own_agent": "backend"}, "codex", "gpt-5"),
        ({"own_agent": "backend", "own_model": "o4-mini"}, "codex", "o4-mini"),
        ({"agent": "backend"}, "codex", "gpt-5"),
        ({"own_agent": "writer"}, "claude", "opus"),
        ({"own_agent": "writer", "agent": "codex"}, "codex", ""),
        # a model goes to an agent only if it is one of its, or has a name there
        ({"own_model": "haiku"}, "claude", "haiku"),
        ({"own_model": "Opus-4.5"}, "claude", "Opus-4.5"),
        ({"own_model": "gpt-5"}, "claude", "opus"),
        ({"own_model": "gemini-2.5-pro"}, "claude", "sonnet"),
        ({"own_agent": "codex", "own_model": "opus"}, "codex", ""),
        ({"own_agent": "command", "own_model": "anything"}, "command", "anything"),
        ({"model": "haiku"}, "claude", "haiku"),
        ({"model": "haiku", "own_model": "opus"}, "claude", "opus"),
        # how hard it is decides where nobody names a model
        ({"own_complexity": "low"}, "claude", "haiku"),
        ({"own_complexity": "medium"}, "claude", "sonnet"),
        ({"own_complexity": "high", "own_model": "haiku"}, "claude", "haiku"),
        ({"own_complexity": "high", "own_agent": "codex"}, "codex", ""),
    ],
)
def test_a_story_gets_the_agent_and_the_model_that_it_asks_for(
    said: dict[str, Any], agent: str, model: str
) -> None:
    assert chosen(**said) == [(agent, model)]


def test_the_command_line_goes_before_the_prd() -> None:
    insisted = replace(RULES, use="codex", is_insisted=True)
    assert chosen(insisted, own_agent="work") == [("codex", "")]
    with_model = replace(insisted, model="mine", has_model=True)
    assert chosen(with_model, own_model="o3", own_complexity="high") == [("codex", "mine")]


def test_those_that_take_over_have_models_of_their_own() -> None:
    rules = replace(RULES, fallback=("codex", "work"))
    assert chosen(rules, own_model="haiku") == [
        ("claude", "haiku"),
        ("codex", ""),
        ("work", "haiku"),
    ]
    assert chosen(rules, own_model="gpt-5.5") == [
        ("claude", "sonnet"),
        ("codex", "gpt-5.5"),
        ("work", "opus"),
    ]


def test_who_usually_works_takes_over_first_from_an_agent_that_a_story_names() -> None:
    rules = replace(RULES, fallback=("codex",))
    assert [name for name, _ in chosen(rules, own_agent="work")] == ["work", "claude", "codex"]
    assert [name for name, _ in chosen(rules, own_agent="codex")] == ["codex", "claude"]
    assert [name for name, _ in chosen(own_agent="work")] == ["work"]


def test_a_choice_says_whether_its_model_is_a_wish_of_the_prd() -> None:
    story = replace(STORY, model="opus")
    rules = replace(RULES, fallback=("codex",))
    assert choices_of(story, PLAN, rules) == (
        Choice(agent="claude", model="opus", is_wish=True),
        Choice(agent="codex"),
    )
    assert choices_of(STORY, PLAN, RULES) == (Choice(agent="claude", model="sonnet"),)


def test_a_role_is_the_storys_or_the_prds() -> None:
    backend, writer = RULES.roles
    plan = replace(PLAN, agent="writer")
    assert role_of(STORY, plan, RULES) == writer
    assert role_of(replace(STORY, agent="backend"), plan, RULES) == backend
    assert role_of(replace(STORY, agent="codex"), plan, RULES) == writer
    assert role_of(STORY, PLAN, RULES) is None


def test_agents_and_roles_are_known_by_their_names() -> None:
    assert [is_known(name, RULES) for name in ("codex", "work", "backend", "frontend", "")] == [
        *(True, True, True),
        *(False, False),
    ]

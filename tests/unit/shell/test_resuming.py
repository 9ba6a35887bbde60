from __future__ import annotations

from prd_supervise.supervisor.shell.prd.resuming import resuming
from prd_supervise.workers.messages.agents import AgentRules, AgentSpec


def rules(*specs: AgentSpec, fallback: tuple[str, ...] = ()) -> AgentRules:
    return AgentRules(specs=specs, fallback=fallback)


def test_who_resumes_is_its_adapter_s_word_and_the_user_s() -> None:
    replay, command = AgentSpec(name="replay"), AgentSpec(name="command", command=("true",))
    assert resuming(rules(replay), ()) == ("", "replay")
    assert resuming(rules(command), ()) == ()
    assert resuming(rules(AgentSpec(name="replay", resumes=False)), ()) == ()


def test_those_that_stories_choose_and_that_take_over_are_looked_at_too() -> None:
    command = AgentSpec(name="command", command=("true",))
    second = AgentSpec(name="second", kind="replay")
    assert resuming(rules(command, second, fallback=("claude",)), ()) == ("claude", "second")
    assert resuming(rules(command), ("replay", "nobody")) == ("replay",)

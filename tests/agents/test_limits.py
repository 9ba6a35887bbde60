"""Limits and logins: no attempt is wasted on them, and people are told."""

from __future__ import annotations

import pytest

from tests.support.agent_clis import KEY, NAMES
from tests.support.agent_night import TEXT, WORK, Night
from tests.support.model_server.script import Fault, Ill, always, limit_for, write

LOGGED_IN = {"CLAUDE_CODE_OAUTH_TOKEN": KEY}  # a subscription: only there it tells of resets
LIMIT_S = 12  # from the moment when it is met, however late an agent comes to ask


@pytest.mark.parametrize("name", ["claude", "codex"])
def test_a_limit_is_waited_out_as_long_as_it_says_and_costs_no_attempt(
    night: Night, name: str
) -> None:
    night.prepare(name)
    if name == "claude":
        del night.tree.env["ANTHROPIC_API_KEY"]
        night.tree.env |= LOGGED_IN
    night.model.play(limit_for(LIMIT_S), *WORK)

    run = night.tree.begin()
    night.tree.wait_event("agent_parked")
    run.wait_exit(0)

    night.check_done()
    assert not night.tree.events("attempt_failed")
    assert len(night.model.turns()) == 4  # asked once too early, and never again before its time


def test_a_limit_of_which_nobody_says_until_when_is_tried_again_at_a_word(night: Night) -> None:
    night.prepare("gemini")
    night.model.play(Fault(ill=Ill.USAGE), *WORK)

    run = night.tree.begin()
    night.tree.wait_event("agent_parked")
    night.tree.wait(lambda: not night.agents(), "nobody is at work")
    night.tree.run("release", "--agent", "gemini", code=0)
    run.wait_exit(0)

    night.check_done()
    assert not night.tree.events("attempt_failed")


@pytest.mark.parametrize("name", NAMES)
def test_a_refused_login_closes_the_agent_until_a_person_has_mended_it(
    night: Night, name: str
) -> None:
    night.prepare(name, stories=2)
    night.model.play(always(Ill.AUTH))

    run = night.tree.begin()
    night.tree.wait_event("agent_closed")
    night.tree.wait(lambda: not night.agents(), "nobody is at work")
    told = night.tree.events("agent_closed")[0]["text"]
    assert f"prd-supervise release --agent {name}" in told
    assert told in run.output

    night.model.play(*WORK, words="US-1.txt")
    night.model.play(write("US-2.txt", TEXT), words="US-2.txt")
    night.tree.run("release", "--agent", name, code=0)

    run.wait_exit(0)
    assert sorted(night.repo.merged("feature/ALPHA")) == ["ALPHA/US-1", "ALPHA/US-2"]
    assert not night.tree.events("attempt_failed")

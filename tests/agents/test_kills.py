"""SIGKILL in the middle of an agent's tool call: nothing of it stays, and its session goes on."""

from __future__ import annotations

import pytest

from tests.support.agent_clis import KEY, NAMES
from tests.support.agent_night import WORK, Night
from tests.support.e2e_processes import kill, title_of
from tests.support.model_server.script import shell


@pytest.mark.parametrize("victim", ["agent", "worker"])
@pytest.mark.parametrize("name", NAMES)
def test_it_goes_on_with_its_conversation(night: Night, name: str, victim: str) -> None:
    night.prepare(name)
    night.model.play(shell(night.hold()), *WORK)
    run = night.tree.begin()
    night.wait_held()
    agent = night.agent()
    worker = night.tree.pid_of("story ALPHA/US-1")
    held = night.held()
    assert len(held) >= 3
    assert not [each for each in night.tree.everybody() if KEY in title_of(each)]

    kill(agent.pid if victim == "agent" else worker)

    run.wait_exit(0)
    assert not [each for each in (agent, *held) if each.is_running()]
    night.check_done()
    first, again = night.model.turns()[:2]
    assert "I run it." not in first.body
    assert "I run it." in again.body  # what its model had said before

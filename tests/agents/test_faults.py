"""What the model's server does to real agents, and what becomes of the story."""

from __future__ import annotations

import pytest

from tests.support.agent_clis import NAMES
from tests.support.agent_night import WORK, Night
from tests.support.model_server.script import Fault, Ill

IDLE_S = {"claude": 8, "codex": 8, "gemini": 15}  # more than it takes to begin, mostly
PATIENT = {"max_attempts": 12}  # one that begins later on a busy machine begins again


@pytest.mark.parametrize("ill", [Ill.SILENT, Ill.STALL])
@pytest.mark.parametrize("name", NAMES)
def test_one_that_hangs_is_ended_and_the_story_done(night: Night, name: str, ill: Ill) -> None:
    night.prepare(name, restart=PATIENT, idle_timeout_s=IDLE_S[name])
    night.model.play(Fault(ill=ill), *WORK)

    night.tree.begin().wait_exit(0)

    night.check_done()
    assert "no output" in night.tree.events("attempt_failed")[0]["text"]


@pytest.mark.parametrize("ill", [Ill.OVERLOAD, Ill.BROKEN, Ill.DROP, Ill.DROP_MIDWAY])
@pytest.mark.parametrize("name", NAMES)
def test_a_server_in_trouble_costs_no_attempt(night: Night, name: str, ill: Ill) -> None:
    night.prepare(name)
    night.model.play(Fault(ill=ill, times=3), *WORK)

    night.tree.begin().wait_exit(0)

    night.check_done()
    assert not night.tree.events("attempt_failed")

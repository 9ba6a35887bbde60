"""What real agents say of conversations that they do not know, and of stories that need nothing."""

from __future__ import annotations

import shutil

import pytest

from tests.agents.test_limits import LIMIT_S, LOGGED_IN
from tests.support.agent_clis import NAMES
from tests.support.agent_night import WORK, Night
from tests.support.model_server.script import limit_for, say


@pytest.mark.parametrize("name", ["claude", "codex"])
def test_a_conversation_that_is_gone_opens_no_account(night: Night, name: str) -> None:
    night.prepare(name, restart={"max_attempts": 1})
    if name == "claude":
        del night.tree.env["ANTHROPIC_API_KEY"]
        night.tree.env |= LOGGED_IN
    night.model.play(limit_for(LIMIT_S), *WORK)
    run = night.tree.begin()
    night.tree.wait_event("attempt_stopped")
    homes = night.repo.state / "prds" / "ALPHA" / "stories" / "US-1" / "homes" / name
    for place in (".claude/projects", ".codex/sessions"):
        shutil.rmtree(homes / place, ignore_errors=True)

    run.wait_exit(0)

    night.check_done()
    assert not night.tree.events("attempt_failed")
    lost = [each["failure"]["type"] for each in night.tree.events("attempt_stopped")]
    assert lost == ["rate_limited", "session_refused"]
    told = [each["event"] for each in night.tree.events()]
    assert told[: told.index("agent_opened")].count("attempt_started") == 3, "the one that worked"


@pytest.mark.parametrize("name", NAMES)
def test_a_claim_that_nothing_is_needed_reaches_the_user(night: Night, name: str) -> None:
    night.prepare(name, restart={"max_attempts": 1})
    night.model.play(say("I looked.\n\nNO CHANGE NEEDED: it is there"))

    night.tree.begin().wait_exit(1)

    (failed,) = night.tree.events("attempt_failed")
    assert failed["failure"]["type"] == "no_change"
    assert failed["text"].endswith("no change is needed: it is there")

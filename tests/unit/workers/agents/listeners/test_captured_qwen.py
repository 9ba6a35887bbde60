from __future__ import annotations

from datetime import UTC

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.workers.agents.base import AgentRun
from prd_supervise.workers.agents.listeners.qwen import QwenListener
from tests.support.agent_captures import TIME_S, capture, captured

NORMAL, INCOMPLETE = OutcomeKind.NORMAL, OutcomeKind.INCOMPLETE
TRANSIENT, CRASHED = OutcomeKind.TRANSIENT, OutcomeKind.CRASHED
STALLED = OutcomeKind.STALLED

KINDS = {
    "bad": OutcomeKind.PERMANENT,
    "bgleft": NORMAL,
    "bgpipe": NORMAL,
    "context": OutcomeKind.CONTEXT,
    "context_mid": OutcomeKind.CONTEXT,
    "credit": STALLED,  # while it tries again, it says nothing
    "drop": TRANSIENT,
    "dropmid": TRANSIENT,  # the error stands at the end of what its model had said
    "empty": INCOMPLETE,
    "env": NORMAL,
    "err500": TRANSIENT,
    "err500_mid": TRANSIENT,
    "forbidden": OutcomeKind.AUTH,
    "garbage": TRANSIENT,
    "hang_int": CRASHED,
    "hang_term": CRASHED,
    "notfound": OutcomeKind.PERMANENT,
    "noyolo": NORMAL,
    "ok": NORMAL,
    "refused": TRANSIENT,
    "rl_forever": STALLED,
    "rl_long": STALLED,
    "rl_once": NORMAL,
    "sh_kill_grp": CRASHED,
    "sh_kill_pid": CRASHED,
    "sh_term_pid": CRASHED,
    "stall": STALLED,
    "stdin_closed": NORMAL,
    "stdin_null": NORMAL,
    "stdin_open": NORMAL,
    "usage_limit": STALLED,
    "usage_mid": STALLED,
}


def listener() -> QwenListener:
    run = AgentRun(worktree="/w/ALPHA.1", attempt_dir="/a", prompt_file="/a/prompt.md")
    return QwenListener(run, clock=lambda: TIME_S, zone=UTC)


@pytest.mark.parametrize("name", sorted(KINDS.keys() | captured("qwen")))
def test_every_end_that_was_captured_is_what_it_was(name: str) -> None:
    verdict = capture("qwen", name).judged(listener())

    assert verdict.kind is KINDS[name], verdict
    assert "\n" not in verdict.reason
    assert verdict.kind in {NORMAL, CRASHED, STALLED} or verdict.reason


def test_what_was_captured_has_its_session_its_usage_and_its_answer() -> None:
    verdict = capture("qwen", "ok").judged(listener())

    used = verdict.usage
    assert verdict.session.endswith("@ALPHA.1")
    assert (used.input_tokens, used.cached_tokens, used.output_tokens) == (381, 40, 32)
    assert used.requests == 2
    assert used.tokens_are_of_session
    assert used.model == "scripted"
    assert verdict.answer == "All done."

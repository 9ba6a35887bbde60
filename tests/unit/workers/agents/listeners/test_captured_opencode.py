from __future__ import annotations

from datetime import UTC

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.workers.agents.base import AgentRun
from prd_supervise.workers.agents.listeners.opencode import OpencodeListener
from tests.support.agent_captures import TIME_S, capture, captured

NORMAL, INCOMPLETE = OutcomeKind.NORMAL, OutcomeKind.INCOMPLETE
TRANSIENT, CRASHED = OutcomeKind.TRANSIENT, OutcomeKind.CRASHED
STALLED = OutcomeKind.STALLED

KINDS = {
    "bad": OutcomeKind.PERMANENT,
    "context": STALLED,
    "credit": OutcomeKind.BILLING,
    "dns": NORMAL,
    "drop": TRANSIENT,
    "empty": INCOMPLETE,
    "env": NORMAL,
    "err500": TRANSIENT,
    "hang": STALLED,
    "hang_int": CRASHED,
    "hang_term": CRASHED,
    "maxtok": INCOMPLETE,
    "notfound": OutcomeKind.PERMANENT,
    "ok": NORMAL,
    "overload": TRANSIENT,
    "refused": TRANSIENT,
    "resume": NORMAL,
    "rl_forever": OutcomeKind.RATE_LIMITED,
    "rl_long": STALLED,
    "rl_once": NORMAL,
    "sh_kill_grp": CRASHED,
    "sh_kill_pid": CRASHED,
    "sh_term_grp": CRASHED,
    "sh_term_pid": CRASHED,
    "stall": STALLED,
    "stdin_null": NORMAL,
}


def listener() -> OpencodeListener:
    run = AgentRun(worktree="/w/ALPHA.1", attempt_dir="/a", prompt_file="/a/prompt.md")
    return OpencodeListener(run, clock=lambda: TIME_S, zone=UTC)


@pytest.mark.parametrize("name", sorted(KINDS.keys() | captured("opencode")))
def test_every_end_that_was_captured_is_what_it_was(name: str) -> None:
    verdict = capture("opencode", name).judged(listener())

    assert verdict.kind is KINDS[name], verdict
    assert "\n" not in verdict.reason
    assert verdict.kind in {NORMAL, CRASHED, STALLED} or verdict.reason


def test_what_was_captured_has_its_session_its_usage_and_its_answer() -> None:
    verdict = capture("opencode", "ok").judged(listener())

    used = verdict.usage
    assert verdict.session.endswith("@ALPHA.1")
    assert (used.input_tokens, used.cached_tokens, used.output_tokens) == (381, 40, 32)
    assert used.cost_usd == pytest.approx(0.000445)
    assert used.requests == 2
    assert not used.tokens_are_of_session
    assert verdict.answer == "All done."

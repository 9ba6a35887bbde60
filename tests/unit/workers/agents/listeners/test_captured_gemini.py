from __future__ import annotations

from datetime import UTC

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.workers.agents.base import AgentRun
from prd_supervise.workers.agents.listeners.gemini import GeminiListener
from tests.support.agent_captures import TIME_S, capture, captured

NORMAL, INCOMPLETE = OutcomeKind.NORMAL, OutcomeKind.INCOMPLETE
TRANSIENT, CRASHED = OutcomeKind.TRANSIENT, OutcomeKind.CRASHED
LIMIT = OutcomeKind.RATE_LIMITED

KINDS = {
    "auth": OutcomeKind.AUTH,
    "bgleft": NORMAL,
    "bgpipe": NORMAL,
    "context_mid": OutcomeKind.CONTEXT,
    "credit": OutcomeKind.BILLING,
    "dns": NORMAL,
    "drop": TRANSIENT,
    "dropmid": TRANSIENT,
    "empty": INCOMPLETE,
    "env": NORMAL,
    "err500": TRANSIENT,
    "err500_mid": TRANSIENT,
    "forbidden": OutcomeKind.AUTH,
    "garbage": TRANSIENT,
    "hang_int": CRASHED,
    "hang_term": CRASHED,
    "maxtok": NORMAL,  # nothing that it says tells that its answer was cut
    "notfound": OutcomeKind.PERMANENT,
    "noyolo": NORMAL,
    "nr_hang_int": INCOMPLETE,  # exit 0 after a signal
    "nr_sh_int_pid": INCOMPLETE,
    "nr_sh_term_pid": INCOMPLETE,
    "ok": NORMAL,
    "overload": TRANSIENT,
    "refused": TRANSIENT,
    "resume": NORMAL,
    "sh_int_pid": CRASHED,
    "sh_kill_pid": CRASHED,
    "sh_term_pid": CRASHED,
    "sseerr": TRANSIENT,
    "stall": OutcomeKind.STALLED,
    "stdin_closed": NORMAL,
    "stdin_null": NORMAL,
    "stdin_open": NORMAL,
    "usage_limit": LIMIT,
    "usage_mid": LIMIT,
}


def listener() -> GeminiListener:
    run = AgentRun(worktree="/w/ALPHA.1", attempt_dir="/a", prompt_file="/a/prompt.md")
    return GeminiListener(run, clock=lambda: TIME_S, zone=UTC)


@pytest.mark.parametrize("name", sorted(KINDS.keys() | captured("gemini")))
def test_every_end_that_was_captured_is_what_it_was(name: str) -> None:
    verdict = capture("gemini", name).judged(listener())

    assert verdict.kind is KINDS[name], verdict
    assert "\n" not in verdict.reason
    assert verdict.kind in {NORMAL, CRASHED, OutcomeKind.STALLED} or verdict.reason


def test_what_was_captured_has_its_session_its_usage_and_its_answer() -> None:
    verdict = capture("gemini", "ok").judged(listener())

    used = verdict.usage
    assert verdict.session.endswith("@ALPHA.1")
    assert (used.input_tokens, used.cached_tokens, used.output_tokens) == (381, 40, 32)
    assert used.requests == 2
    assert not used.tokens_are_of_session
    assert used.model == "gemini-2.5-flash"
    assert verdict.answer == "All done."

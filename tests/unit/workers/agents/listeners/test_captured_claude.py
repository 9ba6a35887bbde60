from __future__ import annotations

from datetime import UTC, datetime

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.workers.agents.base import Session
from prd_supervise.workers.agents.listeners.claude import ClaudeListener
from tests.support.agent_captures import TIME_S, capture, captured

NORMAL, INCOMPLETE = OutcomeKind.NORMAL, OutcomeKind.INCOMPLETE
TRANSIENT, CRASHED = OutcomeKind.TRANSIENT, OutcomeKind.CRASHED
STALLED, LIMIT = OutcomeKind.STALLED, OutcomeKind.RATE_LIMITED

KINDS = {
    "accept_edits": NORMAL,
    "bad": OutcomeKind.PERMANENT,
    "bgleft": NORMAL,
    "bgtool": STALLED,  # it did not exit after its result: who watches keeps the result
    "bgtool_ceiling": STALLED,
    "bgtool_long": STALLED,
    "context": OutcomeKind.CONTEXT,
    "context_mid": OutcomeKind.CONTEXT,
    "credit": OutcomeKind.BILLING,
    "dns": NORMAL,
    "drop": TRANSIENT,
    "dropmid": TRANSIENT,  # it tried again and again until it was ended
    "empty": INCOMPLETE,
    "env": NORMAL,
    "err500": TRANSIENT,
    "err500_mid": TRANSIENT,
    "fast_hang": TRANSIENT,
    "fast_overload": TRANSIENT,
    "fast_stall": STALLED,
    "garbage": TRANSIENT,  # no JSON where its server should be: a proxy, a portal
    "hang": STALLED,
    "hang_int": INCOMPLETE,
    "hang_term": CRASHED,
    "max_turns": INCOMPLETE,
    "maxtok": INCOMPLETE,
    "nokey": OutcomeKind.AUTH,
    "noskip_root": OutcomeKind.PERMANENT,
    "oauth_auth": OutcomeKind.AUTH,
    "oauth_limit": LIMIT,
    "ok": NORMAL,
    "overload": TRANSIENT,
    "ownsid": NORMAL,
    "refused": TRANSIENT,
    "resume_bad": INCOMPLETE,
    "resume_cwd": NORMAL,
    "rl_forever": LIMIT,
    "rl_long": LIMIT,
    "rl_once": NORMAL,
    "sh_int_pid": CRASHED,
    "sh_kill_grp": CRASHED,
    "sh_kill_pid": CRASHED,
    "sh_term_grp": CRASHED,
    "stall": STALLED,
    "stdin_closed": NORMAL,
    "stdin_null": NORMAL,
    "stdin_open": NORMAL,
    "usage_limit": LIMIT,
    "usage_mid": LIMIT,
    "wd_overload": NORMAL,
}


def listener() -> ClaudeListener:
    return ClaudeListener(clock=lambda: TIME_S, zone=UTC)


@pytest.mark.parametrize("name", sorted(KINDS.keys() | captured("claude")))
def test_every_end_that_was_captured_is_what_it_was(name: str) -> None:
    verdict = capture("claude", name).judged(listener())
    assert verdict.kind is KINDS[name], verdict.reason


def test_a_limit_has_its_moment_to_the_second() -> None:
    verdict = capture("claude", "oauth_limit").judged(listener())
    assert verdict.until_s == datetime(2026, 11, 20, 22, 33, 33, tzinfo=UTC).timestamp()
    assert verdict.reason == "You've hit your 5-hour limit · resets 10:33pm (UTC)"
    assert verdict.status == 429


def test_what_a_run_used_is_its_own_word_and_counted_once() -> None:
    usage = capture("claude", "ok").judged(listener()).usage
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens) == (421, 40, 32)
    assert usage.cost_usd == pytest.approx(0.002332)
    assert usage.cost_is_of_session
    assert not usage.tokens_are_of_session
    assert usage.requests == 2


def test_no_conversation_is_remembered_that_is_not_there() -> None:
    run = capture("claude", "resume_bad")
    heard = listener()
    assert not any(isinstance(event, Session) for event in run.heard(heard))
    assert run.judged(listener()).session == ""

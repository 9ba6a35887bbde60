from __future__ import annotations

from datetime import UTC, datetime

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.workers.agents.listeners.codex import CodexListener
from tests.support.agent_captures import TIME_S, capture, captured

NORMAL, INCOMPLETE = OutcomeKind.NORMAL, OutcomeKind.INCOMPLETE
TRANSIENT, CRASHED = OutcomeKind.TRANSIENT, OutcomeKind.CRASHED
STALLED, LIMIT = OutcomeKind.STALLED, OutcomeKind.RATE_LIMITED

KINDS = {
    "auth": OutcomeKind.AUTH,
    "bad": OutcomeKind.PERMANENT,
    "bgpipe": NORMAL,
    "context": OutcomeKind.CONTEXT,
    "context_mid": OutcomeKind.CONTEXT,
    "empty": INCOMPLETE,
    "err500_mid": TRANSIENT,
    "fast_err500": TRANSIENT,
    "forbidden": OutcomeKind.AUTH,
    "garbage": TRANSIENT,
    "hang": STALLED,
    "hang_int": OutcomeKind.FAILED,
    "maxtok": NORMAL,  # nothing that it says tells that its answer was cut
    "noskip": NORMAL,
    "notfound": OutcomeKind.PERMANENT,
    "ok": NORMAL,
    "overload": TRANSIENT,
    "refused2": TRANSIENT,  # it waited for a network until it was ended
    "resume": NORMAL,
    "resume_bad": INCOMPLETE,
    "resume_cwd": NORMAL,
    "resume_killed": NORMAL,
    "rl_forever": LIMIT,
    "rl_long": LIMIT,  # it waited for an hour that its server asked for
    "rl_once": NORMAL,
    "sh_int_pid": OutcomeKind.FAILED,
    "sh_kill_grp": CRASHED,
    "sh_term_grp": CRASHED,
    "sh_term_pid": CRASHED,
    "sseerr": TRANSIENT,
    "stall": STALLED,
    "stdin_closed": NORMAL,
    "stdin_null": NORMAL,
    "usage_limit": LIMIT,
    "usage_mid": LIMIT,
}


def listener() -> CodexListener:
    return CodexListener(clock=lambda: TIME_S, zone=UTC)


@pytest.mark.parametrize("name", sorted(KINDS.keys() | captured("codex")))
def test_every_end_that_was_captured_is_what_it_was(name: str) -> None:
    verdict = capture("codex", name).judged(listener())
    assert verdict.kind is KINDS[name], verdict.reason


def test_a_limit_is_lifted_at_the_next_such_moment_of_its_machine() -> None:
    verdict = capture("codex", "usage_limit").judged(listener())
    assert verdict.until_s == datetime(2026, 11, 20, 22, 31, tzinfo=UTC).timestamp()
    assert verdict.reason.startswith("You\u2019ve hit your usage limit. ")


def test_what_a_thread_used_is_counted_from_its_beginning() -> None:
    first = capture("codex", "ok").judged(listener())
    again = capture("codex", "resume").judged(listener())
    assert first.usage.tokens_are_of_session
    assert again.usage.tokens > first.usage.tokens
    assert first.usage.cost_usd is None


def test_the_answer_is_the_last_thing_that_its_model_said() -> None:
    assert capture("codex", "ok").judged(listener()).answer == "All done."

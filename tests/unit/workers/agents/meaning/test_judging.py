from __future__ import annotations

from datetime import UTC

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.usage import Usage
from prd_supervise.workers.agents.base import (
    Activity,
    Ended,
    Event,
    LimitSeen,
    Retrying,
    Said,
    Session,
    Terminal,
    Used,
    Verdict,
)
from prd_supervise.workers.agents.meaning.heard import ANSWER_CHARS_MAX, Heard, hear
from prd_supervise.workers.agents.meaning.judging import judge

NOW_S = 1795210400.0
AUTH = Said(text="Not logged in", kind=OutcomeKind.AUTH)
LIMIT = LimitSeen(is_rejected=True, until_s=NOW_S + 60, text="used up")
FAILED = Terminal(is_ok=False, text="API Error: 529 Overloaded.")
WORK = Activity(what="Bash: make", is_turn=True)


def judged(*events: Event, code: int = 0, killed: OutcomeKind | None = None) -> Verdict:
    heard = Heard()
    for event in events:
        heard = hear(heard, event)
    return judge(heard, Ended(exit_code=code, killed_because=killed), now_s=NOW_S, zone=UTC)


def test_what_we_ended_it_for_goes_before_all_that_it_said() -> None:
    done = Terminal(is_ok=True, text="Done.")
    assert judged(done, killed=OutcomeKind.TIMED_OUT).kind is OutcomeKind.TIMED_OUT
    assert judged(AUTH, code=-9, killed=OutcomeKind.OVER_LIMIT).kind is OutcomeKind.OVER_LIMIT


def test_a_result_is_kept_whose_program_had_to_be_killed() -> None:
    done = Terminal(is_ok=True, text="Done.")
    assert judged(done, code=-9, killed=OutcomeKind.NORMAL).kind is OutcomeKind.NORMAL
    assert judged(FAILED, code=-9, killed=OutcomeKind.NORMAL).kind is OutcomeKind.TRANSIENT


def test_what_it_was_ended_for_early_has_the_programs_own_words_and_moment() -> None:
    verdict = judged(AUTH, code=-15, killed=OutcomeKind.AUTH)
    assert (verdict.kind, verdict.reason) == (OutcomeKind.AUTH, "Not logged in")
    limited = judged(LIMIT, code=-15, killed=OutcomeKind.RATE_LIMITED)
    assert (limited.until_s, limited.reason) == (NOW_S + 60, "used up")


def test_one_that_only_tried_again_did_not_stall() -> None:
    retrying = Retrying(reason="Reconnecting... (last status: 429 Too Many Requests)")
    killed = OutcomeKind.STALLED
    assert judged(retrying, killed=killed).kind is OutcomeKind.RATE_LIMITED
    assert judged(Retrying(reason="waiting"), killed=killed).kind is OutcomeKind.TRANSIENT
    assert judged(retrying, WORK, killed=killed).kind is OutcomeKind.STALLED


def test_its_last_word_goes_before_its_exit_code() -> None:
    late = judged(WORK, Terminal(is_ok=True), code=1)
    assert (late.kind, late.reason) == (OutcomeKind.NORMAL, "exited with 1 after its result")
    assert judged(WORK, FAILED, code=0).kind is OutcomeKind.TRANSIENT


def test_a_success_without_a_word_and_without_work_is_none() -> None:
    assert judged(Terminal(is_ok=True, text=" \n")).kind is OutcomeKind.INCOMPLETE
    assert judged(WORK, Terminal(is_ok=True)).kind is OutcomeKind.NORMAL
    assert judged(Activity(text="I think"), Terminal(is_ok=True)).kind is OutcomeKind.NORMAL


def test_a_code_goes_before_a_status_and_a_status_before_words() -> None:
    words = "Prompt is too long"
    by_code = Terminal(is_ok=False, text=words, kind=OutcomeKind.BILLING, status=500)
    assert judged(by_code).kind is OutcomeKind.BILLING
    assert judged(Terminal(is_ok=False, text=words, status=500)).kind is OutcomeKind.TRANSIENT
    assert judged(Terminal(is_ok=False, text=words)).kind is OutcomeKind.CONTEXT


def test_an_end_that_says_less_is_read_with_the_error_before_it() -> None:
    verdict = judged(AUTH, Terminal(is_ok=False, text="failed"), code=1)
    assert (verdict.kind, verdict.reason) == (OutcomeKind.AUTH, "failed")
    assert judged(LIMIT, Terminal(is_ok=False), code=1).until_s == NOW_S + 60


def test_an_error_that_its_model_answered_after_is_none() -> None:
    assert judged(AUTH, WORK, Terminal(is_ok=False), code=1).kind is OutcomeKind.FAILED
    assert judged(LIMIT, WORK, code=1).kind is OutcomeKind.FAILED


def test_an_exit_without_a_last_word_is_no_success() -> None:
    assert judged(WORK, code=0).kind is OutcomeKind.INCOMPLETE
    assert judged(WORK, code=0).reason == "exited with 0, and no word of how it ended"
    assert judged(WORK, code=3).kind is OutcomeKind.FAILED
    assert judged(WORK, code=-9).kind is OutcomeKind.CRASHED
    assert judged(WORK, code=-9).reason == "killed by SIGKILL"


def test_the_last_line_of_all_is_told_unless_it_is_its_models() -> None:
    def told(tail: str) -> str:
        return judge(Heard(), Ended(exit_code=1, tail=tail), now_s=NOW_S, zone=UTC).reason

    assert told("Segmentation fault") == "exited with 1: Segmentation fault"
    assert told('{"type":"assistant","text":"Not logged in"}') == "exited with 1"


def test_without_a_last_word_its_last_lines_say_why() -> None:
    line = Said(text="error: Not logged in", is_final=False)
    other = Said(text="bye", is_final=False)
    verdict = judged(line, other, code=1)
    assert (verdict.kind, verdict.reason) == (OutcomeKind.AUTH, "error: Not logged in")
    assert judged(other, code=1).reason == "exited with 1: bye"
    assert judged(line, *([other] * 8), code=1).kind is OutcomeKind.FAILED


def test_a_signal_of_others_goes_before_what_its_lines_may_mean() -> None:
    line = Said(text="warning: connection refused by a tool's server", is_final=False)
    verdict = judged(line, code=-9)
    assert verdict.kind is OutcomeKind.CRASHED
    assert verdict.reason == f"killed by SIGKILL: {line.text}"


def test_a_limit_that_comes_near_is_none() -> None:
    near = LimitSeen(is_rejected=False, until_s=NOW_S + 60, utilization=0.9)
    assert judged(near, FAILED).kind is OutcomeKind.TRANSIENT
    assert judged(near, code=1).kind is OutcomeKind.FAILED


@pytest.mark.parametrize("kind", [k for k in OutcomeKind if k.value != "rate_limited"])
def test_only_a_limit_has_a_moment_that_words_tell(kind: OutcomeKind) -> None:
    text = "try again in 5 minutes"
    assert judged(Terminal(is_ok=False, text=text, kind=kind)).until_s is None
    limit = Terminal(is_ok=False, text=text, kind=OutcomeKind.RATE_LIMITED)
    assert judged(limit).until_s == NOW_S + 300


def test_a_reason_is_one_line_that_drives_no_terminal() -> None:
    text = "\x1b[31mAPI Error:\x1b[0m\n\t529 \u202eover\x07loaded\ud83d " + "x" * 500
    reason = judged(Terminal(is_ok=False, text=text)).reason
    assert reason.startswith("API Error: 529 over loaded x")
    assert reason.isprintable()
    assert len(reason) == 300


def test_the_verdict_has_what_was_heard_besides() -> None:
    usage = Usage(input_tokens=3)
    verdict = judged(Session(session="s"), Used(usage=usage), WORK, WORK, code=1)
    assert verdict.session == "s"
    assert (verdict.usage.input_tokens, verdict.usage.requests) == (3, 2)
    assert len(judged(Terminal(is_ok=True, text="x" * 100_000)).answer) == ANSWER_CHARS_MAX
    assert judged(Activity(text="thinking"), FAILED).answer == "thinking"

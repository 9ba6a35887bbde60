from __future__ import annotations

import json
from datetime import UTC
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.workers.agents.base import (
    Activity,
    Ended,
    Event,
    Retrying,
    Said,
    Session,
    Terminal,
    Used,
    Verdict,
)
from prd_supervise.workers.agents.listeners.codex import CodexListener

NOW_S = 1795210400.0  # 2026-11-20 21:33:20 UTC
THREAD = "01a1fadf-2469-7560-839e-ff512847a1f4"

STARTED: dict[str, object] = {"type": "thread.started", "thread_id": THREAD}
WARNING: dict[str, object] = {
    "type": "item.completed",
    "item": {"id": "item_0", "type": "error", "message": "MCP server: connection refused"},
}
ANSWER: dict[str, object] = {
    "type": "item.completed",
    "item": {"id": "item_1", "type": "agent_message", "text": "All done."},
}
BEGUN: dict[str, object] = {
    "type": "item.started",
    "item": {"id": "item_2", "type": "command_execution", "command": "make\ntest"},
}
RAN: dict[str, object] = {
    "type": "item.completed",
    "item": {
        "id": "item_2",
        "type": "command_execution",
        "command": "make\ntest",
        "aggregated_output": "You've hit your usage limit",
        "exit_code": 1,
    },
}
COMPLETED: dict[str, object] = {
    "type": "turn.completed",
    "usage": {"input_tokens": 421, "cached_input_tokens": 40, "output_tokens": 32},
}
AGAIN = "Reconnecting... 1/5 (exceeded retry limit, last status: 429 Too Many Requests)"


def failed(message: str) -> dict[str, object]:
    return {"type": "turn.failed", "error": {"message": message}}


def error(message: str) -> dict[str, object]:
    return {"type": "error", "message": message}


def listener(home: str = "") -> CodexListener:
    return CodexListener(home, clock=lambda: NOW_S, zone=UTC)


def heard(*said: object) -> tuple[Event, ...]:
    ear = listener()
    return tuple(event for each in said for event in ear.feed(json.dumps(each)))


def judged(*said: object, code: int = 0, home: str = "") -> Verdict:
    ear = listener(home)
    for each in said:
        ear.feed(json.dumps(each))
    return ear.finish(Ended(exit_code=code))


def test_its_conversation_its_work_and_its_end_are_understood() -> None:
    events = heard(STARTED, BEGUN, RAN, ANSWER, COMPLETED)
    assert events[0] == Session(session=THREAD)
    assert events[1] == Activity(what="command execution: make test", is_turn=True)
    assert events[3] == Activity(text="All done.", is_turn=True)
    assert isinstance(events[4], Used)
    assert events[5] == Terminal(is_ok=True, text="All done.")


def test_a_turn_of_its_model_is_counted_where_one_begins() -> None:
    assert judged(STARTED, ANSWER, BEGUN, RAN, BEGUN, RAN, ANSWER).usage.requests == 3


def test_what_is_used_is_that_of_the_whole_thread() -> None:
    usage = judged(STARTED, ANSWER, COMPLETED).usage
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens) == (381, 40, 32)
    assert usage.tokens_are_of_session
    assert usage.cost_usd is None


@pytest.mark.parametrize(
    "text",
    [
        AGAIN,
        "Reconnecting\u2026 1/5",
        "Reconnecting... waiting for network (Connection failed: error sending request)",
        "stream error: stream disconnected; retrying 2/5 in 400ms\u2026",
    ],
)
def test_what_it_tries_again_is_no_end(text: str) -> None:
    assert [type(event) for event in heard(error(text))] == [Retrying]
    assert judged(STARTED, error(text), ANSWER, COMPLETED).kind is OutcomeKind.NORMAL


def test_one_that_waits_for_an_hour_that_its_server_wants_has_met_a_limit() -> None:
    ear = listener()
    for each in (STARTED, error(AGAIN)):
        ear.feed(json.dumps(each))
    verdict = ear.finish(Ended(exit_code=-9, killed_because=OutcomeKind.STALLED))
    assert (verdict.kind, verdict.status) == (OutcomeKind.RATE_LIMITED, 429)


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("You\u2019ve hit your usage limit. Try again at 10:31 PM.", OutcomeKind.RATE_LIMITED),
        ("exceeded retry limit, last status: 429 Too Many Requests", OutcomeKind.RATE_LIMITED),
        ("unexpected status 401 Unauthorized: Incorrect API key", OutcomeKind.AUTH),
        ("Codex ran out of room in the model's context window.", OutcomeKind.CONTEXT),
        ("Selected model is at capacity.", OutcomeKind.TRANSIENT),
        ("We\u2019re currently experiencing high demand", OutcomeKind.TRANSIENT),
        ("stream disconnected before completion: stream closed", OutcomeKind.TRANSIENT),
        ("The model `nope` does not exist", OutcomeKind.PERMANENT),
        ('{"error": {"message": "no", "type": "invalid_request_error"}}', OutcomeKind.PERMANENT),
        ('{"error": {"message": "no", "code": "context_length_exceeded"}}', OutcomeKind.CONTEXT),
        ('{"error": {"message": "no", "code": "insufficient_quota"}}', OutcomeKind.BILLING),
        ("nobody knows", OutcomeKind.FAILED),
    ],
)
def test_an_error_is_known_by_its_code_or_its_words(message: str, kind: OutcomeKind) -> None:
    assert judged(STARTED, error(message), failed(message), code=1).kind is kind


def test_a_limit_is_lifted_at_the_next_such_time_of_the_machine() -> None:
    message = "You\u2019ve hit your usage limit. Visit x to buy more or try again at 10:31 PM."
    assert judged(STARTED, failed(message), code=1).until_s == NOW_S + 57 * 60 + 40


def test_what_a_tool_printed_or_a_warning_says_is_no_reason() -> None:
    assert judged(STARTED, WARNING, BEGUN, RAN, code=1).kind is OutcomeKind.FAILED
    assert judged(STARTED, WARNING, ANSWER, COMPLETED).kind is OutcomeKind.NORMAL


def test_an_exit_without_an_end_is_no_success() -> None:
    assert judged(STARTED, ANSWER).kind is OutcomeKind.INCOMPLETE
    assert judged(STARTED, COMPLETED).kind is OutcomeKind.INCOMPLETE


def test_a_conversation_that_is_not_there_is_said_in_plain_words() -> None:
    ear = listener()
    assert ear.feed("Reading prompt from stdin...")
    ear.feed("Error: thread/resume: no rollout found for thread id 01a1 (code -32600)")
    verdict = ear.finish(Ended(exit_code=1))
    assert (verdict.kind, verdict.session) == (OutcomeKind.INCOMPLETE, "")


# --- what it keeps itself ------------------------------------------------------------------------


def rollout(home: Path, *records: object) -> Path:
    folder = home / "sessions/2026/11/20"
    folder.mkdir(parents=True)
    path = folder / f"rollout-2026-11-20T21-33-20-{THREAD}.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return path


def window(percent: float, resets_at: object) -> dict[str, object]:
    return {"used_percent": percent, "window_minutes": 300, "resets_at": resets_at}


def count(**limits: object) -> dict[str, object]:
    total = {"input_tokens": 90, "cached_input_tokens": 30, "output_tokens": 5}
    payload = {"type": "token_count", "info": {"total_token_usage": total}, "rate_limits": limits}
    return {"type": "event_msg", "payload": payload}


LIMITED = failed("You've hit your usage limit.")
CONTEXT = {"type": "turn_context", "payload": {"model": "gpt-5-codex"}}


def test_a_limit_without_a_time_has_that_of_its_record(tmp_path: Path) -> None:
    later, sooner = NOW_S + 9000, NOW_S + 600
    full = count(primary=window(100.0, sooner), secondary=window(40.0, later))
    rollout(tmp_path, CONTEXT, full, {"type": "event_msg", "payload": {"type": "other"}})
    verdict = judged(STARTED, LIMITED, code=1, home=str(tmp_path))
    assert verdict.until_s == sooner


def test_the_later_one_holds_where_both_limits_are_used_up(tmp_path: Path) -> None:
    later, sooner = NOW_S + 9000, NOW_S + 600
    rollout(tmp_path, count(primary=window(100.0, sooner), secondary=window(100.0, later)))
    assert judged(STARTED, LIMITED, code=1, home=str(tmp_path)).until_s == later


def test_its_own_words_go_before_its_record(tmp_path: Path) -> None:
    rollout(tmp_path, count(primary=window(100.0, NOW_S + 600)))
    told = failed("You've hit your usage limit. Try again in 2 minutes.")
    assert judged(STARTED, told, code=1, home=str(tmp_path)).until_s == NOW_S + 120


def test_its_record_adds_the_seconds_that_its_words_leave_out(tmp_path: Path) -> None:
    moment = NOW_S + 60 * 60 + 13  # 22:33:33
    rollout(tmp_path, count(primary=window(100.0, moment)))
    told = failed("You've hit your usage limit. Try again at 10:33 PM.")
    assert judged(STARTED, told, code=1, home=str(tmp_path)).until_s == moment


def test_what_a_turn_used_that_failed_stands_in_its_record(tmp_path: Path) -> None:
    rollout(tmp_path, CONTEXT, count(primary=None))
    usage = judged(STARTED, failed("at capacity"), code=1, home=str(tmp_path)).usage
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens) == (60, 30, 5)
    assert (usage.tokens_are_of_session, usage.model) == (True, "gpt-5-codex")
    told = judged(STARTED, ANSWER, COMPLETED, home=str(tmp_path)).usage
    assert told.input_tokens == 381


@pytest.mark.parametrize(
    "records",
    [[], ["text"], [count(primary="x", secondary=[])], [count(primary=window(100.0, "soon"))]],
)
def test_a_strange_record_tells_nothing(tmp_path: Path, records: list[object]) -> None:
    rollout(tmp_path, *records)
    assert judged(STARTED, LIMITED, code=1, home=str(tmp_path)).until_s is None


def test_a_record_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    path = rollout(tmp_path / "home", count(primary=window(100.0, NOW_S + 600)))
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert judged(STARTED, LIMITED, code=1, home=str(tmp_path / "home")).until_s is None


# --- whatever it says ----------------------------------------------------------------------------

KNOWN = [STARTED, WARNING, ANSWER, BEGUN, RAN, COMPLETED, error(AGAIN), failed("x"), LIMITED]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
CHANGED = st.builds(
    lambda known, members: json.dumps({**known, **members}),
    st.sampled_from(KNOWN),
    st.dictionaries(st.sampled_from(["item", "message", "usage", "error", "thread_id"]), JSON),
)


@pytest.mark.slow
@given(
    st.lists(CHANGED | st.sampled_from(KNOWN).map(json.dumps) | st.text(max_size=30), max_size=12),
    st.integers(-64, 255),
    st.none() | st.sampled_from(OutcomeKind),
)
def test_no_line_and_no_order_of_lines_raises(
    lines: list[str], code: int, because: OutcomeKind | None
) -> None:
    ear = listener()
    for line in lines:
        ear.feed(line)
    verdict = ear.finish(Ended(exit_code=code, killed_because=because, tail="tail"))
    assert len(verdict.reason) <= 300
    verdict.answer.encode()
    if because in {OutcomeKind.TIMED_OUT, OutcomeKind.RUNAWAY, OutcomeKind.INTERRUPTED}:
        assert verdict.kind is because


def test_a_plain_line_is_its_own_word_but_no_error_yet() -> None:
    (said,) = listener().feed("WARNING: proceeding, even though we could not create PATH aliases")
    assert isinstance(said, Said)
    assert not said.is_final

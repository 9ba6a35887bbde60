from __future__ import annotations

import json
from datetime import UTC

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.policies.outcomes.outcome import OutcomeKind
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
from prd_supervise.workers.agents.listeners.claude import ClaudeListener

NOW_S = 1795210400.0

INIT: dict[str, object] = {
    "type": "system",
    "subtype": "init",
    "session_id": "9a0f-1",
    "model": "claude-opus-5-5",
}
TEXT: dict[str, object] = {
    "type": "assistant",
    "message": {
        "id": "msg_1",
        "role": "assistant",
        "model": "claude-opus-5-5",
        "content": [{"type": "text", "text": "I run it."}],
        "usage": {"input_tokens": 100, "cache_read_input_tokens": 7, "output_tokens": 1},
    },
    "parent_tool_use_id": None,
}
TOOL: dict[str, object] = {
    "type": "assistant",
    "message": {
        "id": "msg_1",
        "role": "assistant",
        "content": [{"type": "tool_use", "name": "Bash", "input": {"command": "make\ntest"}}],
        "usage": {"input_tokens": 100, "cache_read_input_tokens": 7, "output_tokens": 1},
    },
}
LIMIT: dict[str, object] = {
    "type": "rate_limit_event",
    "rate_limit_info": {
        "status": "rejected",
        "resetsAt": 1795214013,
        "rateLimitType": "five_hour",
        "overageStatus": "rejected",
        "isUsingOverage": False,
        "unifiedWindows": {"five_hour": {"utilization": 1}},
    },
}
WARNING: dict[str, object] = {
    "type": "rate_limit_event",
    "rate_limit_info": {
        "status": "allowed_warning",
        "resetsAt": 1795214013,
        "rateLimitType": "seven_day",
        "unifiedWindows": {"seven_day": {"utilization": 0.92}},
    },
}
RETRY: dict[str, object] = {
    "type": "system",
    "subtype": "api_retry",
    "attempt": 1,
    "max_retries": 10,
    "retry_delay_ms": 540,
    "error_status": 401,
    "error": "authentication_failed",
}
LIMIT_TEXT = "You've hit your 5-hour limit · resets 10:33pm (UTC)"
ERROR: dict[str, object] = {
    "type": "assistant",
    "message": {"model": "<synthetic>", "content": [{"type": "text", "text": LIMIT_TEXT}]},
    "parent_tool_use_id": None,
    "error": "rate_limit",
    "api_error_status": 429,
    "api_error": "usage_limit_reached",
}
RESULT: dict[str, object] = {
    "stop_reason": "end_turn",
    "total_cost_usd": 0.25,
    "usage": {
        "input_tokens": 400,
        "cache_creation_input_tokens": 21,
        "cache_read_input_tokens": 40,
        "output_tokens": 32,
    },
    "is_error": False,
    "subtype": "success",
    "api_error_status": None,
    "result": "All done.",
    "type": "result",
}


def listener() -> ClaudeListener:
    return ClaudeListener(clock=lambda: NOW_S, zone=UTC)


def heard(*said: object) -> tuple[Event, ...]:
    ear = listener()
    return tuple(event for each in said for event in ear.feed(json.dumps(each)))


def judged(*said: object, code: int = 0) -> Verdict:
    ear = listener()
    for each in said:
        ear.feed(json.dumps(each))
    return ear.finish(Ended(exit_code=code))


def test_its_conversation_is_known_from_its_first_line() -> None:
    assert heard(INIT) == (Session(session="9a0f-1"),)
    assert heard(INIT | {"session_id": "--dangerously-skip-permissions"}) == ()


def test_one_answer_is_one_turn_however_many_lines_it_has() -> None:
    events = heard(TEXT, TOOL)
    assert events[0] == Activity(is_turn=True, text="I run it.")
    assert events[2] == Activity(what="Bash: make test")


def test_what_is_used_is_told_early_and_by_its_result_once() -> None:
    early = [event.usage for event in heard(INIT, TEXT, TOOL) if isinstance(event, Used)]
    assert [(u.input_tokens, u.cached_tokens, u.requests) for u in early] == [(100, 7, 1)]
    usage = judged(INIT, TEXT, TOOL, RESULT).usage
    assert (usage.input_tokens, usage.cached_tokens, usage.output_tokens) == (421, 40, 32)
    assert (usage.cost_usd, usage.cost_is_of_session, usage.requests) == (0.25, True, 1)
    assert usage.model == "claude-opus-5-5"


def test_only_a_rejection_is_a_limit() -> None:
    assert heard(LIMIT) == (
        LimitSeen(is_rejected=True, until_s=1795214013.0, text="its limit five_hour is used up"),
    )
    (near,) = heard(WARNING)
    assert near == LimitSeen(
        is_rejected=False,
        until_s=1795214013.0,
        utilization=0.92,
        text="its limit seven_day comes near",
    )
    info = LIMIT["rate_limit_info"]
    assert isinstance(info, dict)
    for change in ({"status": "allowed"}, {"status": "rejected", "isUsingOverage": True}):
        assert heard({"type": "rate_limit_event", "rate_limit_info": info | change}) == ()


def test_a_limit_ends_the_run_with_its_words_and_its_moment() -> None:
    failed = RESULT | {"is_error": True, "api_error_status": 429, "result": LIMIT_TEXT}
    verdict = judged(INIT, LIMIT, ERROR, failed, code=1)
    assert verdict.kind is OutcomeKind.RATE_LIMITED
    assert (verdict.until_s, verdict.reason) == (1795214013.0, LIMIT_TEXT)


def test_a_limit_without_figures_is_read_from_its_words() -> None:
    failed = RESULT | {"is_error": True, "result": "Claude AI usage limit reached|1795214013"}
    assert judged(INIT, failed, code=1).until_s == 1795214013.0
    failed = RESULT | {"is_error": True, "result": LIMIT_TEXT}
    assert judged(INIT, failed, code=1).until_s == 1795213980.0


def test_a_success_whose_answer_is_its_own_error_is_none() -> None:
    verdict = judged(INIT, ERROR, RESULT | {"result": LIMIT_TEXT})
    assert verdict.kind is OutcomeKind.RATE_LIMITED


def test_what_its_model_says_of_limits_is_no_limit() -> None:
    says = json.loads(json.dumps(TEXT))
    says["message"]["content"][0]["text"] = LIMIT_TEXT
    result = {
        "type": "user",
        "message": {"content": [{"type": "tool_result", "content": LIMIT_TEXT}]},
    }
    assert judged(INIT, says, result, RESULT | {"result": LIMIT_TEXT}).kind is OutcomeKind.NORMAL
    assert judged(INIT, says, result, code=1).kind is OutcomeKind.FAILED


def test_a_refused_login_is_final_before_all_retries_are_spent() -> None:
    first, third = heard(RETRY), heard(RETRY | {"attempt": 3})
    text = "authentication_failed (401): retry 1 of 10"
    assert first == (Retrying(delay_s=0.54, status=401, reason=text),)
    assert third[1] == Said(text=text.replace("1 of", "3 of"), kind=OutcomeKind.AUTH, status=401)
    overloaded = RETRY | {"attempt": 9, "error_status": 529, "error": "overloaded"}
    assert [type(event) for event in heard(overloaded)] == [Retrying]


def test_a_helper_of_its_own_that_fails_is_not_the_end() -> None:
    (said,) = heard(ERROR | {"parent_tool_use_id": "toolu_1"})
    assert isinstance(said, Said)
    assert not said.is_final


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"subtype": "error_max_turns", "errors": ["Reached maximum"]}, OutcomeKind.INCOMPLETE),
        ({"subtype": "error_max_budget_usd"}, OutcomeKind.INCOMPLETE),
        ({"subtype": "error_during_execution"}, OutcomeKind.INCOMPLETE),
        ({"terminal_reason": "aborted_tools"}, OutcomeKind.CRASHED),
        ({"terminal_reason": "prompt_too_long", "api_error_status": 400}, OutcomeKind.CONTEXT),
        ({"api_error": "max_output_tokens"}, OutcomeKind.INCOMPLETE),
        ({"api_error": "connection_failed"}, OutcomeKind.TRANSIENT),
        ({"api_error_status": 401, "result": "Not logged in"}, OutcomeKind.AUTH),
        ({"api_error_status": 400, "result": "Credit balance is too low"}, OutcomeKind.BILLING),
        ({"api_error_status": 529, "result": "API Error: 529 Overloaded"}, OutcomeKind.TRANSIENT),
        ({"api_error_status": 404, "result": "no such model"}, OutcomeKind.PERMANENT),
        ({"api_error_status": 429, "result": "API Error: (429)"}, OutcomeKind.RATE_LIMITED),
        ({"result": "nobody knows"}, OutcomeKind.FAILED),
    ],
)
def test_an_error_is_known_by_its_codes(change: dict[str, object], kind: OutcomeKind) -> None:
    assert judged(INIT, RESULT | {"is_error": True, "result": ""} | change, code=1).kind is kind


def test_what_was_denied_to_it_is_told() -> None:
    denied = [{"tool_name": "Bash", "tool_input": {"command": "make"}}, {"tool_name": "Bash"}]
    verdict = judged(INIT, TEXT, RESULT | {"permission_denials": denied})
    assert verdict.kind is OutcomeKind.NORMAL
    assert verdict.reason == "it was denied 2 calls of tools: Bash"


def test_a_result_with_more_to_come_is_not_the_last() -> None:
    assert not any(isinstance(e, Terminal) for e in heard(RESULT | {"queued_turn_count": 1}))
    assert any(isinstance(e, Terminal) for e in heard(RESULT | {"queued_turn_count": 0}))


def test_a_signal_of_others_shows_in_its_exit_code() -> None:
    assert judged(INIT, TEXT, code=143).kind is OutcomeKind.CRASHED
    assert judged(INIT, TEXT, code=1).kind is OutcomeKind.FAILED


# --- whatever it says ----------------------------------------------------------------------------

KNOWN = [INIT, TEXT, TOOL, LIMIT, WARNING, RETRY, ERROR, RESULT]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)
MEMBERS = sorted({name for each in KNOWN for name in each})
CHANGED = st.builds(
    lambda known, members: json.dumps({**known, **members}),
    st.sampled_from(KNOWN),
    st.dictionaries(st.sampled_from([m for m in MEMBERS if m != "type"]), JSON, max_size=4),
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

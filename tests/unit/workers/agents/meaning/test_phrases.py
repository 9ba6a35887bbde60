from __future__ import annotations

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.workers.agents.meaning.phrases import (
    is_agents_fault,
    meaning_of,
    meaning_of_status,
    status_in,
)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Server is temporarily limiting requests (not your usage limit)", OutcomeKind.TRANSIENT),
        ("You\u2019ve hit your usage limit. Upgrade to Pro", OutcomeKind.RATE_LIMITED),
        ("You've hit your session limit · resets 11pm", OutcomeKind.RATE_LIMITED),
        ("You've hit your moonlight limit · resets 11pm", OutcomeKind.RATE_LIMITED),
        ("You've hit your org's monthly usage limit", OutcomeKind.RATE_LIMITED),
        ("5-hour limit reached \u2219 resets 2am", OutcomeKind.RATE_LIMITED),
        ("You're out of extra usage · resets 9pm", OutcomeKind.RATE_LIMITED),
        ("Claude AI usage limit reached|1795214013", OutcomeKind.RATE_LIMITED),
        ("You have exhausted your daily quota on this model.", OutcomeKind.RATE_LIMITED),
        (
            "You exceeded your current quota, please check your plan and billing. Retry in 3s.",
            OutcomeKind.RATE_LIMITED,
        ),
        (
            "You exceeded your current quota, please check your plan and billing details.",
            OutcomeKind.BILLING,
        ),
        ("Credit balance is too low", OutcomeKind.BILLING),
        ("You've reached your individual spend limit", OutcomeKind.BILLING),
        ("Not logged in · Please run /login", OutcomeKind.AUTH),
        ("OAuth token has expired", OutcomeKind.AUTH),
        ("Prompt is too long", OutcomeKind.CONTEXT),
        ("Codex ran out of room in the model's context window.", OutcomeKind.CONTEXT),
        ("Selected model is at capacity. Please try a different model.", OutcomeKind.TRANSIENT),
        ("The model `nope` does not exist or you do not have access", OutcomeKind.PERMANENT),
        ("No conversation found with session ID: 1", OutcomeKind.INCOMPLETE),
        ("", None),
        ("All done.", None),
        ("models/nope is not found for API version v1beta", OutcomeKind.PERMANENT),
        ("Model metadata for `gpt-5` not found. Defaulting to fallback metadata", None),
        ("Connection to the API was lost", OutcomeKind.TRANSIENT),
    ],
)
def test_what_programs_say_is_known_by_its_sense(words: str, kind: OutcomeKind | None) -> None:
    assert meaning_of(words) is kind


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        (401, "", OutcomeKind.AUTH),
        (402, "", OutcomeKind.BILLING),
        (403, "You may not.", OutcomeKind.AUTH),
        (403, "The model x does not exist", OutcomeKind.PERMANENT),
        (404, "", OutcomeKind.PERMANENT),
        (413, "", OutcomeKind.CONTEXT),
        (400, "messages.1: malformed", OutcomeKind.PERMANENT),
        (400, "prompt is too long: 250000 tokens > 200000", OutcomeKind.CONTEXT),
        (400, "API key not valid. Please pass a valid one.", OutcomeKind.AUTH),
        (429, "Too Many Requests", OutcomeKind.RATE_LIMITED),
        (429, "insufficient_quota", OutcomeKind.BILLING),
        (429, "limiting requests (not your usage limit)", OutcomeKind.TRANSIENT),
        (500, "Prompt is too long", OutcomeKind.TRANSIENT),
        (529, "", OutcomeKind.TRANSIENT),
        (200, "Prompt is too long", None),
        (None, "Prompt is too long", None),
        (999, "", None),
    ],
)
def test_a_status_goes_before_words_but_where_it_leaves_it_open(
    status: int | None, words: str, kind: OutcomeKind | None
) -> None:
    assert meaning_of_status(status, words) is kind


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ("API Error: 529 Overloaded.", 529),
        ("[API Error: 401 Incorrect API key]", 401),
        ("API Error: Request rejected (429) · later", 429),
        ("unexpected status 401 Unauthorized: dummy", 401),
        ("exceeded retry limit, last status: 429 Too Many Requests", 429),
        ("HTTP 503", 503),
        ("took 500 ms", None),
        ("status 4290", None),
        ("", None),
    ],
)
def test_a_status_is_found_in_words(words: str, status: int | None) -> None:
    assert status_in(words) == status


def test_a_refused_model_is_the_agents_fault_and_a_refused_request_is_not() -> None:
    assert is_agents_fault(404, "")
    assert is_agents_fault(None, "The model `nope` does not exist")
    assert not is_agents_fault(400, "messages.1: malformed")

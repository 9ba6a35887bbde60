"""How the vendors' servers say no: status, headers and body, as the CLIs were seen to read them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from tests.support.model_server.script import Fault, Ill


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An answer that is an error."""

    status: int
    body: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


# status, type, message
_ANTHROPIC = {
    Ill.RATE: (429, "rate_limit_error", "This request would exceed your account's rate limit."),
    Ill.USAGE: (429, "rate_limit_error", "This request would exceed your account's rate limit."),
    Ill.OVERLOAD: (529, "overloaded_error", "Overloaded"),
    Ill.BROKEN: (500, "api_error", "Internal server error"),
    Ill.AUTH: (401, "authentication_error", "invalid x-api-key"),
    Ill.FORBIDDEN: (403, "permission_error", "Your account does not have access to this."),
    Ill.CREDIT: (
        400,
        "invalid_request_error",
        "Your credit balance is too low to access the Anthropic API.",
    ),
    Ill.CONTEXT: (
        400,
        "invalid_request_error",
        "prompt is too long: 250000 tokens > 200000 maximum",
    ),
    Ill.BAD_REQUEST: (400, "invalid_request_error", "messages.1: something is malformed"),
    Ill.NO_MODEL: (404, "not_found_error", "model: nope"),
}
# status, type, code, message
_OPENAI = {
    Ill.RATE: (429, "tokens", "rate_limit_exceeded", "Rate limit reached. Please try again in 1s."),
    Ill.USAGE: (429, "usage_limit_reached", None, "The usage limit has been reached"),
    Ill.OVERLOAD: (503, "server_error", "server_is_overloaded", "The server is overloaded."),
    Ill.BROKEN: (500, "server_error", "internal_error", "The server had an error."),
    Ill.AUTH: (401, "invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    Ill.FORBIDDEN: (403, "invalid_request_error", "forbidden", "You do not have access to this."),
    Ill.CREDIT: (
        429,
        "insufficient_quota",
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    Ill.CONTEXT: (
        400,
        "invalid_request_error",
        "context_length_exceeded",
        "Your input exceeds the context window of this model.",
    ),
    Ill.BAD_REQUEST: (400, "invalid_request_error", "invalid_value", "Invalid value"),
    Ill.NO_MODEL: (404, "invalid_request_error", "model_not_found", "The model does not exist."),
}
# status, status in words, message
_GEMINI = {
    Ill.RATE: (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota."),
    Ill.USAGE: (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota: limit: 250 a day."),
    Ill.OVERLOAD: (503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    Ill.BROKEN: (500, "INTERNAL", "An internal error has occurred."),
    Ill.AUTH: (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
    Ill.FORBIDDEN: (403, "PERMISSION_DENIED", "Permission denied on resource project."),
    Ill.CREDIT: (400, "FAILED_PRECONDITION", "Billing is not enabled."),
    Ill.CONTEXT: (
        400,
        "INVALID_ARGUMENT",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    ),
    Ill.BAD_REQUEST: (400, "INVALID_ARGUMENT", "Invalid value"),
    Ill.NO_MODEL: (404, "NOT_FOUND", "models/nope is not found"),
}
_GOOGLE = "type.googleapis.com/google.rpc"


def anthropic_refusal(fault: Fault) -> Refusal:
    """As Anthropic's server says it; a limit of the account with its unified headers."""
    status, kind, message = _ANTHROPIC[fault.ill]
    body = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}
    headers = {"request-id": "req_1"}
    if fault.ill is Ill.RATE:
        headers["retry-after"] = str(fault.retry_after_s)
    if fault.ill is Ill.USAGE:
        unified, reset = "anthropic-ratelimit-unified", str(int(fault.resets_at_s))
        headers |= {
            "retry-after": str(_seconds_left(fault)),
            f"{unified}-status": "rejected",
            f"{unified}-reset": reset,
            f"{unified}-representative-claim": "five_hour",
            f"{unified}-5h-status": "rejected",
            f"{unified}-5h-reset": reset,
            f"{unified}-5h-utilization": "1.0",
            f"{unified}-overage-status": "rejected",
            f"{unified}-overage-disabled-reason": "org_level_disabled",
        }
    return Refusal(status=status, body=body, headers=headers)


def openai_refusal(fault: Fault) -> Refusal:
    """As OpenAI's server says it."""
    status, kind, code, message = _OPENAI[fault.ill]
    error: dict[str, Any] = {"message": message, "type": kind, "param": None, "code": code}
    headers: dict[str, str] = {}
    if fault.ill is Ill.RATE:
        headers["retry-after"] = str(fault.retry_after_s)
    if fault.ill is Ill.USAGE:
        reset = int(fault.resets_at_s)
        error |= {
            "plan_type": "plus",
            "resets_at": reset,
            "resets_in_seconds": _seconds_left(fault),
        }
        headers |= {
            "x-codex-primary-used-percent": "100",
            "x-codex-primary-window-minutes": "300",
            "x-codex-primary-reset-at": str(reset),
        }
    return Refusal(status=status, body={"error": error}, headers=headers)


def gemini_refusal(fault: Fault) -> Refusal:
    """As Google's server says it."""
    status, words, message = _GEMINI[fault.ill]
    details: list[dict[str, Any]] = []
    if fault.ill is Ill.AUTH:
        details.append({"@type": f"{_GOOGLE}.ErrorInfo", "reason": "API_KEY_INVALID"})
    if fault.ill is Ill.RATE:
        details.append(_quota("GenerateRequestsPerMinutePerProjectPerModel"))
        details.append({"@type": f"{_GOOGLE}.RetryInfo", "retryDelay": f"{fault.retry_after_s}s"})
    if fault.ill is Ill.USAGE:
        details.append(_quota("GenerateRequestsPerDayPerProjectPerModel"))
    error = {"code": status, "message": message, "status": words, "details": details}
    return Refusal(status=status, body={"error": error})


def _quota(name: str) -> dict[str, Any]:
    violation = {"quotaMetric": "generativelanguage.googleapis.com/requests", "quotaId": name}
    return {"@type": f"{_GOOGLE}.QuotaFailure", "violations": [violation]}


def _seconds_left(fault: Fault) -> int:
    return max(0, int(fault.resets_at_s - time.time()))

"""What Claude Code says in `--output-format stream-json`, and what it means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from ....policies.counting import counted
from ....policies.outcomes.outcome import OutcomeKind
from ....policies.usage import NO_USAGE, Usage
from ....policies.values import replace
from ..base import (
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
from ..jsonline import Json, at, count_at, is_true_at, number_at, objects_at, text_at, texts_at
from ..listening import StructuredListener
from ..meaning.phrases import meaning_of, meaning_of_status
from ..meaning.resets import reset_at
from ..meaning.wording import one_line, session_name

# An expired login is renewed by the first of its retries, if at all; all of them take 3 minutes.
_RETRIES_OF_LOGIN = 3
_ACTIVITY_CHARS = 100
_ARGUMENTS = ("command", "file_path", "path", "pattern", "query", "url", "description")

_ERRORS = {  # `error` of an answer that the program has made up itself
    "authentication_failed": OutcomeKind.AUTH,
    "billing_error": OutcomeKind.BILLING,
    "server_error": OutcomeKind.TRANSIENT,
    "overloaded": OutcomeKind.TRANSIENT,
    "max_output_tokens": OutcomeKind.INCOMPLETE,
}
_API_ERRORS = {
    "usage_limit_reached": OutcomeKind.RATE_LIMITED,
    "connection_failed": OutcomeKind.TRANSIENT,
    "max_output_tokens": OutcomeKind.INCOMPLETE,
}
_REASONS = {  # `terminal_reason`
    "prompt_too_long": OutcomeKind.CONTEXT,
    "max_turns": OutcomeKind.INCOMPLETE,
    "aborted_tools": OutcomeKind.CRASHED,  # by a signal: not one of ours, which goes first
    "aborted_streaming": OutcomeKind.CRASHED,
}


class ClaudeListener(StructuredListener):
    """Follows one run of it."""

    tells_signals_by_code: ClassVar[bool] = True
    _message = ""  # the one whose parts are told just now
    _used = NO_USAGE  # by the messages so far; its own sum comes with its result
    _model = ""
    _denied: tuple[str, ...] = ()  # the tools that it was not allowed to use

    def understand(self, said: Json) -> Iterator[Event]:
        """Say what this object means."""
        match said.get("type"):
            case "system":
                yield from self._of_system(said)
            case "assistant" if text_at(said, "error"):
                yield self._of_error(said)
            case "assistant":
                yield from self._of_message(said)
            case "rate_limit_event":
                yield from self._of_limit(at(said, "rate_limit_info"))
            case "result":
                yield from self._of_result(said)
            case "user" | "stream_event":
                yield Activity()

    def _of_system(self, said: Json) -> Iterator[Event]:
        match said.get("subtype"):
            case "init":
                self._model = text_at(said, "model")
                session = session_name(text_at(said, "session_id"))
                if session:
                    yield Session(session=session)
            case "api_retry":
                yield from _of_retry(said)
            case _:
                yield Activity()

    def _of_message(self, said: Json) -> Iterator[Event]:
        message = at(said, "message")
        name = text_at(message, "id")
        is_turn = bool(name) and name != self._message and text_at(message, "role") != "user"
        if text_at(message, "model") == "<synthetic>":
            return
        self._message = name or self._message
        parts = objects_at(message, "content")
        text = "\n".join(text_at(part, "text") for part in parts if part.get("type") == "text")
        tools = [_tool(part) for part in parts if part.get("type") == "tool_use"]
        yield Activity(what=tools[0] if tools else "", is_turn=is_turn, text=text)
        if is_turn:
            self._used = _sum(self._used, self._usage(at(message, "usage")))
            yield Used(usage=self._used)

    def _of_error(self, said: Json) -> Said:
        """What stands in the place of an answer, when there was none."""
        parts = objects_at(said, "message", "content")
        text = one_line(" ".join(text_at(part, "text") for part in parts))
        name, status = text_at(said, "error"), _status(said)
        limit = at(said, "api_error_params", "rate_limit_info")
        kind = _API_ERRORS.get(text_at(said, "api_error")) or _ERRORS.get(name)
        if kind is None and name == "rate_limit":
            kind = meaning_of_status(429, text)
        return Said(
            text=text or name,
            kind=kind,
            status=status,
            until_s=reset_at(number_at(limit, "resetsAt"), now_s=self.now_s()),
            is_final=not text_at(said, "parent_tool_use_id"),  # else a helper of its own failed
        )

    def _of_limit(self, info: object) -> Iterator[Event]:
        name, status = text_at(info, "rateLimitType"), text_at(info, "status")
        # Beyond the limit it goes on with what was bought besides: that is no wall.
        is_rejected = status == "rejected" and not is_true_at(info, "isUsingOverage")
        if not is_rejected and status != "allowed_warning":
            return
        share = number_at(info, "utilization")
        if share is None:
            share = number_at(info, "unifiedWindows", name, "utilization")
        yield LimitSeen(
            is_rejected=is_rejected,
            until_s=reset_at(number_at(info, "resetsAt"), now_s=self.now_s()),
            utilization=None if share is None or is_rejected else min(max(share, 0.0), 1.0),
            text=one_line(f"its limit {name} {'is used up' if is_rejected else 'comes near'}"),
        )

    def _of_result(self, said: Json) -> Iterator[Event]:
        usage = self._usage(at(said, "usage"))
        cost = number_at(said, "total_cost_usd")
        yield Used(usage=replace(usage, cost_usd=cost, cost_is_of_session=True))
        text = text_at(said, "result") or "; ".join(texts_at(said, "errors"))
        is_ok = said.get("subtype") == "success" and not is_true_at(said, "is_error")
        if is_ok and count_at(said, "queued_turn_count"):
            yield Activity()  # it goes on with what it was told meanwhile
            return
        denials = objects_at(said, "permission_denials")
        self._denied = tuple(text_at(each, "tool_name") for each in denials)
        error = self.heard.said
        if is_ok and error is not None and error.text == one_line(text):
            is_ok = False  # a success whose answer is its own error
        yield Terminal(
            is_ok=is_ok,
            text=text if is_ok else one_line(text),
            kind=None if is_ok else _kind_of_result(said, text),
            status=_status(said),
        )

    def finish(self, ended: Ended) -> Verdict:
        """Judge the end; what was denied to it explains work that is missing."""
        verdict = super().finish(ended)
        if verdict.kind is not OutcomeKind.NORMAL or not self._denied:
            return verdict
        names = ", ".join(sorted(set(self._denied)))
        count = counted(len(self._denied), "call")
        return replace(verdict, reason=one_line(f"it was denied {count} of tools: {names}"))

    def _usage(self, used: object) -> Usage:
        written = count_at(used, "cache_creation_input_tokens")
        return Usage(
            input_tokens=count_at(used, "input_tokens") + written,
            cached_tokens=count_at(used, "cache_read_input_tokens"),
            output_tokens=count_at(used, "output_tokens"),
            model=self._model,
        )


def _of_retry(said: Json) -> Iterator[Event]:
    status, attempt = _status(said, "error_status"), count_at(said, "attempt")
    name = text_at(said, "error") or "unknown"
    of = f" of {count_at(said, 'max_retries')}" if count_at(said, "max_retries") else ""
    text = one_line(f"{name}{f' ({status})' if status else ''}: retry {attempt}{of}")
    delay_ms = number_at(said, "retry_delay_ms") or 0.0
    yield Retrying(delay_s=max(delay_ms / 1000, 0.0), status=status, reason=text)
    if attempt >= _RETRIES_OF_LOGIN and status in {401, 403}:
        yield Said(text=text, kind=OutcomeKind.AUTH, status=status)


def _kind_of_result(said: Json, text: str) -> OutcomeKind | None:
    kind = _REASONS.get(text_at(said, "terminal_reason"))
    kind = kind or _API_ERRORS.get(text_at(said, "api_error"))
    if kind is None and text_at(said, "subtype").startswith("error_"):
        # Turns or money that it was given are used up, or the conversation is not there.
        return meaning_of(text) or OutcomeKind.INCOMPLETE
    return kind


def _status(said: Json, name: str = "api_error_status") -> int | None:
    return count_at(said, name) or None


def _sum(one: Usage, other: Usage) -> Usage:
    return replace(
        other,
        input_tokens=one.input_tokens + other.input_tokens,
        cached_tokens=one.cached_tokens + other.cached_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        requests=one.requests + 1,
    )


def _tool(part: Json) -> str:
    name = text_at(part, "name") or "a tool"
    arguments = (text_at(part, "input", argument) for argument in _ARGUMENTS)
    argument = next(filter(None, arguments), "")
    return one_line(f"{name}: {argument}" if argument else name, chars=_ACTIVITY_CHARS)

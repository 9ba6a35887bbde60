"""What the events of Gemini CLI mean, and the JSON within its error texts.

Its exit code is an HTTP status modulo 256, and 0 where its stream broke off: what it says goes
first. It answers SIGTERM with nothing, or with exit 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import tzinfo

from ....policies.outcomes.outcome import OutcomeKind
from ....policies.usage import Usage
from ....policies.values import replace
from ..base import (
    AgentRun,
    Ended,
    Event,
    Retrying,
    Said,
    Terminal,
    Used,
    Verdict,
)
from ..jsonline import Json, count_at, json_object, number_at, objects_at, text_at
from ..listening import Clock
from ..meaning.phrases import meaning_of_status
from ..meaning.wording import one_line
from .placed import PlacedListener
from .speaking import Speaking

_RETRY = re.compile(r"Attempt \d{1,4} failed(?: with status (\d{3}))?\. Retrying")
# What the program says after its start, on lines that are no event; the rest may be a tool's words.
_OWN_WORDS = re.compile(r"Error (?:when talking|resuming session|in)\b|Approval mode overridden\b")
_EMPTY = "returned an empty response"
_CODES = {
    41: OutcomeKind.AUTH,
    42: OutcomeKind.INCOMPLETE,  # its input: a conversation that is not there any more
    44: OutcomeKind.PERMANENT,  # its sandbox
    52: OutcomeKind.PERMANENT,  # its settings
    53: OutcomeKind.INCOMPLETE,  # turns used up
    55: OutcomeKind.PERMANENT,  # a folder that is not trusted
}
_STATUSES = {status % 256: status for status in (400, 401, 403, 404, 429, 500, 502, 503, 504)}


class GeminiListener(PlacedListener):
    """Understands its events, and the JSON within its error texts."""

    def __init__(
        self, run: AgentRun, *, clock: Clock | None = None, zone: tzinfo | None = None
    ) -> None:
        super().__init__(run, clock=clock, zone=zone)
        self._speaking = Speaking()
        self._has_begun = False
        self._model = ""

    def feed(self, line: str) -> tuple[Event, ...]:
        """Understand a line; one about a new try has an object in it that is none of its events."""
        retry = _RETRY.match(line)
        if retry is None:
            return super().feed(line)
        status = int(retry[1]) if retry[1] else None
        return self.take((Retrying(status=status, reason=one_line(line)),))

    def understand(self, said: Json) -> Iterator[Event]:
        """Say what an event means."""
        match text_at(said, "type"):
            case "init":
                self._has_begun = True
                self._model = text_at(said, "model")[:80]
                yield from self.session(text_at(said, "session_id"))
            case "message" if text_at(said, "role") == "assistant":
                yield self._speaking.says(text_at(said, "content"))
            case "tool_use":
                yield self._speaking.acts(text_at(said, "tool_name"))
            case "tool_result":
                yield self._speaking.hears()
            case "error":
                yield _error(said)
            case "result":
                yield from self._result(said)

    def overhear(self, line: str) -> Iterable[Event]:
        """Take as its own what it says before it has begun, and what it begins in known words."""
        is_own = not self._has_begun or _OWN_WORDS.match(line) is not None
        return super().overhear(line) if is_own else ()

    def _result(self, said: Json) -> Iterator[Event]:
        yield Used(usage=replace(_usage(said), model=self._model))
        if text_at(said, "status") == "success":
            yield Terminal(is_ok=True, text=self._speaking.text)
            return
        error = text_at(said, "error", "message")
        told = json_object(error.removesuffix("]"))  # [API Error: {...}]
        status = count_at(told, "error", "code") or None
        message = text_at(told, "error", "message")
        yield Terminal(
            is_ok=False,
            text=one_line(f"{status} {message}" if message else error),
            kind=_kind(told, status, message) if told else None,
            status=status,
            until_s=self._until_s(told),
        )

    def _until_s(self, told: Json | None) -> float | None:
        for detail in objects_at(told, "error", "details"):
            delay = text_at(detail, "retryDelay").removesuffix("s")
            if delay.replace(".", "", 1).isdecimal() and len(delay) < 12:  # noqa: PLR2004
                return self.now_s() + float(delay)
        return None

    def finish(self, ended: Ended) -> Verdict:
        """Judge the end; the exit code only where nothing else has said anything."""
        verdict = super().finish(ended)
        code = ended.exit_code
        if verdict.kind is not OutcomeKind.FAILED:
            return verdict
        status = verdict.status or _STATUSES.get(code)
        kind = meaning_of_status(status, verdict.reason) or _CODES.get(code)
        return replace(verdict, kind=kind or verdict.kind, status=status)


def _kind(told: Json, status: int | None, message: str) -> OutcomeKind | None:
    reasons = {text_at(detail, "reason") for detail in objects_at(told, "error", "details")}
    if "API_KEY_INVALID" in reasons:
        return OutcomeKind.AUTH
    kind = meaning_of_status(status, message)
    # Of an account that may not go on without paying, whatever its words are.
    refused = text_at(told, "error", "status") == "FAILED_PRECONDITION"
    return OutcomeKind.BILLING if refused and kind is OutcomeKind.PERMANENT else kind


def _error(said: Json) -> Said:
    text = one_line(text_at(said, "message"))
    kind = OutcomeKind.INCOMPLETE if _EMPTY in text else None
    return Said(text=text, kind=kind, is_final=text_at(said, "severity") == "error")


def _usage(said: Json) -> Usage:
    everything, read = count_at(said, "stats", "total_tokens"), count_at(said, "stats", "cached")
    sent = count_at(said, "stats", "input_tokens")
    plain = number_at(said, "stats", "input")
    return Usage(
        input_tokens=max(0, sent - read) if plain is None else count_at(said, "stats", "input"),
        cached_tokens=read,
        output_tokens=max(everything - sent, count_at(said, "stats", "output_tokens")),
    )

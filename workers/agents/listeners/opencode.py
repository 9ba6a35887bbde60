"""What opencode's events and the lines of its log mean.

It has no last event: a step that finishes with `stop` may be a summary of what came before, after
which it goes on. Its log, on stderr, says when its loop is left, and each failed request: what it
does while it tries again, in silence, for hours if the server says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import tzinfo

from ....policies.outcomes.outcome import OutcomeKind
from ....policies.usage import Usage
from ....policies.values import replace
from ..base import (
    Activity,
    AgentRun,
    Ended,
    Event,
    Retrying,
    Said,
    Terminal,
    Used,
    Verdict,
)
from ..jsonline import Json, count_at, is_true_at, json_object, number_at, text_at
from ..listening import Clock
from ..meaning.resets import reset_at, retry_after
from ..meaning.wording import one_line
from .placed import PlacedListener

OVERFLOWS_MAX = 3  # of the context, one after the other: it makes summaries for ever
_LOG = re.compile(r"timestamp=\S{1,40} level=([A-Z]{1,8}) ")
_VALUE = r'("(?:[^"\\]|\\.){0,2000}|\S{0,2000})'
_MESSAGE = re.compile(r" message=" + _VALUE)
_ERROR = re.compile(r" (?:error|error\.error|cause)=" + _VALUE)
_MODEL = re.compile(r" providerID=(\S{1,80}) modelID=(\S{1,80})")
_SESSION = re.compile(r" session\.id=(\w{1,128})")
_CUT = "its answer was cut at the model's output limit"
_GOES_ON = {"tool-calls", "unknown"}
_NAMES = {
    "ContextOverflowError": OutcomeKind.CONTEXT,
    "MessageAbortedError": OutcomeKind.INTERRUPTED,
    "MessageOutputLengthError": OutcomeKind.INCOMPLETE,
    "ProviderAuthError": OutcomeKind.AUTH,
}
_CODES = {
    "insufficient_quota": OutcomeKind.BILLING,
    "usage_limit_reached": OutcomeKind.RATE_LIMITED,
    "context_length_exceeded": OutcomeKind.CONTEXT,
}


class OpencodeListener(PlacedListener):
    """Adds the steps up, and finds the end of the loop."""

    def __init__(
        self, run: AgentRun, *, clock: Clock | None = None, zone: tzinfo | None = None
    ) -> None:
        super().__init__(run, clock=clock, zone=zone)
        self._session = ""
        self._text = ""
        self._reason = ""  # why the last step has finished
        self._is_over = False  # the loop has been left
        self._overflows = 0
        self._usage = Usage()
        self._cost_usd = 0.0

    def feed(self, line: str) -> tuple[Event, ...]:
        """Understand a line; some of its log bear an object that is none of its events."""
        level = _LOG.match(line)
        if level is None:
            return super().feed(line)
        return self.take(self._log(level[1], line))

    # --- its events -----------------------------------------------------------------------------

    def understand(self, said: Json) -> Iterator[Event]:
        """Say what an event means."""
        session = text_at(said, "sessionID")
        if session and not self._session:
            self._session = session
            yield from self.session(session)
        match text_at(said, "type"):
            case "step_start":
                self._reason = ""
                yield Activity(is_turn=True)
            case "text" if not is_true_at(said, "part", "synthetic"):
                self._text = text_at(said, "part", "text")
                yield Activity(text=self._text)
            case "tool_use":
                self._overflows = 0
                yield Activity(what=text_at(said, "part", "tool")[:80] or "a tool")
            case "step_finish":
                yield from self._step(said)
            case "error":
                yield from self._error(said)

    def _step(self, said: Json) -> Iterator[Event]:
        self._reason = text_at(said, "part", "reason") or "unknown"
        was, tokens = self._usage, ("part", "tokens")
        sent = count_at(said, *tokens, "input") + count_at(said, *tokens, "cache", "write")
        answered = count_at(said, *tokens, "output") + count_at(said, *tokens, "reasoning")
        self._usage = replace(
            was,
            input_tokens=was.input_tokens + sent,
            cached_tokens=was.cached_tokens + count_at(said, *tokens, "cache", "read"),
            output_tokens=was.output_tokens + answered,
        )
        self._cost_usd += max(0.0, number_at(said, "part", "cost") or 0.0)
        yield self._used()
        yield from self._end()

    def _error(self, said: Json) -> Iterator[Event]:
        name = text_at(said, "error", "name")
        text = one_line(text_at(said, "error", "data", "message") or name)
        status = count_at(said, "error", "data", "statusCode") or None
        body = json_object(text_at(said, "error", "data", "responseBody"))
        kind = _NAMES.get(name) or _CODES.get(text_at(body, "error", "code"))
        kind = kind or _CODES.get(text_at(body, "error", "type"))
        if kind is OutcomeKind.CONTEXT:
            self._overflows += 1
            if self._overflows >= OVERFLOWS_MAX:
                yield Terminal(is_ok=False, text=text, kind=kind, status=status)
                return
        until_s = self._until_s(said, body)
        yield Said(text=text, kind=kind, status=status, until_s=until_s)

    def _until_s(self, said: Json, body: Json | None) -> float | None:
        now_s = self.now_s()
        in_s = number_at(body, "error", "resets_in_seconds")
        header = text_at(said, "error", "data", "responseHeaders", "retry-after")
        return (
            reset_at(number_at(body, "error", "resets_at"), now_s=now_s)
            or reset_at(None if in_s is None else now_s + in_s, now_s=now_s)
            or retry_after(header, now_s=now_s)
        )

    # --- its log --------------------------------------------------------------------------------

    def _log(self, level: str, line: str) -> Iterator[Event]:
        message = _value(_MESSAGE, line)
        found = _SESSION.search(line)
        is_ours = found is not None and found[1] == self._session
        if message == "exiting loop" and is_ours:
            self._is_over = True
            yield from self._end()
        elif message == "stream":
            model = _MODEL.search(line)
            self._usage = replace(
                self._usage,
                requests=self._usage.requests + 1,
                model=f"{model[1]}/{model[2]}" if model else self._usage.model,
            )
            yield self._used()
        elif level == "ERROR":
            text = one_line(_value(_ERROR, line) or message)
            if message != "stream error":
                yield Said(text=text, is_final=False)
            elif " small=false " in line:
                yield Retrying(reason=text)

    # --- its end --------------------------------------------------------------------------------

    def _end(self) -> Iterator[Event]:
        # Its log is ahead of its events: of the last step, the loop's end may be told first.
        if self._is_over and self._has_finished:
            yield self._terminal()

    @property
    def _has_finished(self) -> bool:
        return bool(self._reason) and self._reason not in _GOES_ON

    def _terminal(self) -> Terminal:
        if self._reason == "stop":
            return Terminal(is_ok=True, text=self._text)
        is_cut = self._reason == "length"
        why = f"its last step finished with {one_line(self._reason)[:40]!r}"
        return Terminal(is_ok=False, text=_CUT if is_cut else why, kind=OutcomeKind.INCOMPLETE)

    def _used(self) -> Used:
        # No cost is no word of its own about one: it knows no price of most models.
        return Used(usage=replace(self._usage, cost_usd=self._cost_usd or None))

    def finish(self, ended: Ended) -> Verdict:
        """Judge the end; without its log, the last step says whether it was one."""
        is_told = self.heard.terminal is not None or self.heard.said is not None
        if not is_told and self._has_finished and ended.exit_code == 0:
            self.take((self._terminal(),))
        return super().finish(ended)


def _value(pattern: re.Pattern[str], line: str) -> str:
    found = pattern.search(line)
    if found is None:
        return ""
    value = found[1]
    return value[1:].replace('\\"', '"') if value.startswith('"') else value

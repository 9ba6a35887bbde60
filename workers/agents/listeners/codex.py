"""What Codex says in `codex exec --json`, and what it means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from typing import ClassVar

from ....policies.outcomes.outcome import OutcomeKind
from ....policies.usage import Usage
from ....policies.values import replace
from ..base import Activity, Ended, Event, Retrying, Said, Session, Terminal, Used, Verdict
from ..jsonline import Json, at, count_at, json_object, text_at
from ..listening import Clock, StructuredListener
from ..meaning.phrases import meaning_of, status_in
from ..meaning.wording import one_line, session_name
from .codex_rollout import reset_of, rollout_of

_ACTIVITY_CHARS = 100
_MINUTE_S = 60.0
# "Reconnecting... 1/5 (why)", "Reconnecting... waiting for network (why)": it goes on by itself.
_RETRY = re.compile(r"(?:reconnecting\b|.{0,300}\bretrying \d+/\d+)", re.IGNORECASE)
_TOOLS = {
    "command_execution": "command",
    "file_change": "",
    "mcp_tool_call": "tool",
    "web_search": "query",
}


class CodexListener(StructuredListener):
    """Follows one run of it; `home` is its CODEX_HOME, empty where that is not known."""

    tells_signals_by_code: ClassVar[bool] = True

    def __init__(
        self, home: str = "", *, clock: Clock | None = None, zone: tzinfo | None = None
    ) -> None:
        super().__init__(clock=clock, zone=zone)
        self._home = home
        self._waits_for_model = True

    def understand(self, said: Json) -> Iterator[Event]:
        """Say what this object means."""
        match said.get("type"):
            case "thread.started":
                session = session_name(text_at(said, "thread_id"))
                if session:
                    yield Session(session=session)
            case "item.started" | "item.updated" | "item.completed":
                yield self._of_item(at(said, "item"), is_done=said.get("type") == "item.completed")
            case "error":
                yield _of_error(text_at(said, "message"))
            case "turn.completed":
                yield Used(usage=_usage(at(said, "usage")))
                yield Terminal(is_ok=True, text=self.heard.words)
            case "turn.failed":
                error = _of_error(text_at(said, "error", "message"))
                failed = error if isinstance(error, Said) else Said(text=error.reason)
                yield Terminal(
                    is_ok=False, text=failed.text, kind=failed.kind, status=failed.status
                )
            case "turn.started":
                yield Activity()

    def _of_item(self, item: object, *, is_done: bool) -> Event:
        kind = text_at(item, "type")
        if kind == "error":  # a warning of the program's
            return Said(text=one_line(text_at(item, "message")), is_final=False)
        is_turn, self._waits_for_model = self._waits_for_model, False
        text = text_at(item, "text") if kind == "agent_message" else ""
        argument = text_at(item, _TOOLS.get(kind, ""))
        what = f"{kind.replace('_', ' ')}{': ' if argument else ''}{argument}"
        if kind in _TOOLS and is_done:
            self._waits_for_model = True
        return Activity(
            what=one_line(what, chars=_ACTIVITY_CHARS) if kind in _TOOLS else "",
            is_turn=is_turn,
            text=text,
        )

    def finish(self, ended: Ended) -> Verdict:
        """Judge the end; its own record knows what it did not say."""
        verdict = super().finish(ended)
        if not self._home:
            return verdict
        record = rollout_of(Path(self._home), verdict.session)
        usage = verdict.usage
        if not usage.tokens:  # of a turn that failed, or was ended, it says nothing
            usage = replace(_usage(record.used), requests=usage.requests)
        verdict = replace(verdict, usage=replace(usage, model=record.model))
        if verdict.kind is not OutcomeKind.RATE_LIMITED:
            return verdict
        recorded_s = reset_of(record.limits, now_s=self.now_s())
        return replace(verdict, until_s=_exact(verdict.until_s, recorded_s))


def _exact(told_s: float | None, recorded_s: float | None) -> float | None:
    """Take the moment from its words, which leave the seconds out, and these from the record."""
    if told_s is None or recorded_s is None:
        return told_s or recorded_s
    return recorded_s if told_s <= recorded_s < told_s + _MINUTE_S else told_s


def _of_error(message: str) -> Retrying | Said:
    if _RETRY.match(message):
        return Retrying(status=status_in(message), reason=one_line(message))
    body = json_object(message) if message.lstrip().startswith("{") else None
    if body is None:
        return Said(text=one_line(message), status=status_in(message))
    # What the server answered, as it stands.
    text = one_line(text_at(body, "error", "message") or text_at(body, "message") or message)
    codes = f"{text_at(body, 'error', 'code')} {text_at(body, 'error', 'type')}"
    kind = meaning_of(codes) or meaning_of(text)
    if kind is None and "invalid_request" in codes:
        kind = OutcomeKind.PERMANENT
    return Said(text=text, kind=kind, status=count_at(body, "status") or None)


def _usage(used: object) -> Usage:
    cached = count_at(used, "cached_input_tokens")
    return Usage(
        input_tokens=max(count_at(used, "input_tokens") - cached, 0),
        cached_tokens=cached,
        output_tokens=count_at(used, "output_tokens"),
        tokens_are_of_session=True,
    )

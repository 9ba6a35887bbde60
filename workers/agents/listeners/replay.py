"""What the replay agent says of itself, understood as a real agent's words are."""

from __future__ import annotations

import msgspec
from msgspec import UNSET, Struct, UnsetType

from ....policies.outcomes.outcome import OutcomeKind
from ....policies.usage import NO_USAGE, Usage
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
from ..meaning.exiting import kind_of_exit
from ..playing.script import RESULT_LINE, WORD_LINE


class _Fail(Struct, frozen=True, kw_only=True):
    kind: OutcomeKind
    text: str = ""
    status: int | None = None
    until_s: float | None = None
    is_last: bool = True  # it ends now; else it hangs about


class _Word(Struct, frozen=True, kw_only=True):
    """One line; it has one of these."""

    session: str | UnsetType = UNSET
    activity: str | UnsetType = UNSET
    answer: str | UnsetType = UNSET
    retry: Retrying | UnsetType = UNSET
    limit: LimitSeen | UnsetType = UNSET
    usage: Usage | UnsetType = UNSET
    fail: _Fail | UnsetType = UNSET


_READ = msgspec.json.Decoder(_Word)


class ReplayListener:
    """Follows one run of the replay agent; where it says nothing of itself, its exit code does."""

    def __init__(self) -> None:
        self._session = ""
        self._usage = NO_USAGE
        self._answer = ""
        self._end: _Fail | None = None

    def feed(self, line: str) -> tuple[Event, ...]:
        """Understand a line of the player's own; all others are the work's."""
        if line.startswith(RESULT_LINE):
            self._answer = line.removeprefix(RESULT_LINE)
            return (Terminal(is_ok=True, text=self._answer),)
        if not line.startswith(WORD_LINE):
            return ()
        try:
            event = self._understood(_READ.decode(line.removeprefix("replay: ")))
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            return ()
        return () if event is None else (event,)

    def _understood(self, word: _Word) -> Event | None:
        if isinstance(word.session, str):
            self._session = word.session
            return Session(session=word.session)
        if isinstance(word.activity, str):
            self._end = None  # it went on after all
            return Activity(what=word.activity, is_turn=True)
        if isinstance(word.answer, str):
            self._answer, self._end = word.answer, None
            return Terminal(is_ok=True, text=word.answer)
        if isinstance(word.retry, Retrying):
            return word.retry
        if isinstance(word.usage, Usage):
            self._usage = word.usage
            return Used(usage=word.usage)
        return self._understood_end(word)

    def _understood_end(self, word: _Word) -> Event | None:
        if isinstance(word.limit, LimitSeen):
            if word.limit.is_rejected:
                kind, limit = OutcomeKind.RATE_LIMITED, word.limit
                self._end = _Fail(kind=kind, text=limit.text, until_s=limit.until_s)
            return word.limit
        if not isinstance(word.fail, _Fail):
            return None
        fail = self._end = word.fail
        if fail.is_last:
            return Terminal(
                is_ok=False,
                text=fail.text,
                kind=fail.kind,
                status=fail.status,
                until_s=fail.until_s,
            )
        return Said(text=fail.text, kind=fail.kind, status=fail.status, until_s=fail.until_s)

    def finish(self, ended: Ended) -> Verdict:
        """Go by what we ended it for, else by how it says that it failed, else by its exit code."""
        end = self._end
        kind = end.kind if end is not None else kind_of_exit(ended.exit_code)
        return Verdict(
            kind=ended.killed_because or kind,
            reason="" if end is None else end.text,
            until_s=None if end is None else end.until_s,
            status=None if end is None else end.status,
            session=self._session,
            usage=self._usage,
            answer=self._answer,
        )

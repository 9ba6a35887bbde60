"""Follows what an agent says: events of its adapter become news, counts, and wishes to end it."""

from __future__ import annotations

from collections.abc import Callable

from ...policies.outcomes.outcome import OutcomeKind
from ...policies.usage import NO_USAGE, Usage
from ...policies.values import replace
from ..agents.base import (
    Activity,
    Ended,
    Event,
    LimitSeen,
    Listener,
    Retrying,
    Said,
    Session,
    Terminal,
    Used,
    Verdict,
)
from ..agents.meaning.wording import one_line
from ..jobs.ear import Wish
from .border import REASON_CHARS_MAX, SESSION_CHARS_MAX, event_of, verdict_of
from .news import Bulletin
from .runaway import Tally

RESULT_GRACE_S = 10.0  # for an agent whose result is there, to exit by itself
LAST_WORD_GRACE_S = 5.0  # for one that has said what no further try mends

# What it said to be so, and tries again all the same.
_HOPELESS = frozenset(
    {
        OutcomeKind.AUTH,
        OutcomeKind.BILLING,
        OutcomeKind.RATE_LIMITED,
        OutcomeKind.CONTEXT,
    }
)
_BLAME_CHARS_MAX = 300


class Hearing:
    """The ear of one run. What its adapter raises ends the run and nothing else."""

    def __init__(
        self,
        listener: Listener,
        tally: Tally,
        bulletin: Bulletin,
        *,
        agent: str,
        hears_pieces: bool,
        price: Callable[[Usage], Usage] = lambda usage: usage,
    ) -> None:
        self._listener = listener
        self._tally = tally
        self._bulletin = bulletin
        self._agent = agent
        self._hears_pieces = hears_pieces
        self._price = price
        self._used = NO_USAGE  # as it said last
        self._last_word: Said | LimitSeen | None = None
        self._broken = ""  # what its adapter raised
        self._excess = ""
        self._waits_for = ""
        self._has_acted = False  # since somebody asked what it waits for
        self.has_result = False
        self.verdict: Verdict | None = None  # once it has ended

    # --- what is heard --------------------------------------------------------------------------

    def hear(self, line: str) -> None:
        """Give a line to the adapter."""
        if self._broken:
            return
        try:
            for event in self._listener.feed(line):
                self._take(event_of(event))
        except Exception as error:  # noqa: BLE001  an adapter may be anybody's
            self._blame(error)

    def hear_piece(self, piece: str) -> None:
        """A part of a line is none: what stands in it may look like a word of the agent's own."""
        if self._hears_pieces:
            self.hear(piece)

    def looked(self, *, written_bytes: int) -> None:
        """Count, and tell what is new."""
        self._tally.written_bytes = written_bytes
        self._excess = self._excess or self._tally.excess()
        self._bulletin.tell()

    def _take(self, event: Event) -> None:
        match event:
            case Session():
                self._bulletin.session(event.session[:SESSION_CHARS_MAX])
            case Activity():
                self._act(event)
            case Retrying():
                self._tally.count_retry()
                self._waits_for = event.reason or f"status {event.status}"
                self._bulletin.activity(f"tries its server again: {self._waits_for}")
            case LimitSeen():
                self._bulletin.limit(event)
                if event.is_rejected:
                    self._last_word = event
            case Used():
                self._used = self._price(event.usage)
                self._tally.take(self._used)
                self._bulletin.usage(self._used)
            case Said():
                if event.is_final and event.kind in _HOPELESS:
                    self._last_word = event
            case Terminal():
                self.has_result = True
            case _:
                raise TypeError(f"{event!r} is no event")

    def _act(self, activity: Activity) -> None:
        self._waits_for, self._has_acted = "", True
        if activity.is_turn:
            self._last_word = None  # it goes on after all
            self._tally.count_turn()
            self._bulletin.answered()
        self._bulletin.activity(activity.what)

    # --- what follows from it -------------------------------------------------------------------

    def wish(self) -> Wish | None:
        """Say why it should be ended."""
        if self._broken:
            return Wish(because=OutcomeKind.FAILED, within_s=0.0, detail=self._broken)
        if self.has_result:
            return Wish(because=OutcomeKind.NORMAL, within_s=RESULT_GRACE_S)
        if self._excess:
            return Wish(because=OutcomeKind.RUNAWAY, within_s=0.0, detail=self._excess)
        match self._last_word:
            case LimitSeen(text=text):
                kind = OutcomeKind.RATE_LIMITED
                return Wish(
                    because=kind,
                    within_s=LAST_WORD_GRACE_S,
                    detail=one_line(text, chars=REASON_CHARS_MAX),
                )
            case Said(text=text, kind=OutcomeKind() as kind):
                return Wish(
                    because=kind,
                    within_s=LAST_WORD_GRACE_S,
                    detail=one_line(text, chars=REASON_CHARS_MAX),
                )
            case _:
                return None

    def waiting(self) -> str:
        """What it waits for, where it has done nothing else since the last call."""
        has_acted, self._has_acted = self._has_acted, False
        return "" if has_acted else self._waits_for

    def finish(self, ended: Ended) -> Verdict:
        """Let the adapter judge; what it forgot of its own last word is added."""
        try:
            verdict = verdict_of(self._listener.finish(ended))
        except Exception as error:  # noqa: BLE001  as above
            self._blame(error)
            verdict = Verdict(kind=OutcomeKind.FAILED)
        if self._broken:
            verdict = replace(verdict, kind=OutcomeKind.FAILED, reason=self._broken)
        word = self._last_word
        if word is not None and ended.killed_because is not None and verdict.until_s is None:
            verdict = replace(verdict, until_s=word.until_s)
        usage = self._used if verdict.usage == NO_USAGE else self._price(verdict.usage)
        verdict = replace(verdict, usage=usage)
        self._bulletin.tell()
        self.verdict = verdict
        return verdict

    def _blame(self, error: Exception) -> None:
        said = f"{type(error).__name__}: {error}"[:_BLAME_CHARS_MAX]
        self._broken = self._broken or f"the adapter of agent {self._agent!r} raised {said}"

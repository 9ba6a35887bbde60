"""Ears for tests: one that keeps what it hears, and the real one with as little as it needs."""

from __future__ import annotations

from collections.abc import Callable

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.workers.agents.base import Ended, Listener, Verdict
from prd_supervise.workers.attempt.hearing import Hearing
from prd_supervise.workers.attempt.news import Bulletin
from prd_supervise.workers.attempt.runaway import Tally
from prd_supervise.workers.jobs.ear import Wish
from prd_supervise.workers.messages.agents import RunBounds
from prd_supervise.workers.messages.story import AgentNews

UNBOUND = RunBounds(idle_requests=0, output_bytes=0)


class Recorder:
    """Keeps what it hears, and wishes for nothing."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.pieces: list[str] = []
        self.written: list[int] = []
        self.has_result = False

    def hear(self, line: str) -> None:
        """Keep a line."""
        self.lines.append(line)

    def hear_piece(self, piece: str) -> None:
        """Keep a piece."""
        self.pieces.append(piece)

    def looked(self, *, written_bytes: int) -> None:
        """Keep how much was written."""
        self.written.append(written_bytes)

    def wish(self) -> Wish | None:
        """Wish for nothing."""
        return None

    def waiting(self) -> str:
        """Wait for nothing."""
        return ""

    def finish(self, _ended: Ended) -> Verdict:
        """Find it good."""
        return Verdict(kind=OutcomeKind.NORMAL)


def hearing(
    listener: Listener,
    bounds: RunBounds = UNBOUND,
    *,
    files: Callable[[], int | None] = lambda: 0,
    tell: Callable[[AgentNews], None] = lambda _news: None,
    now_s: Callable[[], float] = lambda: 0.0,
    hears_pieces: bool = True,
) -> Hearing:
    """The ear of a run."""
    return Hearing(
        listener,
        Tally(bounds, files),
        Bulletin(1, tell, now_s),
        agent="tested",
        hears_pieces=hears_pieces,
    )

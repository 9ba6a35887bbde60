"""Listening to a program whose conversations can be gone on with in their own worktree alone."""

from __future__ import annotations

from datetime import tzinfo

from ..base import AgentRun, Session
from ..conversations import name_of
from ..listening import Clock, StructuredListener


class PlacedListener(StructuredListener):
    """Knows in which run it listens."""

    def __init__(
        self, run: AgentRun, *, clock: Clock | None = None, zone: tzinfo | None = None
    ) -> None:
        super().__init__(clock=clock, zone=zone)
        self._run = run

    def session(self, name: str) -> tuple[Session, ...]:
        """The conversation that the program calls so; none where that is no plain word."""
        known = name_of(name, self._run)
        return (Session(session=known),) if known else ()

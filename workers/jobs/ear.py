"""Who listens to what a command writes, and may wish for its end."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from ...policies.outcomes.outcome import OutcomeKind
from ..agents.base import Ended, Verdict


class Wish(Struct, frozen=True, kw_only=True):
    """That the command be ended, if it has not by itself after `within_s`.

    NORMAL: it has its result, so that its end counts as one by itself.
    """

    because: OutcomeKind
    within_s: float
    detail: str = ""


class Ear(Protocol):
    """Hears every line once, in order."""

    @property
    def has_result(self) -> bool:
        """Say whether it has said its last word."""

    def hear(self, line: str) -> None:
        """Take a whole line; the last one may lack its end."""

    def hear_piece(self, piece: str) -> None:
        """Take a part of a line that is too long, or whose begin was passed over."""

    def looked(self, *, written_bytes: int) -> None:
        """Know that all is heard that was there; so much was written in all."""

    def wish(self) -> Wish | None:
        """What is wished for now; a wish may be taken back."""

    def waiting(self) -> str:
        """What it waits for, where since the last call it did nothing else; else empty."""

    def finish(self, ended: Ended) -> Verdict:
        """Judge the end."""

"""What comes of the ear of a command: its wishes, each heeded once, and its word at the end."""

from __future__ import annotations

from ...policies.outcomes.outcome import OutcomeKind
from ..agents.base import Ended, Verdict
from .ear import Ear, Wish


class Wishes:
    """The wishes of an ear; nobody listens where there is none."""

    def __init__(self, ear: Ear | None) -> None:
        self._ear = ear
        self._wished: OutcomeKind | None = None
        self._number = 0

    @property
    def has_result(self) -> bool:
        """Say whether the command has said its last word."""
        return self._ear is not None and self._ear.has_result

    def fresh(self) -> tuple[int, Wish] | None:
        """A wish that was not there at the last call, with its number."""
        wish = self._ear.wish() if self._ear is not None else None
        wished = None if wish is None else wish.because
        if wished is self._wished:
            return None
        self._wished = wished
        self._number += 1
        return None if wish is None else (self._number, wish)

    def standing(self, number: int) -> Wish | None:
        """The wish of this number, unless it was taken back or another one has taken its place."""
        is_same = number == self._number and self._ear is not None
        return self._ear.wish() if is_same and self._ear is not None else None

    def waiting(self) -> str:
        """What the command waits for, if it does nothing else."""
        return self._ear.waiting() if self._ear is not None else ""

    def judged(self, code: int, because: OutcomeKind | None, tail: str) -> Verdict | None:
        """What is made of its end, which `because` is our reason for."""
        if self._ear is None:
            return None
        if because is OutcomeKind.NORMAL:
            # Only its exit was missing: it counts as if it had ended by itself after its last word.
            return self._ear.finish(Ended(exit_code=0, tail=tail))
        return self._ear.finish(Ended(exit_code=code, killed_because=because, tail=tail))

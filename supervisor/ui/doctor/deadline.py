"""A deadline for what may hang: a disk of a network, a program that waits for somebody."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TooLongError(Exception):
    """It was not done in time."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TooLongError in what takes longer; 0: it has a deadline of its own."""
    if not seconds:
        yield
        return

    def raise_it(_number: int, _frame: FrameType | None) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, raise_it)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

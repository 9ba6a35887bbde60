"""Who is told before git, or the wait for a lock, lets this process's loop stand still."""

from __future__ import annotations

from collections.abc import Callable

Tell = Callable[[float], None]

_told: list[Tell] = []


def tell_before(tell: Tell) -> None:
    """Call `tell`, and nobody else, with the seconds that the next standstill may last."""
    _told[:] = [tell]


def announce(for_s: float) -> None:
    """Say that nothing else may happen here for up to `for_s` seconds."""
    for tell in _told:
        tell(for_s)

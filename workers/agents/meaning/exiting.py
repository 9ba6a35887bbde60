"""Agents of which nothing is known but a line with their result, and their exit code."""

from __future__ import annotations

import signal
from collections.abc import Callable

from ....policies.outcome import OutcomeKind
from ..base import Ended, Event, Terminal, Verdict


class ResultLine:
    """Listens for the line after which the agent should exit; `bears_result` knows it."""

    def __init__(self, bears_result: Callable[[str], bool]) -> None:
        self._bears_result = bears_result

    def feed(self, line: str) -> tuple[Event, ...]:
        """Look whether this is that line."""
        return (Terminal(is_ok=True, text=line),) if self._bears_result(line) else ()

    def finish(self, ended: Ended) -> Verdict:
        """Go by what we ended it for, else by its exit code."""
        return Verdict(kind=ended.killed_because or kind_of_exit(ended.exit_code))


def kind_of_exit(code: int) -> OutcomeKind:
    """What an exit code says by itself; a negative one is a signal."""
    if code == 0:
        return OutcomeKind.NORMAL
    return OutcomeKind.FAILED if code > 0 else OutcomeKind.CRASHED


def exit_in_words(code: int) -> str:
    """Say an exit code as a line for people; a negative one is a signal."""
    if code >= 0:
        return f"exited with {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:  # a real-time signal between the two that have names
        return f"killed by signal {-code}"

"""A program of which nothing is known but a line with its result, and its exit code."""

from __future__ import annotations

from collections.abc import Callable

from ..base import Ended, Event, Terminal, Verdict
from ..meaning.exiting import kind_of_exit


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

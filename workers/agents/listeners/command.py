"""A program of which little is known: a line with its result, its last words, its exit code."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from ..base import Ended, Event, Terminal, Verdict
from ..meaning.exiting import kind_of_exit
from ..meaning.heard import ANSWER_CHARS_MAX


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


class LastWords:
    """Remembers the end of what was printed: that is its answer."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque()
        self._size = 0

    def feed(self, line: str) -> tuple[Event, ...]:
        """Remember it."""
        line = line.rstrip("\n")[-ANSWER_CHARS_MAX:]
        self._lines.append(line)
        self._size += len(line) + 1
        while self._size > ANSWER_CHARS_MAX and len(self._lines) > 1:
            self._size -= len(self._lines.popleft()) + 1
        return ()

    def finish(self, ended: Ended) -> Verdict:
        """Go by what we ended it for, else by its exit code."""
        kind = ended.killed_because or kind_of_exit(ended.exit_code)
        return Verdict(kind=kind, answer="\n".join(self._lines))

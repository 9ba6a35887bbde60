"""A command that was run to its end, and one that runs in the background."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.support.e2e_processes import DEADLINE_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """What it said on its standard error."""
        return self.err.splitlines()


class Wait(Protocol):
    """How a driver waits until something is so, and fails with all that it knows."""

    def __call__(
        self, is_so: Callable[[], object], what: str, run: Run, within_s: float = ..., /
    ) -> float:
        """Return the seconds that it took."""


class Run:
    """A `start` or `resume` in the background."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        output: Path,
        *,
        wait: Wait,
        told: Callable[[Run], str],
    ) -> None:
        self._process = process
        self._output = output
        self._wait = wait
        self._told = told

    @property
    def pid(self) -> int:
        """Root's pid, which is the command's own."""
        return self._process.pid

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    @property
    def is_over(self) -> bool:
        """Say whether it has ended."""
        return self._process.poll() is not None

    @property
    def code(self) -> int | None:
        """Its exit code, once it has ended; negative: the signal."""
        return self._process.poll()

    def signal(self, number: signal.Signals) -> None:
        """Send root a signal."""
        self._process.send_signal(number)

    def wait_line(self, text: str) -> str:
        """Wait for a line with this text in it."""
        self._wait(lambda: self._has_said(text), f"a line with {text!r}", self)
        return next(line for line in self.output.splitlines() if text in line)

    def _has_said(self, text: str) -> bool:
        is_over = self.is_over  # asked first: what it prints last counts
        found = text in self.output
        assert found or not is_over, f"it ended without {text!r}\n{self._told(self)}"
        return found

    def wait_exit(self, code: int | None, within_s: float = DEADLINE_S) -> str:
        """Wait for its end with this exit code (None: any); return what it has printed."""
        self._wait(lambda: self.is_over, "the end of the command", self, within_s)
        told = f"exit code {self._process.returncode}\n{self._told(self)}"
        assert code is None or self._process.returncode == code, told
        return self.output

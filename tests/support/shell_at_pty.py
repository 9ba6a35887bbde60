"""A real shell at a pseudo-terminal: what is typed into it, and what it shows."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

DEADLINE_S = 60.0
_READ = 65536
_ESCAPES = re.compile(
    r"\x1b(\[[0-9;?<>=]*[A-Za-z]|\][^\x07\x1b]*(\x07|\x1b\\)|[()][A-Z0-9]|[=>A-Z78])"
)
_QUESTIONS = (
    (b"\x1b[c", b"\x1b[?62;c"),
    (b"\x1b[0c", b"\x1b[?62;c"),
    (b"\x1b[6n", b"\x1b[1;1R"),
)


class Shell:
    """One shell; what it shows is kept from the beginning, without what moves the cursor."""

    def __init__(self, argv: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            os.chdir(cwd)
            os.execvpe(argv[0], list(argv), dict(env))  # noqa: S606  a shell is meant
        self._shown = b""

    @property
    def shown(self) -> str:
        """All that it has shown."""
        return _ESCAPES.sub("", self._shown.decode(errors="replace")).replace("\r", "")

    def type(self, text: str) -> None:
        """Press these keys."""
        os.write(self._fd, text.encode())

    def wait(self, *words: str, after: int = 0) -> str:
        """Wait until all of these are shown, and give what is; `after` so much was shown before."""
        deadline_s = time.monotonic() + DEADLINE_S
        while not all(word in self.shown[after:] for word in words):
            left_s = deadline_s - time.monotonic()
            assert left_s > 0, f"{words} within {DEADLINE_S:.0f} s, but: {self.shown!r}"
            self._read(left_s)
        return self.shown[after:]

    def end(self) -> None:
        """Hang up, and wait for its end."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        os.close(self._fd)

    def _read(self, within_s: float) -> None:
        if not select.select([self._fd], [], [], within_s)[0]:
            return
        try:
            data = os.read(self._fd, _READ)
        except OSError:
            data = b""
        assert data, f"the shell has ended: {self.shown!r}"
        self._shown += data
        for question, answer in _QUESTIONS:  # some shells ask the terminal who it is, and wait
            if question in data:
                os.write(self._fd, answer)

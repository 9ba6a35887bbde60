"""A command in a terminal of its own: a pty, and an emulator that says what stands there."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pyte

from tests.support.e2e_processes import DEADLINE_S, kill

READ_BYTES = 1 << 16
ANSWER_S = 0.05
_OWN_SCREEN = b"\x1b[?1049l"  # what a command that draws gives back
_FAINT, _GREY = 2, 90
UP, DOWN, ENTER, ESCAPE = "\x1b[A", "\x1b[B", "\r", "\x1b"


class Screen(pyte.Screen):
    """An emulator that knows faint text too, as grey; the one below forgets it."""

    def select_graphic_rendition(self, *attrs: int) -> None:
        """Set how what follows looks."""
        super().select_graphic_rendition(*([_GREY] if attrs == (_FAINT,) else attrs))


class Terminal:
    """The emulator reads only while a test waits: what is not read makes it a slow terminal."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        columns: int = 100,
        rows: int = 30,
    ) -> None:
        self._screen = Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.received = bytearray()
        self._master, slave = pty.openpty()
        self._resize(columns, rows)
        self.modes = termios.tcgetattr(slave)
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(env) | {"TERM": env.get("TERM", "") or "xterm-256color"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509  nothing else runs in the child by then
        )
        self.slave = slave  # kept, so that its modes can be looked at when the command has gone

    # --- what stands there ------------------------------------------------------------------------

    @property
    def lines(self) -> list[str]:
        """The screen, without what is empty at the ends of its rows."""
        return [line.rstrip() for line in self._screen.display]

    @property
    def text(self) -> str:
        """The screen."""
        return "\n".join(self.lines)

    @property
    def modes_now(self) -> list[object]:
        """How the terminal treats what is typed."""
        return termios.tcgetattr(self.slave)

    @property
    def screen(self) -> Screen:
        """The emulator, with colours and all."""
        return self._screen

    def has_mode(self, number: int) -> bool:
        """Say whether a private mode is set, as 25, the visible cursor."""
        return number << 5 in self._screen.mode

    # --- what is done to it -----------------------------------------------------------------------

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Change its size, as somebody does with a mouse."""
        self._screen.resize(rows, columns)
        self._resize(columns, rows)

    def read(self) -> None:
        """Show what has come by now, or comes at once."""
        while self._master >= 0 and select.select([self._master], [], [], ANSWER_S)[0]:
            try:
                data = os.read(self._master, READ_BYTES)
            except OSError:  # nobody has it open any more
                return
            self.received += data
            self._stream.feed(data)

    def wait(self, is_so: Callable[[], object], what: str, within_s: float = DEADLINE_S) -> None:
        """Read until it is so."""
        until_s = time.monotonic() + within_s
        while not is_so():
            assert time.monotonic() < until_s, f"not within {within_s:g} s: {what}\n{self.text}"
            self.read()

    def wait_text(self, *texts: str) -> str:
        """Wait until all of these stand on the screen; return it."""
        self.wait(lambda: all(text in self.text for text in texts), f"{texts} on the screen")
        return self.text

    def wait_exit(self, code: int) -> str:
        """Wait for the end with this exit code; return what was printed outside of the screen."""
        self.wait(lambda: self.process.poll() is not None, "the end of the command")
        self.read()
        assert self.process.returncode == code, f"{self.process.returncode}\n{self.text}"
        return self.received.rpartition(_OWN_SCREEN)[2].decode(errors="replace").replace("\r", "")

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the command alone."""
        self.process.send_signal(number)

    def hang_up(self) -> None:
        """Close it, as when a window is closed or a connection is lost."""
        os.close(self.slave)
        os.close(self._master)
        self.slave = self._master = -1

    def end(self) -> None:
        """End the command, if a failed test has left it, and give everything back."""
        if self.process.poll() is None:
            kill(self.process.pid)
            kill(self.process.pid, signal.SIGCONT)
        self.process.wait()
        if self._master >= 0:
            self.hang_up()

    def _resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("4H", rows, columns, 0, 0))


def _take_terminal() -> None:
    """Make it the controlling terminal, so that ^C and a hang-up become signals."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)

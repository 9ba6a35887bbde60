"""The terminal while the dashboard has it: taken, drawn on without waiting, given back whole."""

from __future__ import annotations

import contextlib
import io
import locale
import os
import select
import sys
import termios
import time
import tty
from collections.abc import Iterator, Sequence
from typing import Any

from blessed import Terminal

from ..looks.own_output import opened_anew
from ..looks.rows import Row, Size, Style, Tone
from .painting import Ink, painted

LAST_WORDS_S = 1.0  # for a terminal that does not read, when it is given back
READ_BYTES = 4096
_FALLBACK = Size(columns=80, rows=24)
# Terminals that do not know these pass over them: a picture is shown at once, a paste is marked.
_PICTURE_BEGINS, _PICTURE_ENDS = "\x1b[?2026h", "\x1b[?2026l"
_MARK_PASTE, _PASTE_UNMARKED = "\x1b[?2004h", "\x1b[?2004l"


class FullScreen:
    """The whole terminal; the first picture is drawn after `enter`."""

    def __init__(self, *, is_ascii: bool = False) -> None:
        self.input = sys.stdin.fileno()
        self.output = opened_anew(sys.stdout.fileno())
        self.style = Style(
            has_colour=not os.environ.get("NO_COLOR"), is_ascii=is_ascii or not _speaks_utf8()
        )
        self._terminal = _capabilities(self.output)
        self._ink = _ink(self._terminal, self.style)
        self._modes: list[Any] | None = None  # of the terminal, before it was ours
        self._drawn: Sequence[Row] = ()
        self._wanted: Sequence[Row] = ()
        self._unsent = b""

    # --- taken and given back ---------------------------------------------------------------------

    def enter(self) -> None:
        """Take the terminal, or take it again after somebody else had it."""
        if self._modes is None:
            self._modes = termios.tcgetattr(self.input)
        tty.setcbreak(self.input, termios.TCSANOW)
        term = self._terminal
        self._send(f"{term.enter_fullscreen}{term.hide_cursor}{term.rmam}{_MARK_PASTE}{term.clear}")
        self.forget()

    def leave(self) -> None:
        """Give the terminal back as it was; a terminal that has gone is no error."""
        if self._modes is None:
            return
        term = self._terminal
        last = term.exit_fullscreen or f"{term.clear}{term.home}"
        restore = f"{term.normal}{_PASTE_UNMARKED}{term.smam}{last}{term.normal_cursor}"
        self._send(restore, within_s=LAST_WORDS_S)
        with contextlib.suppress(termios.error, OSError):
            termios.tcflush(self.input, termios.TCIFLUSH)  # keys for us are none for the shell
            termios.tcsetattr(self.input, termios.TCSANOW, self._modes)
        self._modes, self._unsent, self._wanted = None, b"", ()

    def close(self) -> None:
        """Give everything back."""
        self.leave()
        os.close(self.output)

    # --- looked at --------------------------------------------------------------------------------

    @property
    def size(self) -> Size:
        """How large it is now; some say nothing of their size."""
        try:
            found = os.get_terminal_size(self.output)
        except OSError:
            return _FALLBACK
        return Size(columns=found.columns or _FALLBACK.columns, rows=found.lines or _FALLBACK.rows)

    def read(self) -> bytes | None:
        """What was typed; None if the terminal has gone."""
        try:
            return os.read(self.input, READ_BYTES) or None
        except (BlockingIOError, InterruptedError):
            return b""
        except OSError:
            return None

    # --- drawn on ---------------------------------------------------------------------------------

    @property
    def is_behind(self) -> bool:
        """Say whether the terminal has not taken all of the last picture: call `go_on` then."""
        return bool(self._unsent)

    def forget(self) -> None:
        """Nothing is known of what it shows: the next picture is drawn whole."""
        self._drawn = ()

    def draw(self, rows: Sequence[Row]) -> None:
        """Show this picture; what a slow terminal could not take in time is never drawn."""
        self._wanted = rows
        self.go_on()

    def go_on(self) -> None:
        """Send what it takes without our waiting for it."""
        self._write()
        if not self._unsent and self._wanted is not self._drawn:
            text = painted(self._drawn, self._wanted, self._ink, self.size.columns)
            self._drawn = self._wanted
            self._unsent = text.encode(locale.getencoding(), "replace")
            self._write()

    def _send(self, text: str, within_s: float = 0.0) -> None:
        self._unsent += text.encode()
        self._write()
        deadline_s = time.monotonic() + within_s
        while self._unsent and (left_s := deadline_s - time.monotonic()) > 0:
            select.select([], [self.output], [], left_s)
            self._write()

    def _write(self) -> None:
        try:
            while self._unsent:
                self._unsent = self._unsent[os.write(self.output, self._unsent) :]
        except BlockingIOError:
            return
        except OSError:  # it has gone; reading from it says so
            self._unsent = b""


def _capabilities(descriptor: int) -> Terminal:
    """Ask the database what the terminal obeys; the terminal itself is asked nothing.

    With its own output blessed would ask, wait seconds for an answer, and read what is typed
    meanwhile; with NO_COLOR it would not even move the cursor.
    """
    stream = io.TextIOWrapper(io.FileIO(descriptor, "w", closefd=False), encoding="utf-8")
    with _without("NO_COLOR"):
        return Terminal(stream=stream)


@contextlib.contextmanager
def _without(name: str) -> Iterator[None]:
    kept = os.environ.pop(name, None)
    try:
        yield
    finally:
        if kept is not None:
            os.environ[name] = kept


def _ink(term: Terminal, style: Style) -> Ink:
    weights = {Tone.TITLE: term.bold, Tone.DIM: term.dim, Tone.SELECTED: term.reverse}
    colours = {
        Tone.TITLE: term.bold,
        Tone.DIM: term.bright_black if term.number_of_colors > 8 else term.dim,  # noqa: PLR2004
        Tone.GOOD: term.green,
        Tone.BAD: term.bold_red,
        Tone.WARN: term.yellow,
        Tone.BUSY: term.cyan,
        Tone.SELECTED: term.reverse,
    }
    tones = colours if style.has_colour else weights
    return Ink(
        tones={tone: str(sequence) for tone, sequence in tones.items()},
        normal=str(term.normal),
        erase=str(term.clear_eol),
        move=lambda row: str(term.move_yx(row, 0)),
        begin=_PICTURE_BEGINS,
        end=_PICTURE_ENDS,
    )


def _speaks_utf8() -> bool:
    return locale.getencoding().lower().replace("-", "") == "utf8"

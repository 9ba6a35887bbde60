"""What root prints: who reads slowly, or not at all, never holds it up."""

from __future__ import annotations

import contextlib
import os
import select
import time
from typing import TextIO

from ....policies.counting import counted
from ....workers.process.eventloop import EventLoop
from ..looks.own_output import opened_anew

UNSENT_BYTES_MAX = 256 << 10  # of what waits for the reader; the rest is left out, and counted
AGAIN_S = 0.2  # between tries, while the reader is behind
LAST_WORDS_S = 5.0  # for the reader, when the run has ended
NAP_S = 0.05
_LEFT_OUT = "--- {} left out here, not read in time: `prd-supervise events` shows all"


class RootOutput:
    """The standard output of a process that may not wait."""

    def __init__(self, stream: TextIO) -> None:
        with contextlib.suppress(OSError):  # a reader that has gone is noticed below
            stream.flush()
        self._descriptor = opened_anew(stream.fileno())
        self._encoding = stream.encoding
        self._unsent = b""
        self._left_out = 0  # lines
        self._is_gone = False
        self._loop: EventLoop | None = None
        self._is_due = False

    def serve(self, loop: EventLoop) -> None:
        """Send what waits from now on, as soon as it is taken."""
        self._loop = loop
        self._send()

    def say(self, text: str) -> None:
        """Print it, or leave it out: after what waits already, and a word on what is missing."""
        if self._left_out or len(self._unsent) > UNSENT_BYTES_MAX:
            self._left_out += text.count("\n") + 1
        else:
            self._add(text)
        self._send()

    def close(self, last_words: str) -> None:
        """Print this in any case, and wait a little until all is read."""
        if self._left_out:
            self._tell_gap()
        self._add(last_words)
        self._write()
        until_s = time.monotonic() + LAST_WORDS_S
        while self._unsent and time.monotonic() < until_s:
            time.sleep(NAP_S)  # a terminal can say that it has room, and take nothing
            self._write()
        os.close(self._descriptor)
        self._is_gone = True

    def _add(self, text: str) -> None:
        if not self._is_gone:
            self._unsent += f"{text}\n".encode(self._encoding, "replace")

    def _tell_gap(self) -> None:
        self._add(_LEFT_OUT.format(counted(self._left_out, "line")))
        self._left_out = 0

    def _send(self) -> None:
        self._write()
        if self._left_out and not self._unsent:
            self._tell_gap()
            self._write()
        if self._unsent and self._loop is not None and not self._is_due:
            self._is_due = True
            self._loop.call_at(self._loop.now_s() + AGAIN_S, self._send_again)

    def _send_again(self) -> None:
        self._is_due = False
        self._send()

    def _write(self) -> None:
        """Write what is taken at once. PIPE_BUF bytes are, where there is room at all."""
        try:
            while self._unsent and _has_room(self._descriptor):
                piece = self._unsent[: select.PIPE_BUF]
                self._unsent = self._unsent[os.write(self._descriptor, piece) :]
        except BlockingIOError:
            return
        except OSError:  # the terminal was closed, the reader has gone: that ends no night's work
            self._unsent, self._is_gone = b"", True


def _has_room(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    return bool(poll.poll(0))

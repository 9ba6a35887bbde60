"""The way of a command's output into its log, where something has to be hidden on the way.

Elsewhere the command writes into the log itself, which costs nothing.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from ..process.eventloop import EventLoop
from ..secrecy.hiding import Redactor
from .output import open_log

_PIPE_BYTES = 1 << 20  # what it may write while this process is busy
_TURN_BYTES = 1 << 18  # taken in one turn of the loop
_LAST_BYTES_MAX = 1 << 26  # taken at its end, where something that cannot be killed goes on
_LOST = "\n[prd-supervise: {lost} bytes of output are missing here: {why}]\n"


class Pump:
    """Takes what is written into `entrance`, and appends to the log what may be shown of it."""

    def __init__(self, loop: EventLoop, log: Path, redactor: Redactor) -> None:
        self._loop = loop
        self._stream = redactor.stream()
        self._log = open_log(log)
        self._exit, self.entrance = os.pipe()
        os.set_blocking(self._exit, False)
        _widen(self._exit)
        self._lost = 0
        self._why_lost = ""
        self._is_open = True
        loop.watch(self._exit, self._take)

    def held(self) -> bytes:
        """What was written and is not in the log yet."""
        return self._stream.held

    def close_entrance(self) -> None:
        """The command has its own."""
        os.close(self.entrance)

    def end(self) -> None:
        """Take what is left: nobody writes any more."""
        taken = 0
        while self._is_open and taken < _LAST_BYTES_MAX and (data := self._read()):
            taken += len(data)
            self._write(self._stream.feed(data))
        self._write(self._stream.end())
        self._loop.unwatch(self._exit)
        os.close(self._exit)
        os.close(self._log)

    def _take(self) -> None:
        data = self._read()
        if data:
            self._write(self._stream.feed(data))
        elif not self._is_open:
            self._loop.unwatch(self._exit)  # else it would be readable for ever

    def _read(self) -> bytes:
        try:
            data = os.read(self._exit, _TURN_BYTES)
        except BlockingIOError:
            return b""
        self._is_open = bool(data)
        return data

    def _write(self, data: bytes) -> None:
        """Append; on a full disk output is lost, and no more than that."""
        note = _LOST.format(lost=self._lost, why=self._why_lost).encode() if self._lost else b""
        rest = memoryview(note + data if data else b"")
        written = 0
        try:
            while written < len(rest):
                written += os.write(self._log, rest[written:])
        except OSError as error:
            self._lost += min(len(data), len(rest) - written)
            self._why_lost = error.strerror or str(error)
        else:
            self._lost = 0 if data else self._lost


def _widen(pipe: int) -> None:
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        try:
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        except OSError:
            return  # the user has many of them: this one stays as it is

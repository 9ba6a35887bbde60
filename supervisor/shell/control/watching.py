"""A connection to root that is looked at and never waited for."""

from __future__ import annotations

import socket
from pathlib import Path

import msgspec

from .client import NoRootError

LINE_BYTES_MAX = 256 << 20  # a document of the largest tree; a root of ours says no more
READ_BYTES_MAX = 16 << 20  # at one look
_PIECE = 1 << 18


class Watching:
    """Asks once, and gives what comes: documents, each from its line."""

    def __init__(self, path: Path) -> None:
        """Connect; raises NoRootError. A root that is stopped takes us in and says nothing."""
        self._incoming = bytearray()
        self._scanned = 0
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(0)
        try:
            self._socket.connect(str(path))
        except OSError as error:
            self._socket.close()
            raise NoRootError(str(error)) from error

    def fileno(self) -> int:
        """What can be read when root has said something."""
        return self._socket.fileno()

    def ask(self, verb: str) -> None:
        """Send a request; its answer is one of the documents to come."""
        try:
            self._socket.sendall(msgspec.json.encode({"verb": verb}) + b"\n")
        except OSError as error:
            raise NoRootError(str(error)) from error

    def said(self) -> list[dict[str, object]]:
        """What has come, in whole lines; raises NoRootError where root has hung up."""
        found: list[dict[str, object]] = []
        left = READ_BYTES_MAX
        while left > 0:
            try:
                piece = self._socket.recv(_PIECE)
            except BlockingIOError:
                break
            except OSError as error:
                raise NoRootError(str(error)) from error
            if not piece:
                if found:
                    break  # the next look meets the end again
                raise NoRootError("it hung up")
            left -= len(piece)
            self._incoming += piece
            found += self._lines()
        return found

    def _lines(self) -> list[dict[str, object]]:
        end = self._incoming.rfind(b"\n", self._scanned)
        if end < 0:
            self._scanned = len(self._incoming)
            if self._scanned > LINE_BYTES_MAX:
                raise NoRootError("what it says has no end")
            return []
        whole = bytes(self._incoming[:end])
        del self._incoming[: end + 1]
        self._scanned = len(self._incoming)
        return [told for line in whole.split(b"\n") if (told := _object(line)) is not None]

    def close(self) -> None:
        """Hang up."""
        self._socket.close()


def _object(line: bytes) -> dict[str, object] | None:
    try:
        told = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise NoRootError(f"it says what is no JSON: {error}") from error
    return told if isinstance(told, dict) else None

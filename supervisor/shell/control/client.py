"""The control socket's other side: asking a running root."""

from __future__ import annotations

import contextlib
import json
import select
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

from .peer import peer_pid

ANSWER_S = 10.0
NOT_UNDERSTOOD = "request: "  # so begins an answer to what root does not know
SLOW_S = 2.0  # after that somebody who waits wants to know for what

Document = dict[str, object]


class NoRootError(Exception):
    """Nobody answers on the control socket."""


class RootGoneError(NoRootError):
    """It has ended before it answered."""


class RootClient:
    """A connection to a running root."""

    def __init__(self, path: Path, version: str = "") -> None:
        """Connect; `version` is what root says of itself where that is known."""
        self.version = version
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(ANSWER_S)
        try:
            self._socket.connect(str(path))
        except BlockingIOError as error:
            self._socket.close()
            raise NoRootError("too many others wait for it already") from error
        except OSError as error:
            self._socket.close()
            raise NoRootError(str(error)) from error
        self._lines = self._socket.makefile("rb")

    @property
    def pid(self) -> int | None:
        """Root's, where the system tells who listens."""
        return peer_pid(self._socket)

    def ask(
        self, verb: str, *, on_slow: Callable[[], None] | None = None, **fields: object
    ) -> Document:
        """Send one request and wait for its answer; `on_slow` is called if it takes long."""
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # its last words count
                self._socket.sendall(json.dumps({"verb": verb, **fields}).encode() + b"\n")
            if on_slow is not None and not select.select([self._socket], [], [], SLOW_S)[0]:
                on_slow()
            line = self._lines.readline()
        except ConnectionResetError:
            line = b""
        except OSError as error:
            raise NoRootError(str(error)) from error
        if not line.endswith(b"\n"):
            raise RootGoneError("it hung up")
        answer = json.loads(line)
        return answer if isinstance(answer, dict) else {}

    def events(self) -> Iterator[Document]:
        """Yield events until root ends; ask `follow` first."""
        for line in self._rest():
            yield json.loads(line)

    def wait_for_end(self) -> None:
        """Wait until root hangs up."""
        for _ in self._rest():
            pass

    def _rest(self) -> Iterator[bytes]:
        """Yield whole lines until the end; a root that is killed may reset us, or stop in one."""
        self._socket.settimeout(None)
        with contextlib.suppress(OSError):
            for line in self._lines:
                if line.endswith(b"\n"):
                    yield line

    def close(self) -> None:
        """Hang up."""
        self._lines.close()
        self._socket.close()

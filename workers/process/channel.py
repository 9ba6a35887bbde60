"""One end of the pipe between a parent and a child: framed messages, non-blocking both ways.

A sender that was stopped in the middle of a frame, or a receiver that does not read, never blocks
us; the end of file is an answer, not an exception.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable
from multiprocessing.connection import Connection
from types import ModuleType

from ..messages import common
from .wire import FRAME_BYTES_MAX, WireError, decoder, encode, words_of

QUEUE_BYTES_MAX = 4 << 20
TURN_BYTES_MAX = 1 << 18
_HEADER = struct.Struct("!I")
_CHUNK = 1 << 16

Decode = Callable[[bytes], tuple[object, float]]


def vocabulary(*words: ModuleType) -> Decode:
    """Read the common words and those of these modules: nobody loads what it never hears."""
    return decoder(kind for module in (common, *words) for kind in words_of(module))


class ChannelOverflowError(Exception):
    """The other side does not read: it is hung, or gone mad."""


class OversizeError(ChannelOverflowError):
    """What is to be said is too long for one message: the other side is not to blame."""


class Channel:
    """A connection that carries messages. `is_open` turns False at the end of file."""

    def __init__(self, connection: Connection, decode: Decode) -> None:
        self._decode = decode
        self._connection = connection
        self.fd = connection.fileno()
        os.set_blocking(self.fd, False)
        self._incoming = bytearray()
        self._outgoing = bytearray()
        self._is_heard = True  # by the other side
        self.is_open = True

    @property
    def wants_to_write(self) -> bool:
        """Say whether something waits for the other side to read."""
        return bool(self._outgoing) and self.is_open

    def send(self, message: object) -> None:
        """Queue a message and write what goes; where nobody hears it any more it is dropped."""
        if not (self.is_open and self._is_heard):
            return
        data = encode(message)
        if len(data) > FRAME_BYTES_MAX:
            raise OversizeError(f"a message of {len(data)} bytes; {FRAME_BYTES_MAX} go")
        if len(self._outgoing) + len(data) > QUEUE_BYTES_MAX:
            raise ChannelOverflowError(f"{len(self._outgoing)} bytes wait to be read")
        self._outgoing += _HEADER.pack(len(data)) + data
        self.flush()

    def flush(self) -> None:
        """Write as much as the other side takes now."""
        while self._outgoing and self.is_open:
            try:
                sent = os.write(self.fd, self._outgoing[:_CHUNK])
            except BlockingIOError:
                return
            except OSError:  # EPIPE, ECONNRESET: it is gone; what it said last can still be read
                self._is_heard = False
                self._outgoing.clear()
                return
            del self._outgoing[:sent]

    def receive(self, *, bytes_max: int = TURN_BYTES_MAX) -> list[object]:
        """Take all whole messages that have come. A torn one at the end of file is discarded.

        What a flood brings beyond `bytes_max` waits for the loop's next turn: others come between.
        """
        before = len(self._incoming)
        while self._read() and len(self._incoming) - before < bytes_max:
            pass
        return self._take()

    def _read(self) -> bool:
        """Read once; say whether there may be more."""
        if not self.is_open:
            return False
        try:
            data = os.read(self.fd, _CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        self.is_open = bool(data)
        self._incoming += data
        return self.is_open

    def _take(self) -> list[object]:
        taken: list[object] = []
        start = 0
        while len(self._incoming) - start >= _HEADER.size:
            (length,) = _HEADER.unpack_from(self._incoming, start)
            if length > FRAME_BYTES_MAX:
                raise WireError(f"a frame of {length} bytes; {FRAME_BYTES_MAX} are allowed")
            end = start + _HEADER.size + length
            if end > len(self._incoming):
                break
            taken.append(self._decode(bytes(self._incoming[start + _HEADER.size : end]))[0])
            start = end
        del self._incoming[:start]
        return taken

    def close(self) -> None:
        """Give the file descriptor back."""
        self.is_open = False
        self._connection.close()

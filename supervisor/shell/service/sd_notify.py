"""The socket of a service manager (sd_notify(3)): a datagram a message, never waited for."""

from __future__ import annotations

import errno
import socket
from enum import Enum

_SUN_PATH_MAX = 108  # unix(7), with the closing NUL of a path
_FULL = frozenset({errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM, errno.EINTR})


class Sent(Enum):
    """What came of a message."""

    TAKEN = "taken"
    FULL = "full"  # the manager does not read right now
    REFUSED = "refused"  # nobody is there, or nobody who understands


class NotifySocket:
    """Sends to one address. A manager that is gone, or never was there, is no error of ours."""

    def __init__(self, address: str) -> None:
        """Take NOTIFY_SOCKET as it is; ValueError says what is wrong with it."""
        self._address = _address_of(address)
        self._name = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)  # close-on-exec
        self._socket.setblocking(False)  # noqa: FBT003  positional only
        self.problem = ""  # of the last message, where it was refused

    def send(self, message: bytes) -> Sent:
        """Send one message now, or not at all."""
        try:
            # Each finds its way anew: a manager that is executed again may bind another socket.
            self._socket.sendto(message, self._address)
        except OSError as error:
            if error.errno in _FULL:
                return Sent.FULL
            self.problem = f"{self._name}: {_why(error)}"
            return Sent.REFUSED
        self.problem = ""
        return Sent.TAKEN

    def close(self) -> None:
        """Give the descriptor back."""
        self._socket.close()


def _address_of(address: str) -> str | bytes:
    """What the system takes: `@` stands for the NUL byte before an abstract name."""
    if not address.startswith(("/", "@")) or address == "@":
        text = "neither an absolute path nor an abstract name (@NAME)"
        raise ValueError(f"NOTIFY_SOCKET={address!r}: {text}")
    name = address.encode(errors="surrogateescape")
    if len(name) + address.startswith("/") > _SUN_PATH_MAX:
        raise ValueError(f"NOTIFY_SOCKET={address!r}: longer than a socket's address can be")
    return b"\0" + name[1:] if address.startswith("@") else address


def _why(error: OSError) -> str:
    if error.errno == errno.EPROTOTYPE:
        return "a socket of another type; sd_notify(3) speaks to a datagram socket"
    return error.strerror or str(error)

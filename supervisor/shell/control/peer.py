"""Who is at the other end of a socket, as far as the kernel tells."""

from __future__ import annotations

import socket
import struct

from ....workers.process import capabilities

_UCRED = struct.Struct("3i")  # unix(7): pid, uid, gid
_XUCRED = struct.Struct("2I")  # unix(4) of BSD and macOS: version, uid; groups follow
_XUCRED_BYTES = 76
_XUCRED_VERSION = 0
_SOL_LOCAL = 0
_LOCAL_PEERPID = 2  # macOS; FreeBSD has another option of this number, a flag
_PID = struct.Struct("i")


def peer_uid(connection: socket.socket) -> int | None:
    """Give the number of the user; None where no system call tells."""
    option = capabilities.HERE.peer_credentials
    if option == "SO_PEERCRED":
        _, uid, _ = _UCRED.unpack(_asked(connection, socket.SOL_SOCKET, option, _UCRED.size))
        return int(uid)
    if option == "LOCAL_PEERCRED":
        return uid_in(_asked(connection, _SOL_LOCAL, option, _XUCRED_BYTES))
    return None


def peer_pid(connection: socket.socket) -> int | None:
    """Give the number of the process that listens or has connected; None if that is not told."""
    option = capabilities.HERE.peer_credentials
    if option == "SO_PEERCRED":
        pid, _, _ = _UCRED.unpack(_asked(connection, socket.SOL_SOCKET, option, _UCRED.size))
        return int(pid) or None
    if option == "LOCAL_PEERCRED":
        try:
            told = connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERPID, _PID.size)
        except OSError:
            return None
        return pid_in(told)
    return None


def uid_in(told: bytes) -> int:
    """Read an xucred. PermissionError if it is of a form that we do not know."""
    if len(told) < _XUCRED.size or _XUCRED.unpack_from(told)[0] != _XUCRED_VERSION:
        raise PermissionError(f"LOCAL_PEERCRED says what is no xucred: {told[:16].hex()}")
    return int(_XUCRED.unpack_from(told)[1])


def pid_in(told: bytes) -> int | None:
    """Read a pid; a flag is none."""
    pid = _PID.unpack(told)[0] if len(told) == _PID.size else 0
    return int(pid) if pid > 1 else None


def _asked(connection: socket.socket, level: int, name: str, size: int) -> bytes:
    option: int = getattr(socket, name)
    return connection.getsockopt(level, option, size)

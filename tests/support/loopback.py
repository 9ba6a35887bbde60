"""A network of loopback alone, where this machine lets us have one: nobody in it reaches a vendor.

As a program: `loopback.py hold FD` makes one, and at each byte that comes through the descriptor
sends a socket that listens in it; `loopback.py enter PID COMMAND ...` runs a command in it.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 1


class Loopback:
    """One such network, held by a process; without it the machine's own, and `why` says why."""

    def __init__(self) -> None:
        self._door, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-I", __file__, "hold", str(theirs.fileno())]
            self._holder = subprocess.Popen(
                command, pass_fds=(theirs.fileno(),), stderr=subprocess.PIPE, text=True
            )
        self.why = "" if self._door.recv(1) else self._said()

    def listen(self) -> socket.socket:
        """Make a socket that listens in there."""
        if self.why:
            return _listening()
        self._door.send(b".")
        _, descriptors, _, _ = socket.recv_fds(self._door, 1, 1)
        return socket.socket(fileno=descriptors[0])

    def prefix(self) -> tuple[str, ...]:
        """What a command begins with so that it runs in there."""
        if self.why:
            return ()
        return (sys.executable, "-I", __file__, "enter", str(self._holder.pid))

    def close(self) -> None:
        """Let it go."""
        self._door.close()
        self._holder.communicate()

    def _said(self) -> str:
        lines = self._holder.communicate()[1].splitlines()
        return f"no network namespace here: {lines[-1] if lines else 'nobody knows why'}"


def main(words: list[str]) -> None:
    """Hold a network, or enter one."""
    match words:
        case ["hold", descriptor]:
            _unshare()
            _raise_loopback()
            with socket.socket(fileno=int(descriptor)) as door:
                door.send(b".")
                while door.recv(1):
                    with _listening() as listening:
                        socket.send_fds(door, [b"."], [listening.fileno()])
        case ["enter", pid, *command]:
            _enter(pid)
            os.execvp(command[0], command)  # noqa: S606  the words are the tests' own
        case _:
            sys.exit("hold FD, or enter PID COMMAND ...")


def _unshare() -> None:
    user, group = os.getuid(), os.getgid()
    _call("unshare", _CLONE_NEWNET if user == 0 else _CLONE_NEWNET | _CLONE_NEWUSER)
    if user != 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def _raise_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        (flags,) = struct.unpack_from("h", fcntl.ioctl(control, _SIOCGIFFLAGS, request), 16)
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | _IFF_UP))


def _enter(pid: str) -> None:
    for name in ("net",) if os.getuid() == 0 else ("user", "net"):
        descriptor = os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY)
        _call("setns", descriptor, 0)
        os.close(descriptor)


def _listening() -> socket.socket:
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    listening.set_inheritable(False)
    return listening


def _call(name: str, *arguments: int) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


if __name__ == "__main__":
    main(sys.argv[1:])

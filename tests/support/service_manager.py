"""A service manager as sd_notify(3) sees it: a datagram socket that hears, and knows who speaks."""

from __future__ import annotations

import itertools
import os
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_BYTES_MAX = 4096
_CREDENTIALS = struct.Struct("3i")  # struct ucred of unix(7): pid, uid, gid
_abstract = itertools.count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One message: what it assigns, who has sent it, and when it was read (monotonic)."""

    fields: dict[str, str]
    pid: int
    at_s: float


class ServiceManager:
    """Hears everything that is sent to its address; it reads when it is asked what it heard."""

    def __init__(self, folder: Path | None) -> None:
        """Listen at a path in this folder, or else at an abstract address."""
        if folder is None:
            self.address = f"@prd-supervise-test-{os.getpid()}-{next(_abstract)}"
            name: str = f"\0{self.address[1:]}"
        else:
            self.address = name = str(folder / "notify")
        self._path = folder
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind(name)
        self._socket.setblocking(False)  # noqa: FBT003  positional only
        self._heard: list[Heard] = []

    @property
    def heard(self) -> list[Heard]:
        """All messages so far."""
        self._heard += self._read()
        return self._heard

    def values(self, name: str) -> list[str]:
        """Every value of a name, in the order in which they came."""
        return [each.fields[name] for each in self.heard if name in each.fields]

    def status(self) -> str:
        """The last status."""
        return (self.values("STATUS") or [""])[-1]

    def turns(self) -> list[str]:
        """The states that it was told of, in order."""
        names = ("READY", "RELOADING", "STOPPING")
        return [name for each in self.heard for name in names if name in each.fields]

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()
        if self._path is not None:
            (self._path / "notify").unlink(missing_ok=True)

    def _read(self) -> Iterator[Heard]:
        while True:
            try:
                data, parts, _, _ = self._socket.recvmsg(_BYTES_MAX, 256)
            except BlockingIOError:
                return
            pid, _, _ = _CREDENTIALS.unpack(
                next(
                    given[: _CREDENTIALS.size]
                    for level, kind, given in parts
                    if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS)
                )
            )
            lines = (line.partition("=") for line in data.decode().splitlines())
            fields = {name: value for name, _, value in lines}
            yield Heard(fields=fields, pid=pid, at_s=time.monotonic())

"""A simulated disk: what was written, and what of it would outlive the power.

A file's bytes are durable after fdatasync or fsync of it, a name after fsync of its folder. When
the power goes, each file keeps what was durable and some beginning of what was not, and of the
renames since the last fsync of their folder only the first few have happened.
"""

from __future__ import annotations

import errno
import os
import posixpath
import random
from dataclasses import dataclass, field


@dataclass(slots=True, eq=False)
class File:
    """The bytes of a file, as a process reads them and as a power cut leaves them."""

    data: bytearray = field(default_factory=bytearray)
    synced: bytes = b""

    def torn(self, chance: random.Random) -> bytes:
        """What is found after the power went."""
        if not self.data.startswith(self.synced):
            return chance.choice((self.synced, bytes(self.data)))
        rest = bytes(self.data[len(self.synced) :])
        kept = rest[: chance.randint(0, len(rest))]
        if kept and chance.random() < 0.2:  # the length was written, the bytes were not
            kept = kept[:-1] + b"\0"
        return self.synced + kept


Names = dict[str, File]


class Disk:
    """Files by their whole paths. `fails_with` is the error that writing meets now."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._names: Names = {}
        self._durable: Names = {}
        self._history: list[tuple[str, Names]] = []  # (folder, names after) not durable yet
        self.fails_with = 0

    def find(self, path: str) -> File:
        """The file of this name."""
        try:
            return self._names[path]
        except KeyError:
            raise FileNotFoundError(errno.ENOENT, "no such file", path) from None

    def open(self, path: str, flags: int) -> File:
        """Open or make a file."""
        if path not in self._names and flags & os.O_CREAT:
            self.check()
            self._change(path, File())
        found = self.find(path)
        if flags & os.O_TRUNC:
            found.data.clear()
        return found

    def write(self, file: File, data: bytes) -> int:
        """Append; a full disk takes a part first."""
        if self.fails_with and self._chance.random() < 0.5 and len(data) > 1:
            part = data[: self._chance.randint(1, len(data) - 1)]
            file.data += part
            return len(part)
        self.check()
        file.data += data
        return len(data)

    def sync(self, file: File) -> None:
        """Make a file's bytes durable; after an error nobody knows which are."""
        self.check()
        file.synced = bytes(file.data)

    def sync_folder(self, _folder: str) -> None:
        """Make all names durable."""
        self.check()
        self._durable = dict(self._names)
        self._history.clear()

    def replace(self, old: str, new: str) -> None:
        """Rename."""
        self.check()
        moved = self.find(old)
        del self._names[old]
        self._change(new, moved)

    def remove(self, path: str) -> None:
        """Remove a name."""
        self._names.pop(path, None)
        self._history.append((path, dict(self._names)))

    def list(self, folder: str) -> list[str]:
        """The names in a folder."""
        return [path for path in self._names if posixpath.dirname(path) == folder]

    def check(self) -> None:
        """Fail, if the disk fails now."""
        if self.fails_with:
            raise OSError(self.fails_with, os.strerror(self.fails_with))

    def cut_power(self) -> None:
        """Lose what was not durable, or most of it."""
        kept = self._chance.randint(0, len(self._history))
        names = self._history[kept - 1][1] if kept else self._durable
        for file in names.values():
            file.data = bytearray(file.torn(self._chance))
            file.synced = bytes(file.data)
        self._names = dict(names)
        self._durable = dict(names)
        self._history.clear()
        self.fails_with = 0

    def _change(self, path: str, file: File) -> None:
        self._names[path] = file
        self._history.append((path, dict(self._names)))


class SimPath:
    """As much of a Path as the store uses, on a simulated disk."""

    def __init__(self, disk: Disk, path: str) -> None:
        self._disk = disk
        self._path = path

    def __fspath__(self) -> str:
        return self._path

    __str__ = __fspath__

    def __truediv__(self, name: str) -> SimPath:
        return SimPath(self._disk, posixpath.join(self._path, name))

    def __lt__(self, other: SimPath) -> bool:
        return self._path < other._path

    @property
    def name(self) -> str:
        """The last part."""
        return posixpath.basename(self._path)

    @property
    def stem(self) -> str:
        """The last part without what follows its last dot."""
        return posixpath.splitext(self.name)[0]

    @property
    def parent(self) -> SimPath:
        """The folder."""
        return SimPath(self._disk, posixpath.dirname(self._path))

    def with_name(self, name: str) -> SimPath:
        """Another file in the same folder."""
        return self.parent / name

    def mkdir(self, **_: object) -> None:
        """Folders are there."""

    def exists(self) -> bool:
        """Say whether there is such a file."""
        return self._path in self._disk.list(posixpath.dirname(self._path))

    def read_bytes(self) -> bytes:
        """Read it whole."""
        return bytes(self._disk.find(self._path).data)

    def iterdir(self) -> list[SimPath]:
        """Who is in the folder."""
        return [SimPath(self._disk, path) for path in self._disk.list(self._path)]

    def replace(self, target: SimPath) -> None:
        """Rename."""
        self._disk.replace(self._path, str(target))

    def unlink(self, *, missing_ok: bool = False) -> None:  # noqa: ARG002  a Path's
        """Remove it."""
        self._disk.remove(self._path)

    def stat(self) -> os.stat_result:
        """Say how large it is."""
        size = len(self._disk.find(self._path).data)
        return os.stat_result((0, 0, 0, 0, 0, 0, size, 0, 0, 0))

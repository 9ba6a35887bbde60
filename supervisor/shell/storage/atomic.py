"""Files that are replaced as a whole, and folders whose names are durable."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from ....workers.process.syncing import sync_file


def write_atomically(path: Path, data: bytes, *, durable: bool = False) -> None:
    """Replace a file as a whole: a reader sees the old one or the new one."""
    temporary = path.with_name(f".{path.name}.new")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        write_all(fd, data)
        if durable:
            sync_file(fd)
    except OSError:
        with suppress(OSError):  # half a file must not keep the last room of a full disk
            temporary.unlink()
        raise
    finally:
        os.close(fd)
    temporary.replace(path)
    if durable:
        sync_folder(path.parent)


def write_all(fd: int, data: bytes | bytearray) -> None:
    """Write everything; a full disk may have taken a part."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        sync_file(fd)
    finally:
        os.close(fd)

"""How what was written comes onto the disk, and not only into the cache of its drive."""

from __future__ import annotations

import errno
import fcntl
import os

from . import capabilities

# A file system that does not know F_FULLFSYNC: on a network, or of another system.
_NOT_KNOWN = frozenset({errno.EINVAL, errno.ENOTTY, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENODEV})


def sync_data(fd: int) -> None:
    """Wait until the file's bytes are durable, and what is wanted to read them again."""
    if capabilities.HERE.data_sync == "fdatasync":
        os.fdatasync(fd)
    else:
        sync_file(fd)


def sync_file(fd: int) -> None:
    """Wait until a file, or the names in a folder, are durable."""
    if capabilities.HERE.data_sync != "F_FULLFSYNC" or not _flushed_drive(fd):
        os.fsync(fd)


def _flushed_drive(fd: int) -> bool:
    """Do as F_FULLFSYNC does; False where the file system cannot."""
    full: int = getattr(fcntl, "F_FULLFSYNC", -1)
    try:
        fcntl.fcntl(fd, full)
    except OSError as error:
        if error.errno in _NOT_KNOWN:
            return False
        raise
    return True

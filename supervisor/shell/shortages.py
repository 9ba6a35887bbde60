"""Which errors of the system pass: it is out of something, or a disk has failed once."""

from __future__ import annotations

import errno

# Room on the disk: what is to be written waits, and everything else goes on.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# Descriptors, processes, memory, buffers: whoever asks again later may get them.
SHORT = frozenset({errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM, errno.ENOBUFS})
# What a person can do about them.
_REMEDIES = {
    errno.EMFILE: "; raise `ulimit -n`",
    errno.ENFILE: "; raise fs.file-max",
    errno.EAGAIN: "; raise `ulimit -u`, or the limit of the cgroup's processes",
}
# A disk that fails may serve the next process, which begins from what is really there.
PASSING = SHORT | {errno.EIO, errno.EINTR, errno.ETIMEDOUT, errno.ESTALE}


def not_started(error: Exception) -> str:
    """Say why a process could not be started, and what a person can do about it."""
    if not isinstance(error, OSError):
        return str(error)
    remedy = _REMEDIES.get(error.errno or 0, "")
    return f"it could not be started: {error.strerror or error}{remedy}"

"""What the system is short of for a while: whoever asks again later may get it."""

from __future__ import annotations

import errno

PASSING = frozenset(
    {
        *(errno.ENOSPC, errno.EDQUOT, errno.EAGAIN, errno.ENOMEM, errno.ENOBUFS),
        *(errno.EMFILE, errno.ENFILE, errno.EIO, errno.EINTR, errno.ETIMEDOUT, errno.ESTALE),
    }
)


def passes(error: Exception) -> bool:
    """Say whether the same may succeed in a while, without anybody's help."""
    return isinstance(error, OSError) and error.errno in PASSING

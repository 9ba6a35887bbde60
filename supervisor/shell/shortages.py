"""Which errors of the system pass: it is out of something, or a disk has failed once."""

from __future__ import annotations

import errno

# Room on the disk: what is to be written waits, and everything else goes on.
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
# Descriptors, processes, memory, buffers: whoever asks again later may get them.
SHORT = frozenset({errno.EMFILE, errno.ENFILE, errno.EAGAIN, errno.ENOMEM, errno.ENOBUFS})
# A disk that fails may serve the next process, which begins from what is really there.
PASSING = SHORT | {errno.EIO, errno.EINTR, errno.ETIMEDOUT, errno.ESTALE}

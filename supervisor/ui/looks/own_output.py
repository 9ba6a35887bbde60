"""The standard output as an open file of our own, so that writing need not wait."""

from __future__ import annotations

import os
import stat

_FLAGS = os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC


def opened_anew(descriptor: int) -> int:
    """The terminal or pipe behind it, not waited for: what the shell has must go on to wait."""
    try:
        if os.isatty(descriptor):
            return os.open(os.ttyname(descriptor), _FLAGS)
        if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            return os.open(f"/dev/fd/{descriptor}", _FLAGS)
    except OSError:  # it is of another user, or of another container
        pass
    return os.dup(descriptor)

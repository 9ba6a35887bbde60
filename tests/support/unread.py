"""Outputs that nobody reads."""

from __future__ import annotations

import contextlib
import os
import select

_LINE = b"x" * 63 + b"\n"


def fill(descriptor: int) -> None:
    """Write until it takes no more; who writes to it then waits."""
    os.set_blocking(descriptor, False)
    for piece in (_LINE, b"x"):
        with contextlib.suppress(BlockingIOError):
            while True:
                os.write(descriptor, piece)
    os.set_blocking(descriptor, True)


def drained(reader: int) -> bytes:
    """All that can be read of it by now."""
    read = b""
    while select.select([reader], [], [], 0)[0]:
        read += os.read(reader, 1 << 16)
    return read

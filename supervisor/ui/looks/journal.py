"""Lines for the journal of a service: each with its priority (sd-daemon(3)), without colours."""

from __future__ import annotations

import io
import os
import re
import stat
import sys
from enum import IntEnum
from typing import TextIO

_HAS_PRIORITY = re.compile(r"<[0-7]>")


class Priority(IntEnum):
    """How much a line matters; the numbers are syslog's."""

    ERROR = 3
    WARNING = 4
    NOTICE = 5
    INFO = 6
    DEBUG = 7


def is_journal(stream: TextIO) -> bool:
    """Say whether the journal itself reads this, which JOURNAL_STREAM names (systemd.exec(5))."""
    named = os.environ.get("JOURNAL_STREAM", "")
    if not named:
        return False
    try:
        found = os.fstat(stream.fileno())
    except OSError:
        return False
    # Of a file or a pipe, to which somebody has led what a service prints, people are the readers.
    return stat.S_ISSOCK(found.st_mode) and named == f"{found.st_dev}:{found.st_ino}"


def with_priority(text: str, priority: Priority) -> str:
    """The text with its priority before each line."""
    return "\n".join(f"<{priority}>{line}" for line in text.split("\n"))


def complain(text: str, priority: Priority) -> None:
    """Print on the standard error; in the journal with this priority."""
    is_journalled = isinstance(sys.stderr, JournalStream)
    print(with_priority(text, priority) if is_journalled else text, file=sys.stderr)  # noqa: T201


class JournalStream(io.TextIOWrapper):
    """A stream to the journal; what is printed there without a priority gets this one."""

    def __init__(self, stream: TextIO, priority: Priority) -> None:
        super().__init__(
            stream.buffer, encoding=stream.encoding, errors=stream.errors, line_buffering=True
        )
        self._priority = priority
        self._is_inside = False  # of a line

    def write(self, text: str) -> int:
        """Print, with a priority before each line."""
        if not text:  # click asks with b"" whether this is a stream of bytes
            return super().write(text)
        for line in text.splitlines(keepends=True):
            if not self._is_inside and not _HAS_PRIORITY.match(line):
                super().write(f"<{self._priority}>")
            super().write(line)
            self._is_inside = not line.endswith("\n")
        return len(text)

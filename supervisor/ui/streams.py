"""The three standard streams: there for every command, and never lost without a word."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import TextIO, cast

from .looks.journal import JournalStream, Priority, is_journal

_REFUSED = frozenset({errno.EACCES, errno.ENAMETOOLONG})
_CANNOT_WRITE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def stand_in() -> None:
    """Put /dev/null where a stream is closed, as `>&-` or a service leaves it.

    Else the next file that is opened takes its number, and is printed into.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            # It gets the lowest number that is free: this one. Children want it, too.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # noqa: FBT003  positional only
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, _nowhere(mode))


def speak_to_journal() -> None:
    """Have every line of the standard error that goes to the journal bear a priority: an error's.

    What is less says so itself; on the standard output the journal's default holds, `info`.
    """
    if is_journal(sys.stderr):
        sys.stderr = JournalStream(sys.stderr, Priority.ERROR)


def write_out() -> None:
    """Write what was printed so far; OSError where it cannot be."""
    sys.stdout.flush()


def no_room(error: Exception) -> str:
    """What the system said, where something could not be written; empty if it is another error.

    Of a file it would name the file, and its own command would have said so. Nothing more is
    printed then.
    """
    if not isinstance(error, OSError) or error.filename or error.errno not in _CANNOT_WRITE:
        return ""
    sys.stdout = _nowhere("w")
    return error.strerror or str(error)


def refused(error: Exception) -> str:
    """The name that the system does not take, or does not let us see, and why; else empty.

    As in a state folder that `sudo` has made. Who asks whether a file is there does not reckon
    with that, and it is for a person to mend.
    """
    if not isinstance(error, OSError) or not error.filename or error.errno not in _REFUSED:
        return ""
    name = os.fsdecode(error.filename)
    return f"{name}: {error.strerror}; take the right to it, or name another one"


def _nowhere(mode: str) -> TextIO:
    return cast("TextIO", Path(os.devnull).open(mode, encoding="utf-8"))

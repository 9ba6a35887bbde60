"""What goes wrong for a person to mend: an exit code, and lines for stderr."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class ReportedError(Exception):
    """The end of a command, said in plain lines and without a traceback."""

    exit_code: ClassVar[int]

    def lines(self, root: Path | None = None) -> tuple[str, ...]:
        """What to print on stderr; paths inside `root` are shown from there."""
        del root
        return tuple(str(self).splitlines())


class UsageError(ReportedError):
    """Something was asked wrongly."""

    exit_code = 2


class FatalError(ReportedError):
    """Something that was asked rightly cannot be done."""

    exit_code = 1


class StateError(ReportedError):
    """What runs have left is of another version: no new try will change that, so none is made."""

    exit_code = 78  # EX_CONFIG of sysexits.h: a service manager leaves it at that


class InternalFailureError(ReportedError):
    """The tree cannot go on, and had to end; what is durable is kept."""

    exit_code = 70  # EX_SOFTWARE of sysexits.h

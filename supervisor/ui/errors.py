"""What goes wrong for a person to mend: an exit code, and lines for stderr."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from ..prd.defect import Defect


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


class InternalFailureError(ReportedError):
    """The tree cannot go on, and had to end; what is durable is kept."""

    exit_code = 70  # EX_SOFTWARE of sysexits.h


class InvalidInputError(ReportedError):
    """The configuration or a PRD is invalid; it carries every defect that was found."""

    exit_code = 78  # EX_CONFIG of sysexits.h

    def __init__(self, defects: Sequence[Defect]) -> None:
        super().__init__("\n".join(map(str, defects)))
        self.defects = tuple(defects)

    def lines(self, root: Path | None = None) -> tuple[str, ...]:
        """One line for each defect."""
        shown = self.defects
        if root is not None:
            shown = tuple(defect.relative_to(root) for defect in shown)
        return tuple(map(str, shown))

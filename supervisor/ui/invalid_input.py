"""Files of people's that cannot be used as they are; apart from errors that cost nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..prd.defect import Defect
from .errors import ReportedError


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


def raise_if(defects: Sequence[Defect]) -> None:
    """Raise if there is any defect."""
    if defects:
        raise InvalidInputError(defects)

"""Whether what earlier runs have written down is as it was written."""

from __future__ import annotations

from collections.abc import Iterator

from ..known import known_board
from .around import Here
from .words import Line, fail, ok

_SUBJECT = "records"


def record_lines(here: Here) -> Iterator[Line]:
    """Journals and snapshots: what of them cannot be trusted, and how it goes on."""
    board = known_board(here.layout)
    found = [board.damage, *(row.damage for row in board.rows.values())]
    for damage in filter(None, found):
        text, _, advice = damage.rpartition("; ")
        yield fail(_SUBJECT, text, advice)
    if board.rows and not any(found):
        yield ok(_SUBJECT, "whole")

"""`report`: what PRDs took and what came of it, while they run and afterwards."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...shell.storage.layout import Layout
from ..known import known_board, row_named
from ..printer import say
from ..remote import status_document
from ..whereabouts import layout_of
from .document import document
from .reading import report_of
from .text import SHORT_ROWS, report_text

WIDTH_MIN, WIDTH_MAX = 40, 200
NO_TERMINAL = 120


def report(folder: Path, prd_ids: Sequence[str], *, as_json: bool) -> int:
    """Print the report of these PRDs, or of all that were run here."""
    layout = layout_of(folder)
    if prd_ids:
        board = known_board(layout)
        for prd_id in prd_ids:
            row_named(board, prd_id)
    status = status_document(layout)
    known = [str(prd["id"]) for prd in status["prds"]]  # type: ignore[attr-defined]  # a list
    found = report_of(layout, status, prd_ids or known, now=time.time())
    if as_json:
        say(json.dumps(document(found), indent=2, ensure_ascii=False))
    else:
        say(report_text(found, width=terminal_width()))
    return 0


def last_table(layout: Layout, status: Mapping[str, Any], prd_ids: Sequence[str]) -> str:
    """The table for the last lines of a run."""
    found = report_of(layout, status, prd_ids, now=time.time())
    return report_text(found, width=terminal_width(), rows_max=SHORT_ROWS)


def terminal_width() -> int:
    """How many cells a line may have."""
    if not sys.stdout.isatty():
        return NO_TERMINAL
    columns = shutil.get_terminal_size((NO_TERMINAL, 24)).columns
    return max(WIDTH_MIN, min(columns, WIDTH_MAX))

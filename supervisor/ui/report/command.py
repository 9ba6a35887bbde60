"""`report`: what came of PRDs and what they took, while they run and afterwards."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from msgspec import Struct

from ....policies.values import replace
from ...shell.status.document import StatusDocument
from ...shell.storage.atomic import write_atomically
from ...shell.storage.layout import Layout
from ..errors import UsageError
from ..known import known_board, row_named
from ..looking import Looker, note_of
from ..looks.painting import own_style, own_width, painted
from ..looks.rows import Row, Style
from ..printer import show
from ..whereabouts import layout_of
from .document import document
from .reading import Report, report_of
from .text import SHORT_ROWS, report_rows

WIDTH_MIN, WIDTH_MAX = 40, 200
IN_A_FILE = 120
PAGE = "report.html"
MORE = "`prd-supervise report` shows this again, `report --html` all evidence as a page"


class Form(Enum):
    """How a report is told."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


class Asked(Struct, frozen=True, kw_only=True):
    """What is wanted of a report; `since` is epoch seconds, 0 for all that is known."""

    form: Form = Form.TEXT
    output: Path | None = None
    since: float = 0.0
    has_colour: bool | None = None  # None: as the standard output has it


def report(folder: Path, prd_ids: Sequence[str], asked: Asked) -> int:
    """Print the report of these PRDs, or of all that were run here, or write it to a file."""
    layout = layout_of(folder)
    if prd_ids:
        board = known_board(layout)
        for prd_id in prd_ids:
            whole, _, story = prd_id.partition("/")
            if prd_id not in board.rows and story and whole in board.rows:
                hint = f"`prd-supervise status {prd_id}` has all of one story"
                raise UsageError(f"{prd_id}: a report is of whole PRDs; {hint}")
            row_named(board, prd_id)
    with Looker(layout, is_once=True) as looker:
        look = looker.look()
    if note := note_of(look):
        print(f"note: {note}", file=sys.stderr)  # noqa: T201
    wanted = prd_ids or [prd.id for prd in look.document.prds]
    found = report_of(layout, look.document, wanted, since=asked.since)
    output = asked.output
    if output is None and asked.form is Form.HTML and sys.stdout.isatty():
        output = layout.state_dir / PAGE  # nobody reads a page's source
    text = _rendered(found, asked, is_file=output is not None)
    if output is None or str(output) == "-":
        show(text)
        return 0
    _write(output, text)
    print(f"{output.resolve().as_uri()}" if asked.form is Form.HTML else str(output))  # noqa: T201
    return 0


def _rendered(found: Report, asked: Asked, *, is_file: bool) -> str:
    zone_s, colour = _zone_s(found.at), asked.has_colour
    match asked.form:
        case Form.JSON:
            return json.dumps(document(found), indent=2, ensure_ascii=False)
        case Form.MARKDOWN:
            from .markdown import markdown  # noqa: PLC0415  each form loads its own

            return markdown(found, zone_s=zone_s)
        case Form.HTML:
            from .page import page  # noqa: PLC0415

            return page(found, zone_s=zone_s)
        case _:
            style = Style(has_colour=False) if is_file else own_style()
            if colour is not None:
                style = replace(style, has_colour=colour)
            width = IN_A_FILE if is_file else _width()
            return _text(report_rows(found, width=width, style=style, zone_s=zone_s), style)


def _write(path: Path, text: str) -> None:
    try:
        write_atomically(path, f"{text}\n".encode(errors="backslashreplace"))
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror or error}; name a file in a folder of yours"
        ) from None


def last_table(
    layout: Layout, status: StatusDocument, prd_ids: Sequence[str], *, is_over: bool = False
) -> str:
    """The report for the last lines of a run, and where there is more of it.

    `is_over`: its root has ended, so that orders are no longer for it.
    """
    found = report_of(layout, status, prd_ids)
    found = replace(found, is_live=found.is_live and not is_over)
    style, zone_s = own_style(), _zone_s(found.at)
    rows = report_rows(
        found, width=_width(), style=style, rows_max=SHORT_ROWS, zone_s=zone_s, is_end=True
    )
    return f"{_text(rows, style)}\n\n{MORE}"


def _text(rows: Sequence[Row], style: Style) -> str:
    return "\n".join(painted(rows, style)).rstrip()


def _zone_s(at: float) -> float:
    """How far local clocks were ahead of UTC then."""
    return float(time.localtime(at).tm_gmtoff)


def _width() -> int:
    """How many cells a line may have."""
    return max(WIDTH_MIN, min(own_width(), WIDTH_MAX))

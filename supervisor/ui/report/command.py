"""`report`: what came of PRDs and what they took, while they run and afterwards."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from msgspec import Struct

from ....policies.moments import moment_text
from ...shell.status.document import StatusDocument
from ...shell.storage.layout import Layout
from ...shell.storage.locks import holder_of
from ...shell.storage.store import write_atomically
from ..dashboard.looks import Style
from ..errors import UsageError
from ..looking import Look, Looker
from ..printer import has_colour, say
from ..whereabouts import known_board, layout_of, row_named
from .document import document
from .paint import painted
from .reading import Report, report_of
from .text import SHORT_ROWS, report_rows

WIDTH_MIN, WIDTH_MAX = 40, 200
NO_TERMINAL = 120
PAGE = "report.html"


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


def report(folder: Path, prd_ids: Sequence[str], asked: Asked) -> int:
    """Print the report of these PRDs, or of all that were run here, or write it to a file."""
    layout = layout_of(folder)
    if prd_ids:
        board = known_board(layout)
        for prd_id in prd_ids:
            row_named(board, prd_id)
    look = Looker(layout).look()
    if problem := _problem(layout, look):
        print(f"note: {problem}", file=sys.stderr)  # noqa: T201
    wanted = prd_ids or [prd.id for prd in look.document.prds]
    found = report_of(layout, look.document, wanted, since=asked.since)
    output = asked.output
    if output is None and asked.form is Form.HTML and sys.stdout.isatty():
        output = layout.state_dir / PAGE  # nobody reads a page's source
    text = _rendered(found, asked.form, is_file=output is not None)
    if output is None or str(output) == "-":
        say(text)
        return 0
    _write(output, text)
    print(f"{output.resolve().as_uri()}" if asked.form is Form.HTML else str(output))  # noqa: T201
    return 0


def _problem(layout: Layout, look: Look) -> str:
    """Why this is not what a root that runs says just now."""
    if look.is_live or holder_of(layout.root_lock) is None:
        return ""
    then = moment_text(look.taken_at, now_s=time.time(), zone_s=_zone_s(look.taken_at))
    return f"root runs, but does not answer ({look.problem}); this is as of {then}"


def _rendered(found: Report, form: Form, *, is_file: bool) -> str:
    zone_s = _zone_s(found.at)
    match form:
        case Form.JSON:
            return json.dumps(document(found), indent=2, ensure_ascii=False)
        case Form.MARKDOWN:
            from .markdown import markdown  # noqa: PLC0415  each form loads its own

            return markdown(found, zone_s=zone_s)
        case Form.HTML:
            from .page import page  # noqa: PLC0415

            return page(found, zone_s=zone_s)
        case _:
            style = Style(has_colour=False) if is_file else _style()
            width = NO_TERMINAL if is_file else terminal_width()
            return painted(report_rows(found, width=width, style=style, zone_s=zone_s), style)


def _write(path: Path, text: str) -> None:
    try:
        write_atomically(path, f"{text}\n".encode(errors="backslashreplace"))
    except OSError as error:
        raise UsageError(
            f"{path}: {error.strerror or error}; name a file in a folder of yours"
        ) from None


def last_table(layout: Layout, status: StatusDocument, prd_ids: Sequence[str]) -> str:
    """The report for the last lines of a run, and where there is more of it."""
    found = report_of(layout, status, prd_ids)
    style, zone_s = _style(), _zone_s(found.at)
    rows = report_rows(
        found, width=terminal_width(), style=style, rows_max=SHORT_ROWS, zone_s=zone_s
    )
    more = "`prd-supervise report` shows this again, `report --html` as a page with all evidence"
    return f"{painted(rows, style)}\n\n{more}"


def _style() -> Style:
    """What may be printed here."""
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    return Style(has_colour=has_colour(), is_ascii=not encoding.startswith("utf"))


def _zone_s(at: float) -> float:
    """How far local clocks were ahead of UTC then."""
    return float(time.localtime(at).tm_gmtoff)


def terminal_width() -> int:
    """How many cells a line may have."""
    if not sys.stdout.isatty():
        return NO_TERMINAL
    columns = shutil.get_terminal_size((NO_TERMINAL, 24)).columns
    return max(WIDTH_MIN, min(columns, WIDTH_MAX))

"""The whole screen: what was seen, and what the viewer has chosen of it, as rows."""

from __future__ import annotations

from ..looks.rows import Row, Size, Style
from .banner import banner_rows
from .body import body
from .chosen import Chosen
from .fitting import laid
from .footer import footer, hints_row
from .header import header
from .help import help_rows
from .page_screen import PAGE_HINTS, page_screen, page_title
from .seen import Seen
from .view import View

HEADER_LEAST = 2  # rows of the screen from which on there is one


def screen(seen: Seen, chosen: Chosen, size: Size, style: Style) -> tuple[Row, ...]:
    """Exactly as many rows as there are, none wider than the screen."""
    rows = _rows(View(seen, chosen, style), size)[: size.rows]
    rows += [()] * (size.rows - len(rows))
    return tuple(laid(row, size.columns, style) for row in rows)


def _rows(view: View, size: Size) -> list[Row]:
    is_asked = view.chosen.question is not None or view.chosen.is_filtering
    foot = _foot(view, size)[-max(1, size.rows) :]
    if size.rows < HEADER_LEAST:
        return foot if is_asked else _head(view, size)
    head = _head(view, size)[: max(0, size.rows - len(foot) - 1)]
    if size.rows == HEADER_LEAST and not is_asked:
        foot = []
    height = size.rows - len(head) - len(foot)
    middle = _middle(view, Size(columns=size.columns, rows=height))[:height]
    middle += [()] * (height - len(middle))
    return [*head, *middle, *foot]


def _head(view: View, size: Size) -> list[Row]:
    opened = view.chosen.opened
    if opened is not None:  # a page has a title of its own, which it leaves to one row alone
        return [page_title(view.seen, opened, view.style)] if size.rows < HEADER_LEAST else []
    return [header(view, size.columns), *banner_rows(view.seen, size, view.style)]


def _middle(view: View, size: Size) -> list[Row]:
    chosen, style = view.chosen, view.style
    if size.rows <= 0:
        return []
    if chosen.help_top is not None:
        return help_rows(size.columns, chosen.help_top, size.rows, style)
    if chosen.opened is not None:
        return page_screen(view.seen, chosen.opened, size, style)
    return body(view, size)


def _foot(view: View, size: Size) -> list[Row]:
    chosen = view.chosen
    is_told = chosen.question or chosen.is_filtering or chosen.notice or view.seen.answer
    if not is_told and chosen.help_top is not None:
        return [hints_row((("j/k", "scroll"), ("Esc", "back")), size.columns)]
    if not is_told and chosen.opened is not None:
        return [hints_row(PAGE_HINTS, size.columns)]
    return footer(view, size)

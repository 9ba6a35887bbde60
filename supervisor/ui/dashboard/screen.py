"""The whole screen: what was seen, and what the viewer has chosen of it, as rows."""

from __future__ import annotations

from .banner import banner
from .body import body
from .chosen import Chosen
from .fitting import laid, wrapped
from .footer import footer, hints_row
from .header import header
from .help import help_rows
from .looks import Row, Size, Span, Style
from .page_screen import PAGE_HINTS, page_screen
from .seen import Seen
from .troubles import troubles

HEADER_LEAST, BANNER_LEAST = 2, 4  # rows of the screen from which on there is such a thing
BANNER_MOST = 2


def screen(seen: Seen, chosen: Chosen, size: Size, style: Style) -> tuple[Row, ...]:
    """Exactly as many rows as there are, none wider than the screen."""
    rows = _rows(seen, chosen, size, style)[: size.rows]
    rows += [()] * (size.rows - len(rows))
    return tuple(laid(row, size.columns, style) for row in rows)


def _rows(seen: Seen, chosen: Chosen, size: Size, style: Style) -> list[Row]:
    foot = _foot(seen, chosen, size, style)[-max(1, size.rows) :]
    if size.rows < HEADER_LEAST:
        return foot if chosen.question or chosen.is_filtering else _head(seen, chosen, size, style)
    head = _head(seen, chosen, size, style)[: max(0, size.rows - len(foot) - 1)]
    height = size.rows - len(head) - len(foot)
    if size.rows == HEADER_LEAST and not (chosen.question or chosen.is_filtering):
        height, foot = size.rows - len(head), []
    middle = _middle(seen, chosen, size, style, height)[: max(0, height)]
    middle += [()] * (height - len(middle))
    return [*head, *middle, *foot]


def _head(seen: Seen, chosen: Chosen, size: Size, style: Style) -> list[Row]:
    if chosen.opened is not None:
        return []
    rows = [header(seen, troubles(seen.document), size.columns, style)]
    told = banner(seen)
    if told is not None and size.rows >= BANNER_LEAST:
        text = wrapped(told.text, size.columns, BANNER_MOST, style)
        rows += [(Span(each, told.tone),) for each in text]
    return rows


def _middle(seen: Seen, chosen: Chosen, size: Size, style: Style, height: int) -> list[Row]:
    if height <= 0:
        return []
    if chosen.help_top is not None:
        return help_rows(size.columns, chosen.help_top, height, style)
    if chosen.opened is not None:
        return page_screen(seen, chosen.opened, size, style, height)
    return body(seen, chosen, Size(columns=size.columns, rows=height), style)


def _foot(seen: Seen, chosen: Chosen, size: Size, style: Style) -> list[Row]:
    is_told = chosen.question or chosen.is_filtering or chosen.notice or seen.answer
    if not is_told and chosen.help_top is not None:
        return [hints_row((("j/k", "scroll"), ("Esc", "back")), size.columns)]
    if not is_told and chosen.opened is not None:
        return [hints_row(PAGE_HINTS, size.columns)]
    return footer(seen, chosen, size, style)

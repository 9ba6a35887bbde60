"""The whole screen: what was seen, and what the viewer has chosen of it, as rows."""

from __future__ import annotations

from .chosen import Chosen
from .entries import entries, row_of
from .fitting import laid
from .header import header
from .looks import Row, Size, Span, Style, Tone
from .marks import mark_of, state_of
from .pages import page_rows
from .seen import Seen
from .sharing import window


def screen(seen: Seen, chosen: Chosen, size: Size, style: Style) -> tuple[Row, ...]:
    """Exactly as many rows as there are, none wider than the screen."""
    height = max(0, size.rows - 2)
    if chosen.opened is not None:
        body = page_rows(seen, chosen.opened, size, style, max(1, height))
    else:
        body = _list(seen, chosen, height, style)
    question = chosen.question.text + " [y/n]" if chosen.question is not None else ""
    foot = question or chosen.notice or "? help  q quit"
    rows = [header(seen, size.columns, style), *body[:height]]
    rows += [()] * (size.rows - 1 - len(rows))
    rows = [*rows, (Span(foot, Tone.DIM),)][-size.rows :] if size.rows else []
    return tuple(laid(row, size.columns, style) for row in rows)


def _list(seen: Seen, chosen: Chosen, height: int, style: Style) -> list[Row]:
    found = entries(seen, chosen)
    row = row_of(found, chosen)
    first = window(len(found), row, height)
    rows: list[Row] = []
    for at, entry in enumerate(found[first : first + height], first):
        mark = mark_of(entry.about)
        indent = "  " if entry.story is not None else ""
        tone = Tone.SELECTED if at == row else mark.tone
        text = f"{indent}{entry.about.id}  {state_of(entry.about)}  {entry.about.title}"
        rows.append((Span("> " if at == row else "  "), Span(f"{mark.by(style)} {text}", tone)))
    return rows

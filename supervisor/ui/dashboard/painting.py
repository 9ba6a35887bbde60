"""Rows as what a terminal is sent: only those that have changed since it was sent the last ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct

from ...shell.lines import safe
from ..looks.columns import cells
from ..looks.rows import Row, Tone


class Ink(Struct, frozen=True, kw_only=True):
    """What a terminal obeys; `tones` end with `normal`."""

    tones: Mapping[Tone, str]
    normal: str
    erase: str  # from the cursor to the end of the row
    move: Callable[[int], str]  # to the beginning of a row, the first one is 0
    begin: str = ""  # around all of one picture
    end: str = ""


def painted(before: Sequence[Row], after: Sequence[Row], ink: Ink, columns: int) -> str:
    """What turns one picture into the other; without a row before, a row is drawn."""
    changed = "".join(
        f"{ink.move(at)}{_row(row, ink, columns)}"
        for at, row in enumerate(after)
        if at >= len(before) or before[at] != row
    )
    return f"{ink.begin}{changed}{ink.end}" if changed else ""


def _row(row: Row, ink: Ink, columns: int) -> str:
    text = "".join(span.text for span in row)
    drawn = "".join(_spans(row, ink))
    if not text.isascii():
        # The terminal may count its cells in another way: nothing old may stay behind them.
        return f"{ink.erase}{drawn}"
    # At the right edge the cursor stands on the last character, which erasing would take away.
    return f"{drawn}{ink.erase}" if cells(text) < columns else drawn


def _spans(row: Row, ink: Ink) -> Iterator[str]:
    for span in row:
        text = span.text if span.text.isprintable() else safe(span.text)
        tone = ink.tones.get(span.tone, "")
        yield f"{tone}{text}{ink.normal}" if tone else text

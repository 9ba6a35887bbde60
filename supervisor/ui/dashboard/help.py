"""All keys, in the words of what they do."""

from __future__ import annotations

from ..looks.rows import Row, Span, Style, Tone
from .fitting import padded

KEYS = (
    ("Move", ""),
    ("j k, arrows", "down, up"),
    ("PgUp PgDn", "half a screen"),
    ("g G", "first, last"),
    ("Tab", "next part: PRDs, at work, events"),
    ("n N", "next, previous that wants you"),
    ("Enter", "fold a PRD; open a story"),
    ("Space, left, right", "fold, unfold"),
    ("z", "fold or unfold all"),
    ("/", "filter by id, title, state, agent; Esc shows all"),
    ("Look into a PRD or story", ""),
    ("l p d e t", "log, prompt, diff, evidence, the story of its events"),
    ("o", "open what the cursor stands on"),
    ("Tab, left, right", "in a page: the next one, the one before"),
    ("f", "in a page: follow its end"),
    ("Esc, q", "close the page"),
    ("Order; each asks first", ""),
    ("s S", "stop the PRD; stop everything"),
    ("h u", "hold; release, also what waits for its budget"),
    ("r R", "retry what failed; restart the PRD's supervisor"),
    ("a x", "approve; reject, with a reason"),
    ("A", "let an agent be started again that is kept from it"),
    ("", ""),
    ("?", "this page"),
    ("q", "quit; the run goes on"),
    ("", ""),
    ("Marks", ""),
)
MARKS = (
    ("●", "*", Tone.BUSY, "at work"),
    ("✓", "+", Tone.GOOD, "done"),
    ("✗", "x", Tone.BAD, "failed"),
    ("?", "?", Tone.WARN, "waits for approval"),
    ("=", "=", Tone.WARN, "held"),
    ("~", "~", Tone.WARN, "backing off"),
    ("■", "#", Tone.WARN, "stopped"),
    ("-", "-", Tone.DIM, "skipped"),
    ("·", ".", Tone.DIM, "waiting"),
)
KEY_WIDTH = 20
LINES = len(KEYS) + len(MARKS)


def help_rows(width: int, top: int, height: int, style: Style) -> list[Row]:
    """So many rows from there on."""
    column = min(KEY_WIDTH, width // 3)
    rows: list[Row] = [_row(keys, words, column, style) for keys, words in KEYS]
    for glyph, plain, tone, words in MARKS:
        mark = plain if style.is_ascii else glyph
        rows.append((Span("  "), Span(padded(mark, column), tone), Span(words)))
    first = min(top, max(0, len(rows) - height))
    return rows[first : first + height]


def _row(keys: str, words: str, column: int, style: Style) -> Row:
    if not words:
        return (Span(keys, Tone.TITLE),)
    text = padded(keys, column, is_ascii=style.is_ascii)
    return (Span("  "), Span(text, Tone.BUSY), Span(words))

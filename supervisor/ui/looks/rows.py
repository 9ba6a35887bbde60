"""What a screen is made of: rows of spans, each with a tone. No escape sequence stands here."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class Tone(Enum):
    """What a piece of text is meant as; the terminal decides how that looks."""

    PLAIN = "plain"
    DIM = "dim"
    TITLE = "title"
    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    BUSY = "busy"
    SELECTED = "selected"


class Span(Struct, frozen=True):
    """A piece of text; it has no control characters."""

    text: str
    tone: Tone = Tone.PLAIN


Row = tuple[Span, ...]


class Size(Struct, frozen=True, kw_only=True):
    """Of a terminal, in cells."""

    columns: int
    rows: int


class Style(Struct, frozen=True, kw_only=True):
    """What the terminal can do. Nothing may be told by colour alone."""

    has_colour: bool = True
    is_ascii: bool = False

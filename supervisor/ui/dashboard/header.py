"""The first row: which tree this is, how it stands, how far it is, what time it is."""

from __future__ import annotations

from datetime import UTC, datetime

from .fitting import cells
from .looks import Row, Span, Style, Tone
from .marks import is_done
from .seen import Seen
from .words import age


def header(seen: Seen, width: int, style: Style) -> Row:
    """One row that has room for less the narrower it is."""
    document = seen.document
    stories = [story for prd in document.prds for story in prd.stories]
    total = sum(prd.progress.total for prd in document.prds)
    done = sum(prd.progress.completed for prd in document.prds)
    _ = is_done, stories, style
    left = [Span("prd-supervise", Tone.TITLE), Span("  " + seen.document.root.state)]
    rest = seen.rest_s.get("")
    right = f"{done}/{total} stories" + (f"  ~{age(rest)} left" if rest is not None else "")
    clock = datetime.fromtimestamp(seen.now + seen.zone_s, UTC).strftime("%H:%M:%S")
    right = f"{right}  {clock}"
    blank = width - sum(cells(span.text) for span in left) - cells(right)
    return (*left, Span(" " * max(1, blank)), Span(right))

"""A progress bar: done, failed, at work, and what is left."""

from __future__ import annotations

from ...shell.status.document import PrdStatus
from ...shell.status.states import AT_WORK, LOST
from .rows import Span, Style, Tone


def bar(prd: PrdStatus, width: int, style: Style) -> tuple[Span, ...]:
    """The stories of a PRD as so many cells; what there is one of is seen."""
    total = prd.progress.total
    done = prd.progress.completed
    failed = sum(story.state in LOST for story in prd.stories)
    busy = sum(story.state in AT_WORK for story in prd.stories) if prd.state == "active" else 0
    return meter((done, failed, busy), total, width, style)


def bar_text(prd: PrdStatus, width: int, style: Style) -> str:
    """The same without its tones."""
    return "".join(span.text for span in bar(prd, width, style))


def meter(counts: tuple[int, int, int], total: int, width: int, style: Style) -> tuple[Span, ...]:
    """Done, failed and busy of a total as a bar of exactly so many cells."""
    if width <= 0:
        return ()
    glyphs = "#x=." if style.is_ascii else "█x▒░"
    total = max(1, total, sum(counts))
    ends = [0]
    for count in counts:
        up_to = ends[-1] + _cells(count, total, width)
        ends.append(min(width, up_to))
    if counts[0] < total and ends[1] == width:
        ends[1:] = [width - 1] * 3  # full means all of it
    sizes = [ends[1], ends[2] - ends[1], ends[3] - ends[2], width - ends[3]]
    tones = (Tone.GOOD, Tone.BAD, Tone.BUSY, Tone.DIM)
    parts = zip(glyphs, sizes, tones, strict=True)
    return tuple(Span(glyph * size, tone) for glyph, size, tone in parts if size)


def _cells(count: int, total: int, width: int) -> int:
    return max(1, round(width * count / total)) if count else 0

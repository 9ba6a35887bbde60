"""A progress bar: done, failed, at work, and what is left."""

from __future__ import annotations

from ...shell.status.document import PrdStatus
from ..looks.rows import Span, Style, Tone
from .marks import is_at_work


def bar(prd: PrdStatus, width: int, style: Style) -> tuple[Span, ...]:
    """The stories of a PRD as so many cells; what there is one of is seen."""
    total = prd.progress.total
    done = prd.progress.completed
    failed = sum(story.state in {"failed", "skipped"} for story in prd.stories)
    busy = sum(is_at_work(story) for story in prd.stories) if prd.state == "active" else 0
    return meter((done, failed, busy), total, width, style)


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

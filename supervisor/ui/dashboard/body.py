"""The regions between header and footer: below each other, or side by side where there is room."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from ..looks.rows import Row, Size, Span, Tone
from .chosen import Region
from .detail import detail_rows
from .event_rows import event_rows, events_end
from .fitting import filled_out
from .laying import heading
from .prd_rows import prd_heading, prd_rows
from .sharing import Want, shared
from .trouble_rows import NARROW, trouble_rows, waiting_rows
from .view import View
from .work_rows import work_rows

WIDE = 130  # columns from which on there are two columns
PLAIN = 9  # rows below which there are no headings: the region with the cursor, what wants you
TROUBLES_ENOUGH, TROUBLES_MOST, EVENTS_ENOUGH = 3, 6, 3
DETAIL_MOST, DETAIL_SHARE = 3, 9  # rows, and of how many rows it may have one
FOCUS_SHARE = 3  # of the rows, the events get one part of so many at least with the cursor
TALL = 22  # rows from which on a narrow screen has a second one for that
BETWEEN = 3  # cells between two columns


class Part(Struct, frozen=True, kw_only=True):
    """A region: how many rows it wants without its heading, and how it is drawn in so many."""

    draw: Callable[[int], list[Row]]
    most: int
    least: int = 1
    enough: int = 1 << 20
    title: str = ""  # none: no heading
    region: Region | None = None
    tone: Tone = Tone.DIM  # of the title, without the cursor
    note: str = ""
    rank: int = 0  # who is served first: the highest


def body(view: View, size: Size) -> list[Row]:
    """As many rows as there are."""
    if size.rows < PLAIN:
        rows = _by_region(view, size)[view.chosen.region].draw(size.rows)
        spare = size.rows - len(rows)
        return [*trouble_rows(view.troubles, size.columns, spare, view.style), *rows]
    if size.columns < WIDE:
        return _stacked(_parts(view, size), view, size)
    return _side_by_side(view, size)


def events_height(view: View, size: Size) -> int:
    """How many events such a body shows."""
    region, rows = Region.EVENTS, size.rows
    if rows < PLAIN:
        return rows
    if size.columns < WIDE:
        parts = _parts(view, size)
    else:
        rows -= len(_above(view, size)) + len(_below(view, size))
        parts = _right(view, Size(columns=_widths(size)[1], rows=rows))
    found = [height for part, height in _heights(parts, rows) if part.region is region]
    return max(1, found[0] - 1) if found else 1


def _side_by_side(view: View, size: Size) -> list[Row]:
    above, below = _above(view, size), _below(view, size)
    rows = size.rows - len(above) - len(below)
    left, right = (Size(columns=width, rows=rows) for width in _widths(size))
    columns = (
        _stacked([_by_region(view, left)[Region.PRDS]], view, left),
        _stacked(_right(view, right), view, right),
    )
    style = view.style
    line = Span(" | " if style.is_ascii else " │ ", Tone.DIM)
    pairs = zip(*columns, strict=True)
    return [
        *above,
        *((*filled_out(one, left.columns, style), line, *other) for one, other in pairs),
        *below,
    ]


def _above(view: View, size: Size) -> list[Row]:
    top = _wanted(view, size.columns)
    return [] if top is None else _drawn(top, min(top.most + 1, size.rows // 3), view, size.columns)


def _below(view: View, size: Size) -> list[Row]:
    return detail_rows(view, size.columns, _detail_most(size)) or [()]


def _widths(size: Size) -> tuple[int, int]:
    left = (size.columns - BETWEEN) * 45 // 100
    return left, size.columns - BETWEEN - left


def _right(view: View, size: Size) -> list[Part]:
    regions = _by_region(view, size)
    return [regions[Region.WORK], *_waits(view), regions[Region.EVENTS]]


def _parts(view: View, size: Size) -> list[Part]:
    """All of them, as they stand below each other."""
    regions = _by_region(view, size)
    top = _wanted(view, size.columns)
    most = _detail_most(size)
    told = detail_rows(view, size.columns, most)
    about = Part(
        draw=lambda height: detail_rows(view, size.columns, height),
        most=max(1, len(told)),
        enough=2 if size.columns < NARROW and size.rows >= TALL else 1,  # rows are cut there
        rank=6,
    )
    return [
        *([top] if top is not None else []),
        regions[Region.PRDS],
        regions[Region.WORK],
        *_waits(view),
        regions[Region.EVENTS],
        about,
    ]


def _detail_most(size: Size) -> int:
    return min(DETAIL_MOST, size.rows // DETAIL_SHARE)


def _wanted(view: View, width: int) -> Part | None:
    found = view.troubles
    if not found:
        return None
    return Part(
        title=f"Wants you {len(found)}",
        tone=Tone.BAD if any(each.tone is Tone.BAD for each in found) else Tone.WARN,
        draw=lambda height: trouble_rows(found, width, height, view.style),
        most=min(len(found), TROUBLES_MOST),
        enough=TROUBLES_ENOUGH,
        rank=7,
    )


def _waits(view: View) -> list[Part]:
    waiting = waiting_rows(view.seen)
    if not waiting:
        return []
    return [Part(draw=lambda height: waiting[:height], most=len(waiting), rank=5)]


def _by_region(view: View, size: Size) -> dict[Region, Part]:
    seen, chosen, style, width, rows = view.seen, view.chosen, view.style, size.columns, size.rows
    later = len(seen.events) - events_end(seen, chosen)
    is_in_events = chosen.region is Region.EVENTS
    found, works = view.prds, view.works
    return {
        Region.PRDS: Part(
            title=prd_heading(view),
            region=Region.PRDS,
            note=f"{view.prd_row + 1} of {len(found)}" if len(found) > 1 else "",
            draw=lambda height: prd_rows(view, width, height),
            most=max(1, len(found)),
            rank=9,
        ),
        Region.WORK: Part(
            title=f"At work {len(works)}",
            region=Region.WORK,
            draw=lambda height: work_rows(view, width, height),
            most=len(works) + sum(each.name in seen.last_lines for each in works),
            rank=8,
        ),
        Region.EVENTS: Part(
            title="Events",
            region=Region.EVENTS,
            note=f"{later} later" if later else "",
            draw=lambda height: event_rows(seen, chosen, width, height, style),
            most=len(seen.events),
            least=2,
            enough=max(EVENTS_ENOUGH, rows // FOCUS_SHARE) if is_in_events else EVENTS_ENOUGH,
            rank=10 if is_in_events else 4,
        ),
    }


def _stacked(parts: list[Part], view: View, size: Size) -> list[Row]:
    """The parts below each other, in exactly so many rows; the last ones at the bottom."""
    given = _heights(parts, size.rows)
    rows: list[Row] = []
    spare = size.rows - sum(height for _, height in given)
    for part, height in given:
        if part is given[-1][0] and not part.title:
            rows += [()] * spare  # what stands at the bottom stays there
        rows += _drawn(part, height, view, size.columns)
    return rows + [()] * (size.rows - len(rows))


def _heights(parts: list[Part], rows: int) -> list[tuple[Part, int]]:
    """The parts that have something to show, each with its rows."""
    filled = [part for part in parts if part.most > 0]
    by_rank = sorted(filled, key=lambda part: -part.rank)
    wants = [_want(part) for part in by_rank]
    given = dict(zip(map(id, by_rank), shared(rows, wants), strict=True))
    return [(part, given[id(part)]) for part in filled]


def _want(part: Part) -> Want:
    more = 1 if part.title else 0
    enough = min(part.enough, part.most)
    return Want(part.least + more, enough + more, part.most + more)


def _drawn(part: Part, height: int, view: View, width: int) -> list[Row]:
    if height <= 0:
        return []
    if not part.title:
        return part.draw(height)
    tone = Tone.TITLE if part.region is view.chosen.region else part.tone
    title = heading(part.title, width, view.style, tone=tone, note=part.note)
    return [title, *part.draw(height - 1)][:height]

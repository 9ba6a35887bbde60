"""The regions between header and footer: below each other, or side by side where there is room."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from .chosen import Chosen, Region
from .detail import detail_rows
from .entries import at_work, listed, row_of
from .event_rows import event_rows, events_end
from .fitting import filled_out
from .laying import heading
from .looks import Row, Size, Span, Style, Tone
from .moving import FOCUS_SHARE
from .prd_rows import prd_heading, prd_rows
from .seen import Seen
from .sharing import Want, shared
from .trouble_rows import trouble_rows, waiting_rows
from .troubles import troubles
from .work_rows import work_rows

WIDE = 130  # columns from which on there are two columns
PLAIN = 9  # rows below which there are no headings, and only the region with the cursor
TROUBLES_ENOUGH, TROUBLES_MOST, EVENTS_ENOUGH = 3, 6, 3
DETAIL_MOST, DETAIL_SHARE = 3, 9  # rows, and of how many rows it may have one
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


def body(seen: Seen, chosen: Chosen, size: Size, style: Style) -> list[Row]:
    """As many rows as there are."""
    if size.rows < PLAIN:
        return _by_region(seen, chosen, size, style)[chosen.region].draw(size.rows)
    if size.columns < WIDE:
        return _stacked(_parts(seen, chosen, size, style), chosen, size, style)
    return _side_by_side(seen, chosen, size, style)


def _side_by_side(seen: Seen, chosen: Chosen, size: Size, style: Style) -> list[Row]:
    top = _wanted(seen, size.columns, style)
    above: list[Row] = []
    if top is not None:
        height = min(top.most + 1, size.rows // 3)
        above = _drawn(top, height, chosen, size.columns, style)
    below = detail_rows(seen, chosen, size.columns, _detail_most(size), style)
    below = below or [()]
    rows = size.rows - len(above) - len(below)
    left = (size.columns - BETWEEN) * 45 // 100
    right = size.columns - BETWEEN - left
    at_left = _by_region(seen, chosen, Size(columns=left, rows=rows), style)
    at_right = _by_region(seen, chosen, Size(columns=right, rows=rows), style)
    ones = [at_left[Region.PRDS]]
    others = [at_right[Region.WORK], *_waits(seen), at_right[Region.EVENTS]]
    columns = (
        _stacked(ones, chosen, Size(columns=left, rows=rows), style),
        _stacked(others, chosen, Size(columns=right, rows=rows), style),
    )
    line = Span(" | " if style.is_ascii else " │ ", Tone.DIM)
    pairs = zip(*columns, strict=True)
    return [
        *above,
        *((*filled_out(one, left, style), line, *other) for one, other in pairs),
        *below,
    ]


def _parts(seen: Seen, chosen: Chosen, size: Size, style: Style) -> list[Part]:
    """All of them, as they stand below each other."""
    regions = _by_region(seen, chosen, size, style)
    top = _wanted(seen, size.columns, style)
    most = _detail_most(size)
    told = detail_rows(seen, chosen, size.columns, most, style)
    about = Part(
        draw=lambda height: detail_rows(seen, chosen, size.columns, height, style),
        most=max(1, len(told)),
        enough=1,
        rank=6,
    )
    return [
        *([top] if top is not None else []),
        regions[Region.PRDS],
        regions[Region.WORK],
        *_waits(seen),
        regions[Region.EVENTS],
        about,
    ]


def _detail_most(size: Size) -> int:
    return min(DETAIL_MOST, size.rows // DETAIL_SHARE)


def _wanted(seen: Seen, width: int, style: Style) -> Part | None:
    found = troubles(seen.document)
    if not found:
        return None
    return Part(
        title=f"Wants you {len(found)}",
        tone=Tone.BAD if any(each.tone is Tone.BAD for each in found) else Tone.WARN,
        draw=lambda height: trouble_rows(found, width, height, style),
        most=min(len(found), TROUBLES_MOST),
        enough=TROUBLES_ENOUGH,
        rank=7,
    )


def _waits(seen: Seen) -> list[Part]:
    waiting = waiting_rows(seen)
    if not waiting:
        return []
    return [Part(draw=lambda height: waiting[:height], most=len(waiting), rank=5)]


def _by_region(seen: Seen, chosen: Chosen, size: Size, style: Style) -> dict[Region, Part]:
    width, rows = size.columns, size.rows
    later = len(seen.events) - events_end(seen, chosen)
    is_in_events = chosen.region is Region.EVENTS
    found, works = listed(seen.document, chosen), at_work(seen.document, chosen.filter)
    row = row_of(found, chosen) if chosen.region is Region.PRDS else 0
    return {
        Region.PRDS: Part(
            title=prd_heading(seen, chosen),
            region=Region.PRDS,
            note=f"{row + 1} of {len(found)}" if len(found) > 1 else "",
            draw=lambda height: prd_rows(seen, chosen, found, width, height, style),
            most=max(1, len(found)),
            rank=9,
        ),
        Region.WORK: Part(
            title=f"At work {len(works)}",
            region=Region.WORK,
            draw=lambda height: work_rows(seen, chosen, works, width, height, style),
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
            rank=4,
        ),
    }


def _stacked(parts: list[Part], chosen: Chosen, size: Size, style: Style) -> list[Row]:
    """The parts below each other, in exactly so many rows; the last ones at the bottom."""
    filled = [part for part in parts if part.most > 0]
    by_rank = sorted(filled, key=lambda part: -part.rank)
    wants = [_want(part) for part in by_rank]
    given = dict(zip(map(id, by_rank), shared(size.rows, wants), strict=True))
    rows: list[Row] = []
    spare = size.rows - sum(given.values())
    for part in filled:
        if part is filled[-1] and not part.title:
            rows += [()] * spare  # what stands at the bottom stays there
        rows += _drawn(part, given[id(part)], chosen, size.columns, style)
    return rows + [()] * (size.rows - len(rows))


def _want(part: Part) -> Want:
    more = 1 if part.title else 0
    enough = min(part.enough, part.most)
    return Want(part.least + more, enough + more, part.most + more)


def _drawn(part: Part, height: int, chosen: Chosen, width: int, style: Style) -> list[Row]:
    if height <= 0:
        return []
    if not part.title:
        return part.draw(height)
    tone = Tone.TITLE if part.region is chosen.region else part.tone
    title = heading(part.title, width, style, tone=tone, note=part.note)
    return [title, *part.draw(height - 1)][:height]

"""The time line of a report in text: a row a worker's place, a bar an attempt.

    ALPHA 1  US-1███████▒▒✓US-4██████░▒✓
          2  US-2████▒✗US-2██████▒✓
             22:00        23:00        00:00

It is a pure function of the report and the width. Nothing is told by colour alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ...shell.lines import safe
from ..looks.columns import cells, clipped, padded
from ..looks.rows import Row, Span, Style, Tone
from .attempts import Attempt, End, Work
from .axis import Axis, axis_of, ticks_of
from .reading import PrdPart, Report

LANES_MAX = 40
LABEL_MAX = 18
_BAR_MIN = 8  # cells, without which there is no use in a picture
_TICK = 12  # cells for each moment that is named


class Marks(Struct, frozen=True, kw_only=True):
    """The characters of a bar: who is at work, and how it ended."""

    agent: str = "█"
    verify: str = "▒"
    waits: str = "░"
    merged: str = "✓"
    lost: str = "✗"
    again: str = "↻"
    cut: str = "┊"


ASCII = Marks(agent="=", verify="#", waits=".", merged="+", lost="x", again="~", cut=":")
UNICODE = Marks()
_TONES = {
    End.MERGED: Tone.GOOD,
    End.LOST: Tone.BAD,
    End.AGAIN: Tone.WARN,
    End.STOPPED: Tone.DIM,
    End.OPEN: Tone.BUSY,
}


class Lane(Struct, frozen=True, kw_only=True):
    """What one worker's place of a PRD did."""

    prd_id: str
    place: int
    bars: tuple[tuple[str, Attempt], ...]  # with their stories' ids, in order


def lanes_of(parts: Sequence[PrdPart]) -> tuple[Lane, ...]:
    """A lane for each place of each PRD."""
    found: dict[tuple[str, int], list[tuple[str, Attempt]]] = {}
    for part in parts:
        for story in part.stories:
            for each in story.attempts:
                found.setdefault((part.prd_id, each.place), []).append((story.story_id, each))
    order = {part.prd_id: at for at, part in enumerate(parts)}
    keys = sorted(found, key=lambda key: (order[key[0]], key[1]))
    return tuple(
        Lane(
            prd_id=prd_id,
            place=place,
            bars=tuple(sorted(found[prd_id, place], key=lambda bar: bar[1].began)),
        )
        for prd_id, place in keys
    )


def gantt(report: Report, *, width: int, style: Style, zone_s: float = 0.0) -> list[Row]:
    """The rows of the picture; none where nothing was tried, or there is no room for any."""
    lanes = lanes_of(report.prds)
    marks = ASCII if style.is_ascii else UNICODE
    labels = _labels(lanes)
    label = max(map(cells, labels), default=0)
    room = width - label - 2
    if not lanes or room < _BAR_MIN:
        return []
    axis = axis_of(report.spans)
    rows: list[Row] = []
    for name, lane in zip(labels[:LANES_MAX], lanes, strict=False):
        head = Span(padded(name, label) + "  ", Tone.DIM)
        rows.append((head, *_bars(lane, axis, room, marks)))
    if len(lanes) > LANES_MAX:
        rows.append((Span(f"and {len(lanes) - LANES_MAX} more places", Tone.DIM),))
    rows.append((Span(" " * (label + 2) + _scale(axis, room, zone_s), Tone.DIM),))
    rows.append((Span(" " * (label + 2) + clipped(_legend(marks), room), Tone.DIM),))
    return in_ascii(rows) if style.is_ascii else rows


def in_ascii(rows: Sequence[Row]) -> list[Row]:
    """The rows with another mark where a text was cut; titles are the user's own."""
    return [tuple(Span(span.text.replace("…", "."), span.tone) for span in row) for row in rows]


def _labels(lanes: Sequence[Lane]) -> list[str]:
    """`ALPHA 1`, then only the place."""
    names: list[str] = []
    before = ""
    for lane in lanes:
        place = str(lane.place)
        name = clipped(safe(lane.prd_id), LABEL_MAX - len(place) - 1)
        names.append(f"{name} {place}" if lane.prd_id != before else f"{' ' * cells(name)} {place}")
        before = lane.prd_id
    return names


def _bars(lane: Lane, axis: Axis, room: int, marks: Marks) -> list[Span]:
    """The cells of a lane; a bar leaves the one before it the mark of how that ended."""
    line: list[tuple[str, Tone]] = [(" ", Tone.PLAIN)] * room
    for cut in axis.breaks:
        line[min(room - 1, int(cut * room))] = (marks.cut, Tone.DIM)
    free = 0
    for story_id, attempt in lane.bars:
        first = min(room - 1, int(axis.place(attempt.began) * room))
        last = max(first, min(room - 1, round(axis.place(attempt.ended) * room) - 1))
        first = min(last, max(first, free))
        free = last + 1
        text = _bar(story_id, attempt, axis, (first, last, room), marks)
        line[first : last + 1] = [(char, _TONES[attempt.end]) for char in text]
    return _joined(line)


def _bar(
    story_id: str, attempt: Attempt, axis: Axis, where: tuple[int, int, int], marks: Marks
) -> str:
    """Its story's name where that fits, who was at work in each cell, and how it ended."""
    first, last, room = where
    size = last - first + 1
    chars = [marks.waits] * size
    for piece in attempt.pieces:
        begin = int(axis.place(piece.began) * room) - first
        end = max(begin + 1, round(axis.place(piece.ended) * room) - first)
        mark = marks.agent if piece.work is Work.AGENT else marks.verify
        for at in range(max(0, begin), min(size, end)):
            chars[at] = mark
    name = safe(story_id)
    if name.isascii() and len(name) < size - 1:
        chars[: len(name)] = name
    ends = {End.MERGED: marks.merged, End.LOST: marks.lost, End.AGAIN: marks.again}
    chars[-1] = ends.get(attempt.end, chars[-1])
    return "".join(chars)


def _joined(line: Sequence[tuple[str, Tone]]) -> list[Span]:
    spans: list[Span] = []
    for char, tone in line:
        if spans and spans[-1].tone is tone:
            spans[-1] = Span(spans[-1].text + char, tone)
        else:
            spans.append(Span(char, tone))
    return spans


def _scale(axis: Axis, room: int, zone_s: float) -> str:
    """The moments, each where it lies, as long as they do not meet."""
    line = [" "] * room
    free = 0
    for tick in ticks_of(axis, count_max=max(1, room // _TICK), zone_s=zone_s):
        at = int(tick.at * room)
        if at >= free and at + len(tick.text) <= room:
            line[at : at + len(tick.text)] = tick.text
            free = at + len(tick.text) + 1
    return "".join(line).rstrip()


def _legend(marks: Marks) -> str:
    return (
        f"{marks.agent} agent  {marks.verify} verify, review  {marks.waits} waits  "
        f"{marks.merged} merged  {marks.lost} lost  {marks.again} again"
    )

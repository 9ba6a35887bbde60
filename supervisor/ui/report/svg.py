"""The time line of a report as a picture: a lane a worker's place, a bar an attempt.

A pure function of the report; its words are titles that screen readers read and mice show.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from ..words.times import duration
from .attempts import Attempt, End, Work
from .axis import Axis, axis_of, ticks_of
from .elements import add, element
from .gantt import Lane, lanes_of
from .headline import headline
from .reading import Report

WIDTH = 1000.0
LANE, BAR, HEAD = 22.0, 16.0, 24.0
LETTER = 6.2  # how wide one of a label is
LANES_MAX = 200
BARS_MAX = 4000
PIECES_MAX = 8000
TICKS = 10
_ENDS = {
    End.MERGED: "merged",
    End.LOST: "lost",
    End.AGAIN: "goes again, at no cost",
    End.STOPPED: "stopped",
    End.OPEN: "at work, or nobody heard of its end",
}


class _Left:
    """How much may still be drawn: a page has its bounds."""

    def __init__(self) -> None:
        self.bars, self.pieces = BARS_MAX, PIECES_MAX


def timeline(report: Report, *, zone_s: float) -> Element | None:
    """The picture; None where nothing was tried."""
    lanes = lanes_of(report.prds)
    if not lanes:
        return None
    shown = lanes[:LANES_MAX]
    axis = axis_of(report.spans)
    left = 12 + LETTER * max(len(_label(lane)) for lane in shown)
    height = HEAD + LANE * len(shown) + 4
    picture = element(
        "svg",
        element("title", "Stories by worker's place"),
        element("desc", headline(report)),
        viewBox=f"0 0 {WIDTH:g} {height:g}",
        role="img",
        class_="timeline",
    )
    # The picture's own scale: places are given in its units.
    _scale(picture, axis, left, height, zone_s)
    room = _Left()
    before = ""
    for row, lane in enumerate(shown):
        top = HEAD + LANE * row
        if lane.prd_id != before:
            line = element("line", x1=0, x2=WIDTH, y1=top, y2=top, class_="rule")
            add(picture, line)
        before = lane.prd_id
        add(picture, element("text", _label(lane), x=0, y=top + 15, class_="lane"))
        for story_id, attempt in lane.bars:
            if room.bars:
                room.bars -= 1
                add(picture, _bar(lane, story_id, attempt, axis, (left, top), room))
    return picture


def _label(lane: Lane) -> str:
    return f"{lane.prd_id[:24]} {lane.place}"


def _scale(picture: Element, axis: Axis, left: float, height: float, zone_s: float) -> None:
    width = WIDTH - left
    for tick in ticks_of(axis, count_max=TICKS, zone_s=zone_s):
        x = round(left + width * tick.at, 1)
        add(picture, element("line", x1=x, x2=x, y1=16, y2=height, class_="tick"))
        anchor = "end" if x > WIDTH - 20 else "start" if x < left + 20 else "middle"
        add(picture, element("text", tick.text, x=x, y=12, class_="hour", text_anchor=anchor))
    for cut in axis.breaks:
        x = round(left + width * cut, 1)
        mark = element("line", element("title", "a pause"), x1=x, x2=x, y1=16, y2=height)
        mark.set("class", "pause")
        add(picture, mark)


def _bar(
    lane: Lane,
    story_id: str,
    attempt: Attempt,
    axis: Axis,
    corner: tuple[float, float],
    room: _Left,
) -> Element:
    left, top = corner
    width = WIDTH - left
    x = left + width * axis.place(attempt.began)
    end = max(x + 2.0, left + width * axis.place(attempt.ended))
    y = top + (LANE - BAR) / 2
    bar = element(
        "g",
        element("title", _title(lane, story_id, attempt)),
        element("rect", x=_n(x), y=_n(y), width=_n(end - x), height=BAR, rx=2),
        class_=f"bar {attempt.end.value}",
    )
    for piece in attempt.pieces if room.pieces else ():
        begin = max(x, left + width * axis.place(piece.began))
        stop = min(end, left + width * axis.place(piece.ended))
        if stop - begin >= 1.0:
            room.pieces = max(0, room.pieces - 1)
            inset = 0.0 if piece.work is Work.AGENT else 4.0
            add(
                bar,
                element(
                    "rect",
                    x=_n(begin),
                    y=_n(y + inset),
                    width=_n(stop - begin),
                    height=_n(BAR - 2 * inset),
                    rx=2,
                    class_=piece.work.value,
                ),
            )
    if LETTER * len(story_id) + 8 < end - x:
        add(bar, element("text", story_id, x=_n(x + 4), y=_n(y + 12), class_="name"))
    return bar


def _title(lane: Lane, story_id: str, attempt: Attempt) -> str:
    took = duration(attempt.ended - attempt.began)
    who = f", {attempt.agent}" if attempt.agent else ""
    text = f"{lane.prd_id}/{story_id}, attempt {attempt.number}{who}: {_ENDS[attempt.end]} "
    text += f"after {took}"
    return f"{text}: {attempt.reason[:200]}" if attempt.reason else text


def _n(value: float) -> float:
    return round(value, 1)

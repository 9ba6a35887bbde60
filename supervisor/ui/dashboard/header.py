"""The first row: which tree this is, how it stands, how far it is, what time it is."""

from __future__ import annotations

from datetime import UTC, datetime

from ...shell.status.states import LOST
from ..looks.bars import meter
from ..looks.rows import Row, Span, Style, Tone
from ..looks.states import is_at_work
from ..words.times import elapsed
from .fitting import row_cells
from .laying import GAP
from .seen import Seen
from .view import View

BAR = 16
Piece = tuple[int, tuple[Span, ...]]  # its rank: the lower, the sooner it is left out


def header(view: View, width: int) -> Row:
    """One row that has room for less the narrower it is."""
    seen = view.seen
    left: list[Piece] = [
        (1, (Span("prd-supervise", Tone.TITLE),)),
        (3, (Span(seen.place),)),
        (9, (_state(seen),)),
    ]
    right: list[Piece] = [
        (4, _load(seen)),
        (8 if view.troubles else 2, _wanted(view)),
        (7, (Span(_count(seen)),)),
        (0, _bar(seen, view.style)),
        (6, _rest(seen)),
        (5, (Span(_clock(seen), Tone.DIM),)),
    ]
    kept = _that_fit([*left, *right], width)
    ends = [_joined([each for each in side if each in kept]) for side in (left, right)]
    blank = width - sum(row_cells(end) for end in ends)
    return (*ends[0], Span(" " * max(0, blank)), *ends[1])


def _that_fit(pieces: list[Piece], width: int) -> list[Piece]:
    kept: list[Piece] = []
    room = width + GAP
    for piece in sorted(pieces, key=lambda each: -each[0]):
        size = row_cells(piece[1]) + GAP
        if size > GAP and size <= room:
            kept.append(piece)
            room -= size
    return kept


def _joined(pieces: list[Piece]) -> Row:
    spans: list[Span] = []
    for _, piece in pieces:
        spans += [Span(" " * GAP)] * bool(spans) + list(piece)
    return tuple(spans)


def _state(seen: Seen) -> Span:
    root = seen.document.root
    if not seen.is_live:
        return Span("no answer" if root.pid is not None else "not running", Tone.WARN)
    since = f" {elapsed(seen.now - root.started_at)}" if root.started_at is not None else ""
    return Span(root.state + since, Tone.GOOD if root.state == "running" else Tone.WARN)


def _load(seen: Seen) -> tuple[Span, ...]:
    """Of agents at once, how many; it says nothing of a root that is gone."""
    root = seen.document.root
    if not seen.is_live or root.leases is None:
        return ()
    most = f"/{root.api_limit}" if root.api_limit else ""
    return (Span(f"agents {root.leases}{most}"),)


def _wanted(view: View) -> tuple[Span, ...]:
    found = view.troubles
    if not found:
        document = view.seen.document
        is_well = view.seen.is_live and document.prds and not document.agents
        return (Span("all is well", Tone.GOOD),) if is_well else ()
    tone = Tone.BAD if any(each.tone is Tone.BAD for each in found) else Tone.WARN
    return (Span(f"{len(found)} want you" if len(found) > 1 else "1 wants you", tone),)


def _totals(seen: Seen) -> tuple[int, int]:
    progress = [prd.progress for prd in seen.document.prds]
    return sum(each.completed for each in progress), sum(each.total for each in progress)


def _count(seen: Seen) -> str:
    done, total = _totals(seen)
    return f"{done}/{total} done" if total else ""


def _bar(seen: Seen, style: Style) -> tuple[Span, ...]:
    done, total = _totals(seen)
    if not total:
        return ()
    stories = [story for prd in seen.document.prds for story in prd.stories]
    failed = sum(story.state in LOST for story in stories)
    busy = sum(is_at_work(story) for story in stories) if seen.is_live else 0
    return meter((done, failed, busy), total, BAR, style)


def _rest(seen: Seen) -> tuple[Span, ...]:
    rest = seen.rest_s.get("")
    return (Span(f"~{elapsed(rest)} left"),) if rest is not None else ()


def _clock(seen: Seen) -> str:
    return datetime.fromtimestamp(seen.now + seen.zone_s, UTC).strftime("%H:%M:%S")

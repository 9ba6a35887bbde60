"""The status of everything as rows: a table of the PRDs, and what wants a word of each."""

from __future__ import annotations

from collections.abc import Sequence

from ...shell.lines import safe
from ...shell.status.document import PrdStatus, StatusDocument
from ..looks.bars import bar_text
from ..looks.columns import cells, clipped, filled
from ..looks.rows import Row, Span, Style, Tone
from ..words.times import elapsed, moment, rest_text
from .stories import story_rows
from .table import Cell, Column, Table
from .words import (
    agent_text,
    costs_text,
    places_text,
    root_text,
    state_text,
    tone_of,
)

NARROW = 64  # cells: below, a PRD is a few lines in place of a row
BAR_CELLS = 12
REASONS_MAX = 8
NOTHING_YET = "no PRD has been run here yet; `prd-supervise start` runs those that it finds"
_COLUMNS = (
    Column("PRD"),
    Column("STATE"),
    Column("", gives_way=2),
    Column("DONE"),
    Column("TIME"),
    Column("LEFT", gives_way=1),
    Column("SINCE", gives_way=4),
    Column("BRANCH", gives_way=3),
    Column("TITLE", is_last=True),
)


def overview(
    document: StatusDocument, width: int, style: Style, *, all_stories: bool = False
) -> list[Row]:
    """Everything, as of the document's moment."""
    rows = [_plain(line) for line in filled(root_text(document.root), width, "  ")]
    for agent in document.agents:
        rows += [
            (Span(line, Tone.WARN),) for line in filled(agent_text(agent, document.at), width, "  ")
        ]
    if not document.prds:
        return [*rows, *(_plain(line) for line in filled(NOTHING_YET, width, "  "))]
    rows += [(), *_prd_table(document.prds, document.at, width, style)]
    for prd in document.prds:
        told = prd_rows(prd, document.at, width, all_stories=all_stories)
        rows += [(), *told] if told else []
    return rows


def prd_rows(prd: PrdStatus, at: float, width: int, *, all_stories: bool = False) -> list[Row]:
    """What wants a word of a PRD, under its name; nothing where nothing does."""
    told = [*_notes(prd, width), *story_rows(prd, at, width, is_all=all_stories)]
    return [_heading(prd, width), *told] if told else []


def _plain(text: str) -> Row:
    return (Span(text),)


def _prd_table(prds: Sequence[PrdStatus], at: float, width: int, style: Style) -> list[Row]:
    if width < NARROW:
        return [row for prd in prds for row in _stacked(prd, width, style)]
    lines = [_cells(prd, at, style) for prd in prds]
    table = Table(_COLUMNS, lines, width)
    return [*table.headings(), *(row for line in lines for row in table.rows(line))]


def _cells(prd: PrdStatus, at: float, style: Style) -> list[Cell]:
    tone = tone_of(prd.state)
    return [
        Cell(safe(prd.id)),
        Cell(state_text(prd), Tone.WARN if prd.held else tone),
        Cell(bar_text(prd, BAR_CELLS, style), tone),
        Cell(_done(prd), is_number=True),
        Cell(elapsed(prd.runtime_s) if prd.started_at else "-", is_number=True),
        Cell("-" if prd.rest_s is None else rest_text(prd.rest_s)),
        Cell("-" if prd.since is None else moment(prd.since, at), Tone.DIM),
        Cell(safe(prd.branch) or "-", Tone.DIM),
        Cell(_title(prd)),
    ]


def _stacked(prd: PrdStatus, width: int, style: Style) -> list[Row]:
    """A PRD on a narrow terminal."""
    times = [elapsed(prd.runtime_s)] if prd.started_at else []
    times += [f"{rest_text(prd.rest_s)} left"] if prd.rest_s is not None else []
    id_cells = max(4, width - cells(state_text(prd)) - len(_done(prd)) - 4)
    rows: list[Row] = [
        (
            Span(f"{clipped(safe(prd.id), id_cells)}  ", Tone.TITLE),
            Span(f"{state_text(prd)}  ", Tone.WARN if prd.held else tone_of(prd.state)),
            Span(_done(prd)),
        )
    ]
    rows += [_plain(f"  {line}") for line in filled(_title(prd), width - 2)]
    drawn = Span(f"  {bar_text(prd, min(BAR_CELLS, width - 2), style)}", tone_of(prd.state))
    beside = f"  {', '.join(times)}"
    if cells(drawn.text) + cells(beside) <= width:
        return [*rows, (drawn, Span(beside))]
    return [*rows, (drawn,), *(_plain(f"  {line}") for line in filled(beside.strip(), width - 2))]


def _done(prd: PrdStatus) -> str:
    return f"{prd.progress.completed}/{prd.progress.total}"


def _heading(prd: PrdStatus, width: int) -> Row:
    return (Span(clipped(f"{safe(prd.id)}  {_title(prd)}".rstrip(), width), Tone.TITLE),)


def _title(prd: PrdStatus) -> str:
    """Many files have but one name for both."""
    return "" if prd.title == prd.id else safe(prd.title)


def _notes(prd: PrdStatus, width: int) -> list[Row]:
    """What is said of the PRD itself: why it waits, why it ended so, what it cost."""
    names = {story.id for story in prd.stories if story.reason}
    reasons = [
        reason
        for reason in prd.reasons
        # A story's own line says it, or the note above.
        if reason.partition(":")[0] not in names and reason != prd.note
    ]
    if len(reasons) > REASONS_MAX:
        reasons[REASONS_MAX:] = [f"and {len(reasons) - REASONS_MAX} more reasons"]
    told = [(prd.note, Tone.WARN), *((each, tone_of(prd.state)) for each in reasons)]
    if prd.awaits:
        told.append((f"it waits for you: `prd-supervise approve {prd.id}`, or reject", Tone.WARN))
    told += [(places_text(prd), Tone.DIM), (costs_text(prd.spent), Tone.DIM)]
    told.append((_landed(prd, reasons), Tone.PLAIN))
    return [
        (Span(f"  {line}", tone),)
        for text, tone in told
        if text
        for line in filled(text, width - 2, "  ")
    ]


def _landed(prd: PrdStatus, reasons: Sequence[str]) -> str:
    return prd.landed if prd.landed and prd.landed not in reasons else ""

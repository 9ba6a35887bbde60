"""The report for a terminal: what matters most comes first; a pure function to rows."""

from __future__ import annotations

from collections.abc import Sequence

from ....policies.counting import counted
from ...shell.lines import safe
from ..looks.columns import filled
from ..looks.rows import Row, Span, Style, Tone
from ..words.times import duration
from .costs import agent_lines, sentence
from .gantt import gantt, in_ascii
from .headline import Standing, headline, standings
from .prd_text import MIDDLE, ROWS_MAX, clock_text, conflicts_text, prd_rows, wrapped
from .reading import Report
from .wants import Want, harvest_of, waits_of, wants_of

SHORT_ROWS = 60  # in the last lines of a run
WANTS_MAX = 12
HINTS_MAX = 3
_NOTHING: Row = ()
_CONFLICTS = "conflicts: predicted / resolved by themselves / attempts that had to be done again."
_ALONE = (
    " One after the other: what agents and verify commands took, without attempts that were lost to"
    " what other stories did."
)


def report_rows(
    report: Report,
    *,
    width: int,
    style: Style,
    rows_max: int = ROWS_MAX,
    zone_s: float = 0.0,
    is_end: bool = False,
) -> list[Row]:
    """The whole report in rows of at most so many cells.

    `is_end`: they are the last that a run prints. What matters most comes last then, where a
    terminal shows it, and what the words of the tables mean is for the command.
    """
    if not report.prds:
        text = "no PRD has been run here yet: nothing to report"
        if report.since:
            text = "nothing was at work since then"
        return [(Span(text),)]
    first = [*_top(report, width), *_wants(report, width)]
    first += _block("Waiting", [wrapped(each, width) for each in waits_of(report)])
    rest = _block("Timeline", [gantt(report, width=width, style=style, zone_s=zone_s)])
    for part in report.prds:
        rest += [*prd_rows(part, width=width, rows_max=rows_max), _NOTHING]
    if is_end:
        rows = [*rest, *_sum(report, width), *first]
    else:
        rows = [*first, *rest, *_sum(report, width), *_notes(report, width)]
    return in_ascii(rows) if style.is_ascii else rows


def _block(title: str, parts: Sequence[Sequence[Row]]) -> list[Row]:
    rows = [row for part in parts for row in part]
    return [(Span(title, Tone.TITLE),), *rows, _NOTHING] if rows else []


def _top(report: Report, width: int) -> list[Row]:
    found = standings(report)
    tone = Tone.BAD if found[Standing.FAILED] else Tone.WARN
    if found[Standing.DONE] + found[Standing.UNWANTED] == found.total():
        tone = Tone.GOOD
    return [*wrapped(headline(report), width, tone), _NOTHING]


def _wants(report: Report, width: int) -> list[Row]:
    wants = wants_of(report)
    shown = wants[:WANTS_MAX]
    digits = len(str(len(shown)))
    blocks = [_want(f"{at:>{digits}}  ", want, width) for at, want in enumerate(shown, 1)]
    more = len(wants) - WANTS_MAX
    if more > 0:
        blocks.append(wrapped(f"and {more} more; `prd-supervise report --html` has them", width))
    commands = harvest_of(report)
    if commands:
        blocks.append([(Span("take the work:"),)])
        blocks += [[_command(each, width)] for each in commands[:WANTS_MAX]]
        more = len(commands) - WANTS_MAX
        if more > 0:
            blocks.append(wrapped(f"and {more} more; `prd-supervise status` has them", width))
    return _block("For you", blocks)


def _want(head: str, want: Want, width: int) -> list[Row]:
    tone = Tone.BAD if want.is_urgent and not want.asks else Tone.WARN
    room = width - len(head)
    lines = filled(f"{want.target} {want.text}", room)
    rows: list[Row] = [(Span(head, tone), Span(lines[0]))]
    rows += [(Span(" " * len(head) + line),) for line in lines[1:]]
    for hint in want.hints[:HINTS_MAX]:
        more = filled(f"- {hint}", room, "  ")
        rows += [(Span(" " * len(head) + line, Tone.DIM),) for line in more]
    return [*rows, *(_command(each, width) for each in want.commands)]


def _command(text: str, width: int) -> Row:
    """What is to be typed stands alone, so that it can be taken up with the mouse."""
    indent = "     " if width >= MIDDLE else "   "
    return (Span(indent), Span(safe(text), Tone.TITLE))


def _sum(report: Report, width: int) -> list[Row]:
    """All PRDs together, and who of the agents cost what."""
    rows: list[Row] = []
    if len(report.prds) > 1:
        spent = sentence(report.costs)
        texts = [
            f"in all: {clock_text(report.figures, has_done=_has_done(report))}",
            conflicts_text(report.figures),
            f"spent: {spent}" if spent else "",
        ]
        rows += [row for text in texts if text for row in wrapped(text, width)] + [_NOTHING]
    by_agent = agent_lines(report.costs)
    if len(by_agent) > 1:
        rows += [row for each in by_agent for row in wrapped(each, width)] + [_NOTHING]
    return rows


def _notes(report: Report, width: int) -> list[Row]:
    """What the words of the tables mean, and what is not known."""
    words = _CONFLICTS + (_ALONE if _has_done(report) else "")
    notes = [words] if width >= MIDDLE else []
    for parked in report.parked:
        times = counted(parked.times, "time")
        took = duration(parked.parked_s)
        notes.append(f"agent {parked.agent}: not started for {took} ({times})")
    notes += [f"note: {gap}" for gap in report.gaps]
    return [row for each in notes for row in wrapped(each, width, Tone.DIM)]


def _has_done(report: Report) -> bool:
    return any(each.is_done for part in report.prds for each in part.stories)

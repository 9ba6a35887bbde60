"""The report as a table that fits the terminal; a pure function of it."""

from __future__ import annotations

from collections.abc import Sequence

from ....policies.counting import counted
from ....policies.values import replace
from ...shell.lines import safe
from ..columns import cells, clipped, filled, table
from ..status.times import duration
from .costs import Costs, agent_lines, sentence
from .figures import Figures
from .reading import PrdPart, Report, StoryLine

ID_MAX, STATE_MAX = 16, 11
_UNDONE = frozenset({"failed", "skipped", "waiting", "backing off", "held"})
_TIME, _COUNT = 7, 5
MIDDLE, WIDE = 78, 110  # from so many cells on there is room for more
ROWS_MAX = 1000
SHORT_ROWS = 60  # in the last lines of a run
_CONFLICTS = "conflicts: predicted / resolved by themselves / attempts that had to be done again."
_ALONE = (
    " One after the other: what agents and verify commands took, without attempts that were lost to"
    " what other stories did."
)


def report_text(report: Report, *, width: int, rows_max: int = ROWS_MAX) -> str:
    """The whole report in lines of at most so many cells."""
    if not report.prds:
        return "no PRD has been run here yet: nothing to report"
    lines: list[str] = []
    for part in report.prds:
        lines += [*_prd(part, width, rows_max), ""]
    has_done = any(map(_has_done, report.prds))
    if len(report.prds) > 1:
        lines += _wrapped(f"in all: {_sentence(report.figures, has_done=has_done)}", width)
        lines += [
            *_wrapped(_conflicts(report.figures), width),
            *_wrapped(_costs(report.costs), width),
        ]
        lines.append("")
    by_agent = agent_lines(report.costs)
    if len(by_agent) > 1:
        lines += [line for each in by_agent for line in _wrapped(safe(each), width)]
        lines.append("")
    if width >= MIDDLE:
        lines += _wrapped(_CONFLICTS + (_ALONE if has_done else ""), width)
    for parked in report.parked:
        times = counted(parked.times, "time")
        text = f"agent {safe(parked.agent)}: not started for {duration(parked.parked_s)} ({times})"
        lines += _wrapped(text, width)
    for gap in report.gaps:
        lines += _wrapped(f"note: {gap}", width)
    return "\n".join(lines).rstrip()


def _prd(part: PrdPart, width: int, rows_max: int) -> list[str]:
    known = [each for each in part.stories if not _was_done(each)]
    before = len(part.stories) - len(known)
    part = replace(part, stories=tuple(known))
    head = f"{part.prd_id}  {part.state}  {safe(part.title)}"
    rows = [_header(width), *(_row(part, at, width) for at in range(len(part.stories)))]
    more = len(part.stories) - rows_max
    rows = rows[: rows_max + 1]
    lines = table(rows, _widths(rows, width))
    if more > 0:
        lines.append(f"and {more} more; `prd-supervise report` has them")
    if before:
        lines.append(f"done before: {before} more")
    for line in part.stories[:rows_max]:
        lines += _failure(line, width)
    if part.landed:
        lines += _wrapped(safe(part.landed), width)
    lines += _wrapped(_sentence(part.figures, has_done=_has_done(part)), width)
    lines += _wrapped(_conflicts(part.figures), width)
    return [clipped(head, width), *lines, *_wrapped(_costs(part.costs), width)]


def _costs(costs: Costs) -> str:
    text = sentence(costs)
    return f"spent: {text}" if text else ""


def _failure(line: StoryLine, width: int) -> list[str]:
    """Why a story is not done, and what is to be done about it."""
    if line.failure is None or line.state not in _UNDONE:
        return []
    said = [f"{line.story_id}: {line.failure['message']}"]
    said += [f"  - {hint}" for hint in line.failure["recovery_hints"]]
    return [each for text in said for each in _wrapped(safe(text), width)]


def _was_done(line: StoryLine) -> bool:
    """Say whether nothing was to be done for it: a line of strokes tells nobody anything."""
    return line.figures.attempts == 0 and line.state.startswith("done")


def _header(width: int) -> list[str]:
    found = ["story", "state", "time", "tries"]
    if width >= MIDDLE:
        found += ["agent", "verify", "waits", "conflicts"]
    if width >= WIDE:
        found += ["title"]
    return found


def _row(part: PrdPart, at: int, width: int) -> list[str]:
    line = part.stories[at]
    figures = line.figures
    times = [figures.agent_s, figures.verify_s, figures.waiting_s]
    is_begun = figures.attempts > 0
    found = [
        safe(line.story_id),
        safe(line.state).removesuffix(" (unverified)"),
        duration(figures.wall_s) if is_begun else "-",
        str(figures.attempts) if is_begun else "-",
    ]
    if width >= MIDDLE:
        found += [duration(each) if is_begun else "-" for each in times]
        counts = (figures.predicted, figures.resolved, figures.reruns)
        found.append("/".join(map(str, counts)) if any(counts) else "-")
    if width >= WIDE:
        found.append(safe(line.title))
    return found


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """As wide as what stands in them; story and state give way, the last one gets the rest."""
    needed = [max(cells(row[at]) for row in rows) for at in range(len(rows[0]))]
    needed[0], needed[1] = min(needed[0], ID_MAX), min(needed[1], STATE_MAX)
    if width >= WIDE:
        needed[-1] = max(0, min(needed[-1], width - sum(needed[:-1]) - 2 * (len(needed) - 1)))
    over = sum(needed) + 2 * (len(needed) - 1) - width
    if over > 0:
        needed[0] = max(4, needed[0] - over)
    return needed


def _has_done(part: PrdPart) -> bool:
    return any(line.state.startswith("done") for line in part.stories)


def _sentence(figures: Figures, *, has_done: bool) -> str:
    """How long it took by the clock, and what that has saved, if anything came of it."""
    clock, alone = duration(figures.wall_s), duration(figures.sequential_s)
    tries = f"{figures.attempts} attempt" + ("" if figures.attempts == 1 else "s")
    text = f"{clock} by the clock, {tries}"
    if figures.lost:
        text += f", {figures.lost} lost"
    if figures.setup_s:
        text += f", {duration(figures.setup_s)} of setups"
    if not has_done:
        return text
    text += f"; one after the other {alone}: "
    difference = duration(abs(figures.saved_s))
    if figures.saved_s > 0:
        share = figures.saved_s / figures.sequential_s
        return f"{text}{difference} saved ({share:.0%})"
    return f"{text}{difference} longer"


def _conflicts(figures: Figures) -> str:
    """What the column of the stories adds up to; a pair that collided counts once."""
    counts = (figures.predicted, figures.resolved, figures.reruns)
    if not any(counts):
        return ""
    predicted, resolved, again = counts
    return f"conflicts: {predicted} predicted, {resolved} resolved, {again} run again"


def _wrapped(text: str, width: int) -> list[str]:
    return filled(text, width, "  ")

"""The stories of a PRD as rows: those that want a word, or all of them."""

from __future__ import annotations

from collections.abc import Sequence

from ...shell.lines import safe
from ...shell.status.document import PrdStatus, StoryStatus
from ...shell.status.states import UNVERIFIED, is_done
from ..looks.columns import cells, clipped, filled
from ..looks.rows import Row, Span, Tone
from ..words.reasons import why_text
from ..words.times import elapsed
from .table import Cell, Column, Table
from .words import agent_of, costs_text, losses_text, state_text, tone_of, usage_text

NARROW = 64
ID_MIN = 4  # cells of a name that is cut
WAITING_MAX = 3  # of those that wait, where not all are wanted
_QUIET = ("done", "rolled back")  # of the latter the reason of its PRD says more
_OVER = ("done", "rolled back", "failed", "skipped")
_PATIENT = ("waiting", "queued")
_COLUMNS = (
    Column(""),
    Column(""),
    Column("", gives_way=1),
    Column(""),
    Column("", gives_way=2),
    Column("", is_last=True),
)


def story_rows(prd: PrdStatus, at: float, width: int, *, is_all: bool) -> list[Row]:
    """The stories that are at work, failed, or wait for somebody; the others are counted."""
    shown = prd.stories if is_all else wanted(prd.stories)
    rows = _lines(prd, shown, at, width)
    return rows if is_all else [*rows, *_counts(prd.stories, shown)]


def wanted(stories: Sequence[StoryStatus]) -> tuple[StoryStatus, ...]:
    """Those that want a word, and the first ones that wait."""
    patient = [each for each in stories if _is_patient(each)]
    first = {each.id for each in patient[:WAITING_MAX]}
    return tuple(
        each
        for each in stories
        if not each.state.startswith(_QUIET) and (not _is_patient(each) or each.id in first)
    )


def _is_patient(story: StoryStatus) -> bool:
    """Say whether it only waits for its turn."""
    is_special = story.held or story.failure or story.conflicts or story.budget_used or story.awaits
    return story.state in _PATIENT and not is_special


def _counts(stories: Sequence[StoryStatus], shown: Sequence[StoryStatus]) -> list[Row]:
    """What is not shown: `and 12 done, 5 waiting`; alone, if it has no evidence."""
    names = {each.id for each in shown}
    states = [each.state for each in stories if each.id not in names]
    is_unverified = UNVERIFIED in states
    if not (states and shown) and not is_unverified:
        return []
    told = ", ".join(f"{states.count(state)} {state}" for state in dict.fromkeys(states))
    text = f"  and {told}" if shown else f"  {told}"
    return [(Span(text, Tone.WARN if is_unverified else Tone.DIM),)]


def _lines(prd: PrdStatus, shown: Sequence[StoryStatus], at: float, width: int) -> list[Row]:
    heads = [_cells(each, at) for each in shown]
    table = Table(_COLUMNS, heads, width, "  ")
    rows: list[Row] = []
    for story, head in zip(shown, heads, strict=True):
        rows += table.rows(head) if width >= NARROW else _stacked(story, at, width)
        for text, tone in details(prd, story):
            rows += [(Span(f"      {line}", tone),) for line in filled(text, width - 6, "  ")]
    return rows


def _cells(story: StoryStatus, at: float) -> list[Cell]:
    return [
        Cell(safe(story.id)),
        Cell(state_text(story), Tone.WARN if story.held else tone_of(story.state)),
        Cell(f"attempt {story.attempt}" if story.attempt > 1 else ""),
        Cell(_since(story, at), Tone.DIM, is_number=True),
        Cell(agent_of(story), Tone.DIM),
        Cell(safe(story.title)),
    ]


def _since(story: StoryStatus, at: float) -> str:
    """For how long it has been so; of what has ended that alone would read as what it took."""
    if story.since is None:
        return ""
    passed = elapsed(at - story.since)
    return f"{passed} ago" if story.state.startswith(_OVER) else passed


def _stacked(story: StoryStatus, at: float, width: int) -> list[Row]:
    """A story on a narrow terminal."""
    attempt = f"attempt {story.attempt}" if story.attempt > 1 else ""
    times = "  ".join(filter(None, (_since(story, at), attempt)))
    state = state_text(story)
    room = max(ID_MIN, width - cells(state) - cells(times) - 6)
    name, tone = clipped(safe(story.id), room), Tone.WARN if story.held else tone_of(story.state)
    head: Row = (Span(f"  {name}  "), Span(clipped(state, width - cells(name) - 4), tone))
    told = [safe(story.title), agent_of(story)]
    if cells(name) + cells(state) + cells(times) + 6 <= width:
        head = (*head, Span(f"  {times}", Tone.DIM))
    else:
        told.insert(0, times)
    lines = (line for text in told if text for line in filled(text, width - 4))
    return [head, *((Span(f"    {line}"),) for line in lines)]


def details(prd: PrdStatus, story: StoryStatus) -> list[tuple[str, Tone]]:
    """What is said below a story's row."""
    told: list[tuple[str, Tone]] = []
    if lost := losses_text(story.losses):
        told.append((f"attempts lost: {lost}", Tone.WARN))
    if story.reason and not is_done(story.state):
        told.append((why_text(story), Tone.BAD if story.state == "failed" else Tone.PLAIN))
    if story.awaits:
        name = f"{prd.id}/{story.id}"
        told.append((f"it waits for you: `prd-supervise approve {name}`, or reject", Tone.WARN))
    if story.evidence and story.state == "done":
        told.append((story.evidence, Tone.DIM))
    told += [(f"will conflict {line}", Tone.WARN) for line in story.conflicts]
    if costs := costs_text(story.spent):
        told.append((costs, Tone.DIM))
    if story.usage is not None and (used := usage_text(story.usage)):
        told.append((used, Tone.DIM))
    if story.worktree and story.state == "failed":
        told.append((f"its worktree is kept: {story.worktree}", Tone.PLAIN))
    return told

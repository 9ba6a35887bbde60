"""How far a run has come, as a block of plain lines: for pipes, logs and `--plain`.

--- progress at 12:32:20: 5 of 12 stories done, 2 at work, 4 waiting, 1 failed
[shop]         [########xxxx====....]   2/5   40%  running    12m03s
[shop/US-003]  verifying    1m12s  attempt 2, claude: A cart
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from ..shell.lines import safe
from ..shell.status.document import PrdStatus, StatusDocument, StoryStatus
from ..shell.status.states import AT_WORK, AWAITED, LOST, STOPPING, is_done
from .looks.bars import bar_text
from .looks.columns import clipped
from .looks.rows import Style
from .words.times import duration

BAR_CELLS = 20
QUEUED_MOST = 4  # PRDs that wait for their turn; of more there is one line
_PLAIN = Style(has_colour=False, is_ascii=True)
TITLE_CELLS_MAX = 60
_SHOWN = frozenset({"active", "queued"})


def progress_lines(document: StatusDocument, now: float) -> list[str]:
    """The PRDs that run or wait for their turn, with what is in flight; nothing if there are none.

    The moments are epoch seconds.
    """
    prds = [prd for prd in document.prds if prd.state in _SHOWN]
    if not prds:
        return []
    queued = [prd for prd in prds if prd.state == "queued"]
    told = prds if len(queued) <= QUEUED_MOST else [prd for prd in prds if prd not in queued]
    rows = [row for prd in told for row in _rows(prd, now)]
    if told is not prds:
        names = ", ".join(safe(prd.id) for prd in queued[:QUEUED_MOST])
        rows.append(("[queue]", f"{names} and {len(queued) - QUEUED_MOST} more"))
    width = max(len(name) for name, _ in rows)
    at = datetime.fromtimestamp(now).astimezone()
    head = f"--- progress at {at:%H:%M:%S}: {_counts(prds)}"
    return [head, *(f"{name:<{width}}  {text}".rstrip() for name, text in rows)]


def what_has_come(document: StatusDocument) -> object:
    """What of it is worth another block; that time goes by is not."""
    return tuple(
        (_standing_of(prd), prd.progress, prd.awaits, prd.note, _standings(prd))
        for prd in document.prds
    )


def _standing_of(prd: PrdStatus) -> tuple[object, ...]:
    return prd.id, prd.state, prd.stopping, prd.held


def _standings(prd: PrdStatus) -> tuple[object, ...]:
    return tuple((story.id, story.state, story.attempt, story.awaits) for story in prd.stories)


def _counts(prds: list[PrdStatus]) -> str:
    done = sum(prd.progress.completed for prd in prds)
    total = sum(prd.progress.total for prd in prds)
    words = Counter(_standing(story) for prd in prds for story in prd.stories)
    named = ("at work", AWAITED, "held", "waiting", "failed", "skipped")
    rest = [f"{words[word]} {word}" for word in named if words[word]]
    return ", ".join([f"{done} of {total} stories done", *rest])


def _standing(story: StoryStatus) -> str:
    if story.awaits:
        return AWAITED
    if story.state in AT_WORK:
        return "at work"
    if story.held:
        return "held"
    if is_done(story.state):
        return "done"
    return story.state if story.state in LOST else "waiting"


def _rows(prd: PrdStatus, now: float) -> Iterator[tuple[str, str]]:
    progress, runs = prd.progress, prd.state == "active"
    share = progress.completed / progress.total if progress.total else 0.0
    bar = f"[{bar_text(prd, BAR_CELLS, _PLAIN)}]"
    count = f"{progress.completed}/{progress.total}"
    state = AWAITED if prd.awaits else "running" if runs else safe(prd.state)
    state = STOPPING if prd.stopping else state
    runtime = duration(prd.runtime_s) if runs else ""
    note = safe(prd.note) or ("held" if prd.held else "")
    text = f"{bar}  {count:>7}  {share:>4.0%}  {state:<9}  {runtime:>7}  {note}"
    yield f"[{safe(prd.id)}]", text
    for story in prd.stories:
        if story.state in AT_WORK or story.awaits:
            yield f"[{safe(prd.id)}/{safe(story.id)}]", _in_flight(story, now)


def _in_flight(story: StoryStatus, now: float) -> str:
    state = "approval?" if story.awaits else safe(story.state)
    elapsed = duration(max(0.0, now - story.attempt_since)) if story.attempt_since else ""
    about = [f"attempt {story.attempt}"] if story.attempt else []
    about += [safe(" ".join(filter(None, (story.agent, story.model))))] if story.agent else []
    title = clipped(safe(story.title), TITLE_CELLS_MAX, end="...")
    return f"{state:<10}  {elapsed:>7}  {', '.join(about)}: {title}"

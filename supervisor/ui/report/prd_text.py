"""One PRD of a report as a table that fits the terminal, and what is to be said below it."""

from __future__ import annotations

from collections.abc import Sequence

from ....policies.counting import counted
from ....policies.values import replace
from ...shell.lines import safe
from ...shell.status.states import has_landed
from ..looks.columns import cells, clipped, filled, padded, table
from ..looks.rows import Row, Span, Tone
from ..words.times import duration
from .costs import sentence
from .figures import Figures
from .files import Files
from .headline import Standing, standing_of
from .proof import proofs_of
from .reading import PrdPart, StoryLine

ID_MAX, STATE_MAX, LONG_STATE_MAX = 16, 11, 20
COMMIT_CHARS = 10
ROWS_MAX = 1000
MIDDLE, WIDE = 78, 110  # from so many cells on there is room for more
_STATE = 1  # the column
TONES = {
    Standing.DONE: Tone.GOOD,
    Standing.FAILED: Tone.BAD,
    Standing.ASKS: Tone.WARN,
    Standing.AT_WORK: Tone.BUSY,
    Standing.SKIPPED: Tone.WARN,
    Standing.ROLLED_BACK: Tone.WARN,
}
STATE_TONES = {"completed": Tone.GOOD, "failed": Tone.BAD, "active": Tone.BUSY}


def prd_rows(part: PrdPart, *, width: int, rows_max: int) -> list[Row]:
    """Its head, a line a story, and what it came to."""
    head = _head(part, width)
    known = [each for each in part.stories if not each.was_done]
    before = len(part.stories) - len(known)
    part = replace(part, stories=tuple(known))
    rows = [head, *_table(part, width, rows_max)]
    more = len(part.stories) - rows_max
    texts = []
    if more > 0:
        form = f" {part.prd_id}" if rows_max < ROWS_MAX else " --html"
        texts.append(f"and {more} more; `prd-supervise report{form}` has them")
    if before:
        texts.append(f"done before: {before} more")
    if has_landed(part.landed):  # that is said further up
        texts.append(part.landed)
    has_done = any(each.is_done for each in part.stories)
    texts += [
        *proofs_of(part),
        _work(part),
        clock_text(part.figures, has_done=has_done),
        conflicts_text(part.figures),
        spent_line(part),
    ]
    return [*rows, *(row for text in texts if text for row in wrapped(text, width))]


def spent_line(part: PrdPart) -> str:
    """What it cost."""
    text = sentence(part.costs)
    return f"spent: {text}" if text else ""


def wrapped(text: str, width: int, tone: Tone = Tone.PLAIN) -> list[Row]:
    """A paragraph in rows of at most so many cells."""
    return [(Span(line, tone),) for line in filled(text, width, "  ")]


def _head(part: PrdPart, width: int) -> Row:
    done = sum(each.is_done for each in part.stories)
    name, state = safe(part.prd_id), f"{safe(part.state)}  {done}/{len(part.stories)}"
    rest = clipped(safe(part.name), max(0, width - cells(name) - cells(state) - 4))
    tone = STATE_TONES.get(part.state, Tone.WARN)
    return (Span(clipped(name, width), Tone.TITLE), Span(f"  {state}", tone), Span(f"  {rest}"))


def _work(part: PrdPart) -> str:
    """What the branch has of it."""
    merged = [each for each in part.stories if each.is_done and each.commit]
    if not merged or not part.branch:
        return ""
    files = sum(each.files.count for each in merged)
    base = f"{part.base[:COMMIT_CHARS]}.." if part.base else ""
    log = f"`git log --first-parent {base}{part.branch}`"
    return f"{counted(len(merged), 'merge')} of {counted(files, 'changed file')}: {log}"


def _table(part: PrdPart, width: int, rows_max: int) -> list[Row]:
    if not part.stories:
        return []
    shown = part.stories[:rows_max]
    texts = [_header(width), *(_cells(each, width) for each in shown)]
    widths = _widths(texts, width)
    lines = table(texts, widths)
    rows: list[Row] = [(Span(lines[0], Tone.DIM),)]
    for story, line in zip(shown, lines[1:], strict=True):
        tone = TONES.get(standing_of(part, story), Tone.DIM)
        # The column of states has a tone of its own; cells before it are padded to its beginning.
        head = padded(safe(story.story_id), widths[0])
        state = clipped(_state(story), widths[_STATE])
        rest = line[len(head) + 2 + len(state) :]
        rows.append((Span(f"{head}  "), Span(state, tone), Span(rest)))
    return rows


def _header(width: int) -> list[str]:
    found = ["story", "state", "time", "tries"]
    if width >= MIDDLE:
        found += ["agent", "verify", "waits", "conflicts"]
    if width >= WIDE:
        found += ["commit", "files", "title"]
    return found


def _state(line: StoryLine) -> str:
    return safe(line.state).removesuffix(" (unverified)")


def _cells(line: StoryLine, width: int) -> list[str]:
    figures = line.figures
    times = [figures.agent_s, figures.verify_s, figures.waiting_s]
    is_begun = figures.attempts > 0
    found = [
        safe(line.story_id),
        _state(line),
        duration(figures.wall_s) if is_begun else "-",
        str(figures.attempts) if is_begun else "-",
    ]
    if width >= MIDDLE:
        found += [duration(each) if is_begun else "-" for each in times]
        counts = (figures.predicted, figures.resolved, figures.reruns)
        found.append("/".join(map(str, counts)) if any(counts) else "-")
    if width >= WIDE:
        found += [line.commit[:COMMIT_CHARS] or "-", files_text(line.files), safe(line.title)]
    return found


def files_text(files: Files) -> str:
    """`+2 ~1 -3`: created, modified and deleted; `..` where some are not listed."""
    parts = ((files.created, "+"), (files.modified, "~"), (files.deleted, "-"))
    text = " ".join(f"{sign}{len(names)}" for names, sign in parts if names)
    return (f"{text} .." if files.more else text) or "-"


def _widths(rows: Sequence[Sequence[str]], width: int) -> list[int]:
    """As wide as what stands in them; story and state give way, the last one gets the rest."""
    state_max = LONG_STATE_MAX if width >= MIDDLE else STATE_MAX
    needed = [max(cells(row[at]) for row in rows) for at in range(len(rows[0]))]
    needed[0], needed[1] = min(needed[0], ID_MAX), min(needed[1], state_max)
    if width >= WIDE:
        needed[-1] = max(0, min(needed[-1], width - sum(needed[:-1]) - 2 * (len(needed) - 1)))
    over = sum(needed) + 2 * (len(needed) - 1) - width
    if over > 0:
        needed[0] = max(4, needed[0] - over)
    return needed


def clock_text(figures: Figures, *, has_done: bool) -> str:
    """How long it took by the clock, and what that has saved, if anything came of it."""
    clock, alone = duration(figures.wall_s), duration(figures.sequential_s)
    text = f"{clock} by the clock, {counted(figures.attempts, 'attempt')}"
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


def conflicts_text(figures: Figures) -> str:
    """What the column of the stories adds up to; a pair that collided counts once."""
    counts = (figures.predicted, figures.resolved, figures.reruns)
    if not any(counts):
        return ""
    predicted, resolved, again = counts
    return f"conflicts: {predicted} predicted, {resolved} resolved, {again} run again"

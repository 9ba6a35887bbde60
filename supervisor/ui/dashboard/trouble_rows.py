"""What wants a person, the worst first, and what limits the agents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...shell.status.document import AgentStatus, PrdStatus
from ..looks.columns import cells
from ..looks.rows import Row, Span, Style, Tone
from ..words.accounts import account_text
from .fitting import shown
from .seen import Seen
from .troubles import Trouble, in_short

LABEL = 8
NARROW = 60  # columns
NAMES_MOST = 4


def trouble_rows(found: Sequence[Trouble], width: int, height: int, style: Style) -> list[Row]:
    """So many of them; the last row says where there are more, unless it is the only one."""
    found = in_short(found, height)
    is_cut = len(found) > height > 1
    rows = [_trouble(each, width, style) for each in found[: height - is_cut]]
    if is_cut:
        rows.append((Span("  and more: n shows the next", Tone.DIM),))
    return rows


def _trouble(trouble: Trouble, width: int, style: Style) -> Row:
    mark = "?" if trouble.tone is Tone.WARN else "!"
    cure = f"  [{trouble.cure}]" if trouble.cure else ""
    room = width - 2 - cells(cure)
    is_short = len(trouble.what) + 2 + len(trouble.why) <= room
    if not is_short and (width < NARROW or room < width // 2):  # what is wrong counts for more
        cure, room = "", width - 2
    what = shown(trouble.what, room, is_ascii=style.is_ascii)
    told = trouble.why if is_short or width >= NARROW else trouble.brief or trouble.why
    why = shown(f"  {told}", room - cells(what), is_ascii=style.is_ascii)
    blank = " " * (room - cells(what) - cells(why))
    return (
        Span(f"{mark} ", trouble.tone),
        Span(what, trouble.tone),
        Span(why),
        Span(blank + cure, Tone.DIM),
    )


def waiting_rows(seen: Seen) -> list[Row]:
    """The usage limits with the time they lift, and the queue."""
    rows = [_limit(seen, agent) for agent in seen.document.agents if agent.state != "closed"]
    queue = list(_queue(seen.document.prds))
    if queue:
        rows.append((Span("Queue".ljust(LABEL), Tone.DIM), Span("; ".join(queue))))
    return rows


def _limit(seen: Seen, agent: AgentStatus) -> Row:
    text = account_text(agent, seen.now, zone_s=seen.zone_s)
    label = Span("Limit".ljust(LABEL), Tone.WARN)
    return (label, Span(f"{agent.agent}  ", Tone.WARN), Span(text))


def _queue(prds: Sequence[PrdStatus]) -> Iterator[str]:
    queued = [prd.id for prd in prds if prd.state == "queued"]
    if queued:
        names = ", ".join(queued[:NAMES_MOST])
        more = len(queued) - NAMES_MOST
        yield f"{names} and {more} more" if more > 0 else names
    active = [prd for prd in prds if prd.state == "active"]
    stories = [story for prd in active for story in prd.stories if not story.awaits]
    counts = ((sum(story.state == state for story in stories), state) for state in _WAITS)
    told = ", ".join(f"{count} {state}" for count, state in counts if count)
    if told:
        yield f"stories: {told}"


_WAITS = ("queued", "waiting", "backing off", "held")

"""The stories at work: who works on what for how long, what it takes, and its last word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ....policies.sizes import size_text
from ..looks.rows import Row, Span, Tone
from ..looks.states import mark_of, state_text
from ..words.times import elapsed
from .chosen import Region
from .entries import Entry
from .laying import Column, chosen_columns, in_columns, selected
from .seen import Seen
from .sharing import window
from .view import View

NAME_MOST, STATE_WIDTH, AGENT_MOST, TITLE_LEAST = 28, 10, 16, 10
NARROW = 60


def work_rows(view: View, width: int, height: int) -> list[Row]:
    """A row a story, and as many last lines of theirs as there is room for."""
    seen, style, found = view.seen, view.style, view.works
    is_focus = view.chosen.region is Region.WORK
    row = view.row if is_focus else 0
    first = window(len(found), row, height)
    shown = found[first : first + height]
    lines_left = height - len(shown)
    columns = _columns(shown, width)
    rows: list[Row] = []
    for at, entry in enumerate(shown, first):
        has_cursor = is_focus and at == row
        mark = mark_of(entry.about)
        spans = [
            Span("> " if has_cursor else "  "),
            Span(mark.by(style) + " ", mark.tone),
            *in_columns(columns, _texts(seen, entry, columns), style),
        ]
        rows.append(selected(spans, width, style) if has_cursor else tuple(spans))
        line = seen.last_lines.get(entry.name, "")
        if line and lines_left > 0:
            rows.append((Span("    "), Span(line, Tone.DIM)))
            lines_left -= 1
    return rows


def _columns(shown: Sequence[Entry], width: int) -> tuple[Column, ...]:
    names = max((len(each.shown) for each in shown), default=0)
    agents = max((len(_agent(each)) for each in shown), default=0)
    has_usage = any(each.story is not None and each.story.usage for each in shown)
    tries = max((each.story.attempt for each in shown if each.story is not None), default=0)
    wanted = (
        Column(name="name", width=min(names, NAME_MOST if width >= NARROW else 14), rank=9),
        Column(name="state", width=STATE_WIDTH, rank=7),
        Column(name="attempt", width=len(f"#{tries}") if tries > 1 else 0, rank=4),
        Column(name="time", width=6, rank=8, is_right=True),
        Column(name="agent", width=min(agents, AGENT_MOST), rank=6),
        Column(name="memory", width=8 if has_usage else 0, rank=5, is_right=True),
        Column(name="cpu", width=5 if has_usage else 0, rank=3, is_right=True),
        Column(name="title", width=TITLE_LEAST, rank=2),
    )
    return chosen_columns(wanted, width - 4)


def _texts(seen: Seen, entry: Entry, columns: Sequence[Column]) -> Mapping[str, Sequence[Span]]:
    story = entry.story
    if story is None:
        return {}
    name_width = next((each.width for each in columns if each.name == "name"), 0)
    since, usage = story.attempt_since or story.since, story.usage
    memory = size_text(usage.memory_bytes) if usage is not None else ""
    cpu = f"{usage.cpu_percent:.0f}%" if usage is not None else ""
    name = entry.shown if len(entry.shown) <= name_width else story.id
    return {
        "name": (Span(name),),
        "state": (Span(state_text(story, STATE_WIDTH), mark_of(story).tone),),
        "attempt": (Span(f"#{story.attempt}", Tone.WARN if story.attempt > 1 else Tone.DIM),),
        "time": (Span(elapsed(seen.moment - since) if since is not None else ""),),
        "agent": (Span(_agent(entry)),),
        "memory": (Span(memory),),
        "cpu": (Span(cpu),),
        "title": (Span(story.title),),
    }


def _agent(entry: Entry) -> str:
    return (entry.story.agent if entry.story is not None else "") or ""

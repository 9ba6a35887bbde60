"""The list of PRDs: a row each, and under those that are unfolded a row a story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...shell.status.states import is_done
from ..looks.bars import bar
from ..looks.rows import Row, Span, Style, Tone
from ..looks.states import is_at_work, is_lost, mark_of, reason_of, state_text
from ..words.times import elapsed
from .chosen import Region
from .entries import Entry
from .laying import Column, chosen_columns, in_columns, selected
from .seen import Seen
from .sharing import window
from .view import View

ID_MOST, STATE_MOST, BAR_LEAST, BAR_MOST, TITLE_LEAST = 20, 14, 6, 16, 10
STATE_SMALL = 9
SMALL = 60  # columns: ids and states are cut short below
_FRONT = 6  # the cursor, a fold, a mark, a blank after each


def prd_rows(view: View, width: int, height: int) -> list[Row]:
    """So many rows of the list, with the cursor's among them."""
    seen, chosen, style, found = view.seen, view.chosen, view.style, view.prds
    if not found and chosen.filter:
        return [(Span("  nothing here is called so; Esc shows all", Tone.DIM),)]
    is_focus = chosen.region is Region.PRDS
    row = view.prd_row
    first = window(len(found), row, height)
    shown = found[first : first + height]
    columns = _prd_columns(seen, width)
    id_width = max((len(each.story.id) for each in shown if each.story), default=0)
    rows: list[Row] = []
    for at, entry in enumerate(shown, first):
        has_cursor = is_focus and at == row
        is_open = at + 1 < len(found) and found[at + 1].story is not None
        front = _front(entry, style, has_cursor=has_cursor, is_open=is_open)
        texts: Mapping[str, Sequence[Span]] = {}
        if entry.story is None:
            texts = _prd_texts(seen, entry, columns, style)
            spans = [*front, *in_columns(columns, texts, style)]
        else:
            story_columns = _story_columns(min(id_width, ID_MOST), width)
            spans = [*front, *in_columns(story_columns, _story_texts(seen, entry), style)]
        bar_spans = texts.get("bar", ())
        rows.append(selected(spans, width, style, bar_spans) if has_cursor else tuple(spans))
    return rows


def _front(entry: Entry, style: Style, *, has_cursor: bool, is_open: bool) -> list[Span]:
    mark = mark_of(entry.about)
    pointer = "> " if has_cursor else "  "
    if entry.story is not None:
        return [Span(pointer + "    "), Span(mark.by(style) + " ", mark.tone)]
    fold = ("-" if is_open else "+") if style.is_ascii else ("▾" if is_open else "▸")
    return [Span(pointer), Span(fold + " ", Tone.DIM), Span(mark.by(style) + " ", mark.tone)]


def _prd_columns(seen: Seen, width: int) -> tuple[Column, ...]:
    prds = seen.document.prds
    ids = max((len(prd.id) for prd in prds), default=0)
    counts = max((len(_count(Entry(prd=prd))) for prd in prds), default=0)
    is_small = width < SMALL
    state_most = STATE_SMALL if is_small else STATE_MOST
    states = max((len(state_text(prd, state_most)) for prd in prds), default=0)
    long_bar = max(BAR_LEAST, min(BAR_MOST, width // 8))
    rest = 7 if any(prd.id in seen.rest_s for prd in prds) else 0
    wanted = (
        Column(name="id", width=min(ids, 10 if is_small else ID_MOST), rank=9),
        Column(name="bar", width=long_bar, rank=6),
        Column(name="count", width=counts, rank=8, is_right=True),
        Column(name="state", width=min(states, state_most), rank=7),
        Column(name="time", width=6, rank=5, is_right=True),
        Column(name="rest", width=rest, rank=4, is_right=True),
        Column(name="title", width=TITLE_LEAST, rank=3),
    )
    return chosen_columns(wanted, width - _FRONT)


def _prd_texts(
    seen: Seen, entry: Entry, columns: Sequence[Column], style: Style
) -> dict[str, Sequence[Span]]:
    prd, mark = entry.prd, mark_of(entry.prd)
    bar_width = next((each.width for each in columns if each.name == "bar"), 0)
    state_width = next((each.width for each in columns if each.name == "state"), 0)
    rest = seen.rest_s.get(prd.id)
    return {
        "id": (Span(prd.id),),
        "bar": bar(prd, bar_width, style),
        "count": (Span(_count(entry)),),
        "state": (Span(state_text(prd, state_width), mark.tone),),
        "time": (Span(elapsed(runtime(seen, entry)) if prd.started_at else ""),),
        "rest": (Span(f"~{elapsed(rest)}" if rest is not None else "", Tone.DIM),),
        "title": (Span(prd.title), *_why_prd(entry)),
    }


def runtime(seen: Seen, entry: Entry) -> float:
    """How long a PRD has run by now, or ran last time."""
    prd = entry.prd
    if seen.is_live and prd.state == "active" and prd.started_at is not None:
        return max(0.0, seen.now - prd.started_at)
    return prd.runtime_s


def _why_prd(entry: Entry) -> tuple[Span, ...]:
    if entry.prd.note:
        return (Span(f"  {entry.prd.note}", Tone.WARN),)
    if entry.prd.state == "failed" and entry.prd.reasons:
        return (Span(f"  {entry.prd.reasons[0]}", Tone.BAD),)
    return ()


def _count(entry: Entry) -> str:
    return f"{entry.prd.progress.completed}/{entry.prd.progress.total}"


def _story_columns(id_width: int, width: int) -> tuple[Column, ...]:
    is_small = width < SMALL
    wanted = (
        Column(name="id", width=min(id_width, 10) if is_small else id_width, rank=9),
        Column(name="state", width=9 if is_small else 11, rank=8),
        Column(name="time", width=6 if width >= SMALL else 0, rank=6, is_right=True),
        Column(name="title", width=TITLE_LEAST, rank=7),
    )
    return chosen_columns(wanted, width - _FRONT - 2)


def _story_texts(seen: Seen, entry: Entry) -> dict[str, Sequence[Span]]:
    story = entry.story
    if story is None:
        return {}
    mark = mark_of(story)
    since = story.attempt_since if is_at_work(story) else None
    tries = f"#{story.attempt} " if story.attempt > 1 else ""
    texts: dict[str, Sequence[Span]] = {
        "id": (Span(story.id),),
        "state": (Span(state_text(story, 11), mark.tone),),
        "time": (Span(elapsed(seen.moment - since) if since is not None else ""),),
        "title": (Span(tries, Tone.DIM), Span(story.title)),
    }
    if is_lost(story):
        why = story.reason or (story.failure.message if story.failure else "")
        texts["title"] = (Span(tries, Tone.DIM), Span(f"{why}  ", mark.tone), Span(story.title))
    elif story.reason not in {None, entry.prd.note} and not is_done(story.state):
        texts["title"] = (*texts["title"], Span(f"  {reason_of(story)}", Tone.DIM))
    return texts


def prd_heading(view: View) -> str:
    """`PRDs 3`; filtered, how many of how many."""
    total = len(view.seen.document.prds)
    if not view.chosen.filter:
        return f"PRDs {total}"
    meant = sum(entry.story is None for entry in view.prds)
    return f"PRDs {meant} of {total}, filtered: {view.chosen.filter}"

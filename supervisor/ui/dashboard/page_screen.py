"""The rows around a page: what it is of, which pages there are, what can be pressed."""

from __future__ import annotations

from ..looks.rows import Row, Size, Span, Style, Tone
from ..looks.states import is_at_work, mark_of, state_of
from ..words.times import elapsed
from .chosen import Opened
from .entries import Entry, find
from .laying import GAP
from .pages import KINDS, page_of, page_rows
from .prd_rows import runtime
from .seen import Seen


def page_screen(seen: Seen, opened: Opened, size: Size, style: Style) -> list[Row]:
    """A title, the tabs, and the lines of the page in so many rows."""
    rows = [page_title(seen, opened, style), _tabs(seen, opened)][: max(0, size.rows - 1)]
    return [*rows, *page_rows(seen, opened, size, style, max(1, size.rows - len(rows)))]


def page_title(seen: Seen, opened: Opened, style: Style) -> Row:
    """Whose page it is, and how that stands."""
    entry = find(seen.document, opened.name)
    if entry is None:
        name = "/".join(part for part in opened.name if part)
        return (Span(name, Tone.TITLE), Span("  is not there any more", Tone.WARN))
    mark = mark_of(entry.about)
    facts = [state_of(entry.about), *_facts(seen, entry)]
    return (
        Span(f"{mark.by(style)} ", mark.tone),
        Span(entry.shown, Tone.TITLE),
        Span("  " + ", ".join(facts), mark.tone),
        Span(f"  {entry.about.title}"),
    )


def _facts(seen: Seen, entry: Entry) -> list[str]:
    story = entry.story
    if story is None:
        progress = entry.prd.progress
        return [f"{progress.completed}/{progress.total} done", elapsed(runtime(seen, entry))]
    facts = [f"attempt {story.attempt}"] if story.attempt else []
    facts += [story.agent] if story.agent else []
    if is_at_work(story) and story.attempt_since is not None:
        facts.append(elapsed(seen.moment - story.attempt_since))
    return facts


def _tabs(seen: Seen, opened: Opened) -> Row:
    spans: list[Span] = []
    for kind in KINDS:
        spans += [Span(" " * GAP)] * bool(spans)
        is_open = kind is opened.kind
        text = f"[{kind.value}]" if is_open else kind.value
        spans.append(Span(text, Tone.TITLE if is_open else Tone.DIM))
    page = page_of(seen, opened)
    if page is not None and page.lines:
        note = f"   {page.note}" if page.note else ""
        count = page.skipped + len(page.lines)
        where = f"line {opened.top + 1} of {count}" if opened.top is not None else f"{count} lines"
        spans.append(Span(f"   {where}{note}", Tone.DIM))
    return tuple(spans)


PAGE_HINTS = (
    ("Tab", "next page"),
    ("j/k", "scroll"),
    ("f", "follow"),
    ("Esc", "back"),
    ("?", "help"),
)

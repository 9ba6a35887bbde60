"""The page of a story: its log, prompt, diff, evidence or events, from the chosen line on."""

from __future__ import annotations

from collections.abc import Iterator

from ....policies.values import replace
from ..looks.columns import cells
from ..looks.rows import Row, Size, Span, Style, Tone
from .chosen import Opened
from .fitting import shown
from .keys import Key, Press
from .moving import steps
from .seen import Page, PageKind, Seen, StoryName

KINDS = tuple(PageKind)
_FOLLOWED = frozenset([PageKind.LOG, PageKind.EVENTS])
CHROME = 3  # rows of a page that are not its lines: two above, one below
_EMPTY = {
    PageKind.LOG: "nothing has been printed yet",
    PageKind.PROMPT: "no prompt has been written yet",
    PageKind.DIFF: "no difference to its base",
    PageKind.EVIDENCE: "no evidence yet",
    PageKind.EVENTS: "nothing has happened yet",
}


def opened_at(name: StoryName, kind: PageKind) -> Opened:
    """A page as it opens: at its end where it grows, else at its beginning."""
    return Opened(name=name, kind=kind, top=None if kind in _FOLLOWED else 0)


def scrolled(seen: Seen, opened: Opened, key: Press, size: Size) -> Opened:
    """The page further up or down; at its end it follows what comes."""
    page = page_of(seen, opened)
    if page is None:
        return opened
    height = max(1, size.rows - CHROME)
    if key == "f":
        return replace(opened, top=None)
    step = steps(height - 1).get(Key.PAGE_DOWN if key == " " else key)
    if step is None:
        return opened
    last = last_top(page, size.columns, height)
    top = last if opened.top is None else max(opened.top, page.skipped)
    top = max(page.skipped, top + step)
    return replace(opened, top=None if top >= last and opened.kind in _FOLLOWED else min(top, last))


def page_of(seen: Seen, opened: Opened) -> Page | None:
    """What is known of the page that is open; None until it has been looked for."""
    page = seen.page
    known = page is not None and (page.name, page.kind) == (opened.name, opened.kind)
    return page if known else None


def last_top(page: Page, width: int, height: int) -> int:
    """The number of the first line of the last screenful."""
    used = 0
    for at in range(len(page.lines) - 1, -1, -1):
        used += len(list(_folded(page.lines[at], page.kind, width, height)))
        if used > height:
            return page.skipped + min(at + 1, len(page.lines) - 1)
    return page.skipped


def page_rows(seen: Seen, opened: Opened, size: Size, style: Style, height: int) -> list[Row]:
    """The lines that fit from the chosen one on."""
    page = page_of(seen, opened)
    if page is None:
        return [(Span("looking ...", Tone.DIM),)]
    if not page.lines:
        return [(Span(page.note or _EMPTY[page.kind], Tone.DIM),)]
    top = last_top(page, size.columns, height) if opened.top is None else opened.top
    rows: list[Row] = []
    for line in page.lines[max(0, top - page.skipped) :]:
        tone = _tone(line, page.kind)
        rows += [
            (Span(part, tone),)
            for part in _folded(line, page.kind, size.columns, height, is_ascii=style.is_ascii)
        ]
        if len(rows) >= height:
            break
    # A line that is higher than the screen is followed to its end.
    return rows[-height:] if opened.top is None else rows[:height]


def _folded(
    line: str, kind: PageKind, width: int, height: int, *, is_ascii: bool = False
) -> Iterator[str]:
    """A line in rows, at most a screenful of it: prose is broken between words, a diff is not."""
    text = shown(line, width * height, is_ascii=is_ascii)
    while cells(text) > width:
        head = _head(text, width)
        space = head.rfind(" ", width // 2)
        if kind is not PageKind.DIFF and space > 0:
            head = head[: space + 1]
        yield head
        text = text[len(head) :]
    yield text


def _head(text: str, width: int) -> str:
    """As many characters as fit, one at least."""
    used = 0
    for at, char in enumerate(text):
        used += cells(char)
        if used > width and at:
            return text[:at]
    return text


def _tone(line: str, kind: PageKind) -> Tone:
    if kind is not PageKind.DIFF:
        return Tone.PLAIN
    if line.startswith(("+++", "---", "diff ", "index ")):
        return Tone.TITLE
    return {"+": Tone.GOOD, "-": Tone.BAD, "@": Tone.BUSY}.get(line[:1], Tone.PLAIN)

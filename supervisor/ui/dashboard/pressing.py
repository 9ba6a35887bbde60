"""What a key press does: to what the viewer has chosen, and what it asks of the world."""

from __future__ import annotations

from collections.abc import Callable

from ....policies.values import replace
from ...shell.status.states import is_done
from ..looks.rows import Size, Style
from .asking import ask, ask_to_release_agent, ask_to_stop_all
from .banner import banner_rows
from .body import events_height
from .chosen import Chosen, Opened, Question, Region
from .entries import Entry, entry_under, find, settled, stood
from .help import LINES
from .keys import Key, Press
from .moving import at, fold_all, folded, moved, next_region, steps, through_events, to_trouble
from .pages import KINDS, opened_at, scrolled
from .seen import PageKind, Seen
from .view import View
from .wishes import OpenPage, Quit, Verb, Wish

HELP_PAGE = 10
TYPED_MAX = 500  # characters of a filter or a reason
ORDERS: dict[Press, Verb] = {
    "s": Verb.STOP,
    "h": Verb.HOLD,
    "u": Verb.RELEASE,
    "r": Verb.RETRY,
    "R": Verb.RESTART,
    "a": Verb.APPROVE,
    "x": Verb.REJECT,
}
PAGES: dict[Press, PageKind] = {
    "l": PageKind.LOG,
    "p": PageKind.PROMPT,
    "d": PageKind.DIFF,
    "e": PageKind.EVIDENCE,
    "t": PageKind.EVENTS,
}
_OF_ALL: dict[Press, Callable[[Seen], Question | str]] = {
    "S": ask_to_stop_all,
    "A": ask_to_release_agent,
}
_STEPS: dict[Press, int] = {Key.TAB: 1, Key.BACK_TAB: -1}
_SIDES: dict[Press, int] = {Key.RIGHT: 1, Key.LEFT: -1}
_BACK = frozenset([Key.ESCAPE, Key.BACKSPACE, "q"])
Pressed = tuple[Chosen, Wish | None]


def press(seen: Seen, chosen: Chosen, key: Press, size: Size) -> Pressed:
    """What is chosen from now on, and what the world is to do."""
    chosen = settled(seen, replace(chosen, notice=""))
    if chosen.question is not None:
        return _answered(chosen, chosen.question, key)
    if chosen.is_filtering or chosen.help_top is not None:
        return _over_the_list(seen, chosen, key), None
    if key in PAGES:
        return _opened(chosen, _subject(seen, chosen), PAGES[key])
    if key in ORDERS or key in _OF_ALL or key == "?":
        return _asked(seen, chosen, key), None
    if chosen.opened is not None:
        return _on_page(seen, chosen, chosen.opened, key, size)
    return _on_list(seen, chosen, key, size)


def _on_list(seen: Seen, chosen: Chosen, key: Press, size: Size) -> Pressed:
    if key == "q":
        return chosen, Quit()
    if key in {Key.ENTER, "o"}:
        return _entered(seen, chosen, folds=key is Key.ENTER)
    if key in _STEPS:
        return next_region(seen, chosen, _STEPS[key]), None
    if key in {" ", Key.LEFT, Key.RIGHT}:
        return folded(seen, chosen, key), None
    return _arranged(seen, chosen, key, size), None


def _arranged(seen: Seen, chosen: Chosen, key: Press, size: Size) -> Chosen:
    match key:
        case "/":
            return replace(chosen, is_filtering=True)
        case Key.ESCAPE:
            return replace(stood(seen, chosen), filter="", until=None)
        case "n" | "N":
            return to_trouble(seen, chosen, -1 if key == "N" else 1)
        case "z":
            return fold_all(seen, chosen)
        case _:
            return _moved(seen, chosen, key, size)


def _moved(seen: Seen, chosen: Chosen, key: Press, size: Size) -> Chosen:
    """What the cursor keys do; other keys do nothing."""
    step = steps(size.rows // 2).get(key)
    if step is None:
        return chosen
    if chosen.region is not Region.EVENTS:
        return moved(seen, chosen, step)
    style = Style()
    around = 2 + len(banner_rows(seen, size, style))  # header and footer
    room = Size(columns=size.columns, rows=max(1, size.rows - around))
    height = events_height(View(seen, chosen, style), room)
    return through_events(seen, chosen, step, height)


def _entered(seen: Seen, chosen: Chosen, *, folds: bool) -> Pressed:
    entry = entry_under(seen, chosen)
    if entry is not None and entry.story is None and folds:
        return folded(seen, chosen, " "), None
    if entry is None or entry.story is None:
        return _opened(chosen, entry, PageKind.EVENTS)
    is_over = is_done(entry.story.state)
    return _opened(chosen, entry, PageKind.EVIDENCE if is_over else PageKind.LOG)


def _on_page(seen: Seen, chosen: Chosen, opened: Opened, key: Press, size: Size) -> Pressed:
    if key in _BACK:
        return replace(at(seen, chosen, opened.name), opened=None), None
    if step := _STEPS.get(key, _SIDES.get(key, 0)):
        kind = KINDS[(KINDS.index(opened.kind) + step) % len(KINDS)]
        return _opened(chosen, find(seen.document, opened.name), kind)
    return replace(chosen, opened=scrolled(seen, opened, key, size)), None


def _opened(chosen: Chosen, entry: Entry | None, kind: PageKind) -> Pressed:
    if entry is None:
        return replace(chosen, notice="there is nothing to open here"), None
    opened = opened_at(entry.name, kind)
    return replace(chosen, opened=opened), OpenPage(name=entry.name, kind=kind)


def _subject(seen: Seen, chosen: Chosen) -> Entry | None:
    """What orders are for: what is open, else what the cursor stands on."""
    if chosen.opened is not None:
        return find(seen.document, chosen.opened.name)
    return entry_under(seen, chosen)


def _asked(seen: Seen, chosen: Chosen, key: Press) -> Chosen:
    if key == "?":
        return replace(chosen, help_top=0)
    of_all = _OF_ALL.get(key)
    found = of_all(seen) if of_all else ask(seen, _subject(seen, chosen), ORDERS[key])
    if isinstance(found, str):
        return replace(chosen, notice=found)
    return replace(chosen, question=found)


def _answered(chosen: Chosen, question: Question, key: Press) -> Pressed:
    done = replace(chosen, question=None)
    if key is Key.ESCAPE:
        return done, None
    if not question.wants_reason:
        if key in {"y", "Y"}:
            return done, question.order
        return (done if key in {"n", "N", "q"} else chosen), None
    if key is Key.ENTER:
        if not question.typed.strip():
            return replace(chosen, notice="a reason is wanted; Esc lets it be"), None
        return done, replace(question.order, reason=question.typed.strip())
    return replace(chosen, question=replace(question, typed=_typed(question.typed, key))), None


def _over_the_list(seen: Seen, chosen: Chosen, key: Press) -> Chosen:
    if chosen.help_top is None:
        return _filtered(seen, chosen, key)
    return _helped(chosen, chosen.help_top, key)


def _filtered(seen: Seen, chosen: Chosen, key: Press) -> Chosen:
    if key in {Key.ENTER, Key.DOWN, Key.UP, Key.TAB}:
        return replace(stood(seen, chosen), is_filtering=False)
    if key is Key.ESCAPE:
        return replace(chosen, is_filtering=False, filter="")
    return replace(chosen, filter=_typed(chosen.filter, key))


def _typed(text: str, key: Press) -> str:
    if key is Key.BACKSPACE:
        return text[:-1]
    if key is Key.ERASE:
        return ""
    is_text = len(key) == 1 and key.isprintable()
    return text + key if is_text and len(text) < TYPED_MAX else text


def _helped(chosen: Chosen, top: int, key: Press) -> Chosen:
    if (step := steps(HELP_PAGE).get(key)) is not None:
        return replace(chosen, help_top=max(0, min(LINES - 1, top + step)))
    return replace(chosen, help_top=None) if key in _BACK or key == "?" else chosen

"""The last rows: a question, what is typed, what came of an order; else what can be pressed."""

from __future__ import annotations

from ..looks.columns import cells
from ..looks.rows import Row, Size, Span, Style, Tone
from .asking import ask
from .chosen import Chosen, Question, Region
from .entries import Entry, is_unfolded
from .fitting import wrapped
from .laying import GAP
from .pressing import ORDERS
from .seen import Seen
from .view import View
from .wishes import Verb

Hint = tuple[str, str]  # a key, and what it does
_ALWAYS: tuple[Hint, ...] = (("?", "help"), ("q", "quit"))


def footer(view: View, size: Size) -> list[Row]:
    """One row, or as many as a question needs."""
    chosen, style = view.chosen, view.style
    if chosen.question is not None:
        return _question(chosen, chosen.question, size, style)
    if chosen.is_filtering:
        typed = (Span("/", Tone.TITLE), Span(_tail(chosen.filter, size.columns - 24) + "_"))
        return [(*typed, Span("   Enter keeps it, Esc drops it", Tone.DIM))]
    told = _told(view.seen, chosen)
    if told is not None:
        return [(Span(text, told.tone),) for text in wrapped(told.text, size.columns, 2, style)]
    return [hints_row(hints(view), size.columns)]


def _told(seen: Seen, chosen: Chosen) -> Span | None:
    if chosen.notice:
        return Span(chosen.notice, Tone.WARN)
    if seen.answer is not None:
        return Span(seen.answer.text, Tone.GOOD if seen.answer.is_good else Tone.BAD)
    return None


def _question(chosen: Chosen, question: Question, size: Size, style: Style) -> list[Row]:
    most = max(1, size.rows - 2)
    text = wrapped(question.text, size.columns, most, style)
    rows: list[Row] = [(Span(each, Tone.WARN),) for each in text]
    if question.wants_reason:
        typed = _tail(question.typed, size.columns - 4)
        rows.append((Span("> ", Tone.TITLE), Span(typed + "_")))
        keys: tuple[Hint, ...] = (("Enter", "rejects"), ("Esc", "lets it be"))
        notice = (Span(f"   {chosen.notice}", Tone.WARN),) if chosen.notice else ()
        return [*rows, (*hints_row(keys, size.columns), *notice)]
    return [*rows, hints_row((("y", "yes"), ("n", "no")), size.columns)]


def _tail(typed: str, room: int) -> str:
    """The end of what is typed: that is where the next character goes."""
    kept = typed[-max(1, room) :]
    while cells(kept) > max(1, room):
        kept = kept[1:]
    return kept


def hints_row(found: tuple[Hint, ...], width: int) -> Row:
    """As many hints as fit; help and quit, which stand last, in any case."""
    last = [hint for hint in found if hint in _ALWAYS]
    room = width - sum(_size(hint) for hint in last) + GAP
    kept: list[Hint] = []
    for hint in found:
        if hint in last:
            continue
        if _size(hint) > room:
            break
        room -= _size(hint)
        kept.append(hint)
    spans: list[Span] = []
    for key, words in [*kept, *last]:
        spans += [Span(" " * GAP)] * bool(spans)
        spans += [Span(key, Tone.TITLE), Span(f" {words}", Tone.DIM)]
    return tuple(spans)


def _size(hint: Hint) -> int:
    return cells(hint[0]) + 1 + cells(hint[1]) + GAP


def hints(view: View) -> tuple[Hint, ...]:
    """What can be pressed here, what is wanted most first."""
    found: list[Hint] = []
    seen, chosen, entry = view.seen, view.chosen, view.under
    if entry is not None:
        found.append(("Enter", _enter(seen, chosen, entry)))
        found += _orders(seen, entry)
    wanted = sum(each.name is not None for each in view.troubles)
    if wanted:
        found.append(("n", "next that wants you"))
    if chosen.region is Region.EVENTS:
        found.append(("k/j", "back/on"))
    found += [("Tab", "next part"), ("/", "filter")]
    if chosen.filter:
        found.append(("Esc", "all"))
    return (*found, *_ALWAYS)


def _enter(seen: Seen, chosen: Chosen, entry: Entry) -> str:
    if entry.story is not None:
        return "open"
    return "fold" if is_unfolded(seen.document, chosen, entry.prd.id) else "unfold"


def _orders(seen: Seen, entry: Entry) -> list[Hint]:
    """The orders that would be taken: those for which there is a question."""
    if not seen.is_live:
        return []
    possible = [
        (str(key), verb) for key, verb in _BY_NEED if not isinstance(ask(seen, entry, verb), str)
    ]
    return [(key, str(verb)) for key, verb in possible]


_NEED = (Verb.APPROVE, Verb.REJECT, Verb.RETRY, Verb.RELEASE, Verb.HOLD, Verb.STOP, Verb.RESTART)
_BY_NEED = tuple((key, verb) for wanted in _NEED for key, verb in ORDERS.items() if verb is wanted)

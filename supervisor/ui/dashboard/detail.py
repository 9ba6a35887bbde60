"""One sentence about what the cursor stands on: more than there is room for in its row."""

from __future__ import annotations

from ....policies.budget import Spent, short_text
from ....policies.counting import counted
from ...shell.status.document import PrdStatus, SpentStatus, StoryStatus
from .chosen import Chosen
from .entries import entry_under
from .looks import Row, Span, Style
from .marks import is_at_work, is_lost, mark_of, state_of
from .seen import Seen


def detail(seen: Seen, chosen: Chosen, style: Style) -> Row:
    """A row about it; nothing where there is nothing."""
    entry = entry_under(seen, chosen)
    if entry is None:
        return ()
    mark = mark_of(entry.about)
    facts = _of_prd(entry.prd) if entry.story is None else _of_story(entry.story)
    told = "; ".join(fact for fact in facts if fact)
    state = f"{mark.by(style)} {entry.shown} {state_of(entry.about)}"
    return (Span(state + (": " if told else ""), mark.tone), Span(told))


def _of_prd(prd: PrdStatus) -> list[str]:
    works = sum(is_at_work(story) for story in prd.stories) if prd.state == "active" else 0
    lost = sum(story.state == "failed" for story in prd.stories)
    return [
        prd.note,
        prd.reasons[0] if prd.reasons else "",
        f"{works} at work" if works else "",
        f"{lost} failed" if lost else "",
        _spent(prd.spent),
        prd.branch,
        prd.landed or "",
    ]


def _of_story(story: StoryStatus) -> list[str]:
    facts = [story.reason or ""]
    if is_lost(story) and story.failure is not None:
        facts = [story.failure.message, *story.failure.recovery_hints[:1]]
    if story.state.startswith("done"):
        facts = [story.evidence or ""]
    return [
        *facts,
        f"attempt {story.attempt}" if story.attempt > 1 else "",
        counted(len(story.conflicts), "conflict") + " ahead" if story.conflicts else "",
        _spent(story.spent),
        story.title,
    ]


def _spent(spent: SpentStatus) -> str:
    known = Spent(usd=spent.usd, tokens=spent.tokens, unpriced=spent.unpriced_tokens)
    return short_text(known) if spent.tokens or spent.usd else ""

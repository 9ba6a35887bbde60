"""A sentence or two about what the cursor stands on: more than there is room for in its row."""

from __future__ import annotations

from ....policies.costs.budget import Spent, short_text
from ....policies.counting import counted
from ...shell.status.document import PrdStatus, SpentStatus, StoryStatus
from ...shell.status.states import has_landed, is_done
from ..looks.rows import Row, Span
from ..looks.states import is_at_work, is_lost, mark_of, reason_of, state_of
from .fitting import wrapped
from .seen import Seen
from .view import View


def detail_rows(view: View, width: int, height: int) -> list[Row]:
    """At most so many rows about it; none where there is nothing."""
    entry, style = view.under, view.style
    if entry is None:
        return []
    mark = mark_of(entry.about)
    facts = _of_prd(view.seen, entry.prd) if entry.story is None else _of_story(entry.story)
    told = "; ".join(fact.removesuffix(".") for fact in facts if fact)
    state = f"{mark.by(style)} {entry.shown} {state_of(entry.about)}" + (": " if told else "")
    lines = wrapped(state + told, width, height, style)
    if not lines or not lines[0].startswith(state):
        return [(Span(line, mark.tone),) for line in lines]
    first = (Span(state, mark.tone), Span(lines[0][len(state) :]))
    return [first, *((Span(line),) for line in lines[1:])]


def _of_prd(seen: Seen, prd: PrdStatus) -> list[str]:
    works = sum(is_at_work(story) for story in prd.stories) if prd.state == "active" else 0
    lost = sum(story.state == "failed" for story in prd.stories)
    return [
        prd.note,
        prd.reasons[0] if prd.reasons else "",
        f"{works} at work" if works else "",
        f"{lost} failed" if lost else "",
        _next(seen, prd),
        _spent(prd.spent),
        prd.branch if prd.state != "completed" else "",
        prd.landed or "",
    ]


def _next(seen: Seen, prd: PrdStatus) -> str:  # noqa: PLR0911  a case a state
    """What to type, or to press, so that it goes on."""
    if prd.held and seen.is_live:
        return "u releases it"
    match prd.state:
        case "stopped":
            return f"`prd-supervise start {prd.id}` goes on"
        case "interrupted":
            return "`prd-supervise resume` goes on"
        case "damaged":
            return f"`prd-supervise resume {prd.id} --repair` goes on with what can be read"
        case "failed":
            return "r retries" if seen.is_live else "`prd-supervise resume --retry` tries again"
        case "completed" if prd.branch and not has_landed(prd.landed):
            return f"`git merge {prd.branch}` takes the work"
        case _:
            return ""


def _of_story(story: StoryStatus) -> list[str]:
    facts = [f"attempt {story.attempt}" if story.attempt > 1 else "", reason_of(story)]
    if is_lost(story) and story.failure is not None:
        facts[1:] = [story.failure.message, *story.failure.recovery_hints[:1]]
    if is_done(story.state):
        facts = [story.evidence or ""]
    return [
        *facts,
        counted(len(story.conflicts), "conflict") + " ahead" if story.conflicts else "",
        _spent(story.spent),
        story.title,
    ]


def _spent(spent: SpentStatus) -> str:
    known = Spent(usd=spent.usd, tokens=spent.tokens, unpriced=spent.unpriced_tokens)
    return short_text(known) if spent.tokens or spent.usd else ""

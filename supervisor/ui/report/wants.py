"""What of a report wants a person, the most urgent first, each with what is to be typed."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ....policies.counting import counted
from ...shell.status.document import AgentStatus
from ...shell.status.states import has_landed, is_kept_back
from ..words.accounts import account_text
from ..words.reasons import hints_besides_commands
from .headline import Standing, standing_of
from .reading import PrdPart, Report, StoryLine

_OPEN = frozenset({"stopped", "interrupted"})
TEXT_MAX = 500
ASKING_MAX = 5  # stories of a PRD that ask for a word each by itself
_POINTS = {
    "story": "can begin, and waits for your word",
    "merge": "is verified, and waits for your word before it is merged",
}


class Want(Struct, frozen=True, kw_only=True):
    """One thing: `urgent` ones keep work from going on, or from being any good."""

    target: str  # PRD, PRD/STORY or an agent
    text: str
    hints: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    is_urgent: bool = True
    asks: bool = False  # for a person's word alone: nothing is amiss


def short(text: str) -> str:
    """The text, as long as anybody reads it."""
    return text if len(text) <= TEXT_MAX else f"{text[:TEXT_MAX]} ..."


def wants_of(report: Report) -> tuple[Want, ...]:
    """Everything that somebody should look at."""
    found: list[Want] = []
    found += [_damaged(part) for part in report.prds if part.state == "damaged"]
    for part in report.prds:
        found += _approvals(part)
    found += [_agent(each) for each in report.agents if each.state == "closed"]
    for part in report.prds:
        found += _budgets(part)
        found += _failures(part, is_live=report.is_live)
        found += _odd(part)
    for part in report.prds:
        found += _open(part, is_live=report.is_live)
    return tuple(found)


def waits_of(report: Report) -> tuple[str, ...]:
    """What waits for something that comes by itself, and until when."""
    shut = (each for each in report.agents if each.state in {"parked", "trial"})
    lines = [f"{each.agent}: {account_text(each, report.at)}" for each in shut]
    asking = {part.prd_id for part in report.prds if _asks(part)}
    lines += [
        f"{part.prd_id}: {part.note}"
        for part in report.prds
        # Of one that asks its note says the same; one that is complete waits for nothing.
        if part.note and part.prd_id not in asking and part.state not in {"completed", "damaged"}
    ]
    return tuple(lines)


def _asks(part: PrdPart) -> bool:
    return bool(part.awaits) or any(story.awaits for story in part.stories)


def harvest_of(report: Report) -> tuple[str, ...]:
    """The commands that take the work of PRDs that are complete."""
    done = (part for part in report.prds if part.state == "completed" and part.branch)
    return tuple(f"git merge {part.branch}" for part in done if not has_landed(part.landed))


def _damaged(part: PrdPart) -> Want:
    command = f"prd-supervise resume {part.prd_id} --repair"
    return Want(target=part.prd_id, text=f"is damaged: {short(part.note)}", commands=(command,))


def _approvals(part: PrdPart) -> Iterator[Want]:
    asking = [each for each in part.stories if each.awaits]
    if len(asking) > ASKING_MAX:
        names = ", ".join(each.story_id for each in asking[:ASKING_MAX])
        more = f" and {len(asking) - ASKING_MAX} more"
        yield Want(
            target=part.prd_id,
            text=f"{len(asking)} stories wait for your word: {names}{more}",
            commands=(
                f"prd-supervise status {part.prd_id}",
                f"prd-supervise approve {part.prd_id} --all",
            ),
            asks=True,
        )
        asking = []
    for story in asking:
        name = f"{part.prd_id}/{story.story_id}"
        diff = f"`git diff {part.branch}...prd-supervise/{name}` shows the work"
        yield Want(
            target=name,
            text=_POINTS.get(story.awaits, "waits for your word"),
            hints=(diff,) if story.awaits == "merge" and part.branch else (),
            commands=_words_for(name),
            asks=True,
        )
    if part.awaits:
        text = "all of it is done, and waits for your word"
        yield Want(target=part.prd_id, text=text, commands=_words_for(part.prd_id), asks=True)


def _words_for(name: str) -> tuple[str, ...]:
    return f"prd-supervise approve {name}", f'prd-supervise reject {name} "why"'


def _agent(agent: AgentStatus) -> Want:
    return Want(
        target=agent.agent,
        text=account_text(agent, 0.0),  # it is closed: no moment is in it
        hints=("mend that first",),
        commands=(f"prd-supervise release --agent {agent.agent}",),
    )


def _budgets(part: PrdPart) -> Iterator[Want]:
    if part.budget_used:
        text = f"its budget is used up: {part.budget_used}"
        yield Want(target=part.prd_id, text=text, commands=(_release(part.prd_id),))
        return
    for story in part.stories:
        if story.budget_used and not story.is_done:
            name = f"{part.prd_id}/{story.story_id}"
            text = f"its budget is used up: {story.budget_used}"
            yield Want(target=name, text=text, commands=(_release(name),))


def _release(name: str) -> str:
    return f"prd-supervise release --budget {name}"


def _failures(part: PrdPart, *, is_live: bool) -> Iterator[Want]:
    skipped = sum(standing_of(part, each) is Standing.SKIPPED for each in part.stories)
    for story in part.stories:
        if story.state != "failed":
            continue
        text = f"failed: {short(story.failure.message if story.failure else story.reason)}"
        if skipped:
            text += f" ({counted(skipped, 'story')} skipped for what failed here)"
            skipped = 0  # it is told once
        yield _failed(part, story, text, is_live=is_live)


def _failed(part: PrdPart, story: StoryLine, text: str, *, is_live: bool) -> Want:
    name = f"{part.prd_id}/{story.story_id}"
    hints = story.failure.recovery_hints if story.failure else ()
    again = (
        f"prd-supervise retry {name}" if is_live else f"prd-supervise resume {part.prd_id} --retry"
    )
    shown = hints_besides_commands(hints)
    if story.worktree:
        shown = (*shown, f"its worktree is kept: {story.worktree}")
    logs = (f"prd-supervise logs {name}",) if story.attempts else ()
    return Want(target=name, text=text, hints=shown, commands=(*logs, again))


def _odd(part: PrdPart) -> Iterator[Want]:
    """What was put back, or was written where nobody should write: nothing waits for it."""
    for story in part.stories:
        if story.tampering:
            name = f"{part.prd_id}/{story.story_id}"
            more = len(story.tampering) - 1
            text = f"tampering: {short(story.tampering[0])}" + (
                f" (and {more} more)" if more else ""
            )
            command = f"prd-supervise events --child {name}"
            yield Want(target=name, text=text, commands=(command,), is_urgent=False)


def _open(part: PrdPart, *, is_live: bool) -> Iterator[Want]:
    if part.is_held:
        command = f"prd-supervise release {part.prd_id}"
        yield Want(target=part.prd_id, text="is held: nothing new begins", commands=(command,))
    held = [f"{part.prd_id}/{each.story_id}" for each in part.stories if each.is_held]
    if held:
        command = f"prd-supervise release {' '.join(held[:3])}"
        text = f"{counted(len(held), 'story')} of it held"
        yield Want(target=part.prd_id, text=text, commands=(command,))
    if is_kept_back(part.landed) and part.state == "completed":
        command = f"prd-supervise start {part.prd_id}"
        yield Want(target=part.prd_id, text=part.landed, commands=(command,))
    if part.state in _OPEN and not is_live:
        text = f"is {part.state}: `prd-supervise resume` goes on with what was not finished"
        command = f"prd-supervise resume {part.prd_id}"
        yield Want(target=part.prd_id, text=text, commands=(command,))

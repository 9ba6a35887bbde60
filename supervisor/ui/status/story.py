"""Everything about one story, for people and for programs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import datetime

from ....policies.counting import counted
from ....policies.values import replace
from ...shell.control.targets import Target
from ...shell.lines import safe
from ...shell.plans.accepted import read_accepted
from ...shell.status.document import PrdStatus, StatusDocument
from ...shell.status.states import AT_WORK
from ...shell.storage.layout import Layout
from ..looks.columns import filled
from ..looks.rows import Row, Span, Tone
from ..words.reasons import hints_besides_commands, why_text
from ..words.times import duration, elapsed
from .evidence import AttemptDetail, StoryDetail, VerifyDetail, with_evidence
from .words import agent_of, costs_text, losses_text, state_text, tone_of, usage_text

FILES_MAX = 8
_LABEL = 10  # cells
_RESULTS = {"done": Tone.GOOD, "lost": Tone.BAD, "stopped": Tone.WARN, None: Tone.BUSY}


def detail_of(layout: Layout, document: StatusDocument, target: Target) -> StoryDetail:
    """Put it together; the document has the story."""
    prd = next(prd for prd in document.prds if prd.id == target.prd_id)
    story = next(each for each in prd.stories if each.id == target.story_id)
    detail = StoryDetail(at=document.at, prd_id=prd.id, branch=prd.branch, story=story)
    return _planned(layout, prd, with_evidence(layout, detail))


def _planned(layout: Layout, prd: PrdStatus, detail: StoryDetail) -> StoryDetail:
    """Add what its PRD says of it."""
    plan = read_accepted(layout, prd.id)
    for each in () if plan is None else plan.stories:
        if each.story_id == detail.story.id:
            return replace(
                detail,
                description=each.description,
                criteria=each.criteria,
                needs=(*each.depends_on, *each.needs),
            )
    return detail


def story_rows(detail: StoryDetail, width: int, states: dict[str, str]) -> list[Row]:
    """The story as rows; `states` are those of the stories that it may need."""
    story = detail.story
    title = f"{safe(detail.prd_id)}/{safe(story.id)}  {safe(story.title)}"
    rows: list[Row] = [(Span(line, Tone.TITLE),) for line in filled(title, width, "  ")]
    for label, text, tone in _facts(detail, states):
        rows += _labelled(label, text, tone, width)
    for attempt in detail.attempts:
        rows += [(), *_attempt_rows(attempt, detail.at, width)]
    for gap in detail.gaps:
        rows += [(), *((Span(line, Tone.DIM),) for line in filled(f"note: {gap}", width, "  "))]
    return rows


def _facts(detail: StoryDetail, states: dict[str, str]) -> Iterator[tuple[str, str, Tone]]:
    story = detail.story
    since = "" if story.since is None else f", for {elapsed(detail.at - story.since)}"
    since += "" if story.since is None else f" (since {_clock(story.since)})"
    yield "state", f"{state_text(story)}{since}", Tone.WARN if story.held else tone_of(story.state)
    if story.reason:
        yield "why", why_text(story), Tone.BAD if story.state == "failed" else Tone.PLAIN
    if story.awaits:
        yield "waits", f"for you: `prd-supervise approve {_name(detail)}`, or reject", Tone.WARN
    if story.evidence:
        yield "evidence", story.evidence, Tone.GOOD
    yield "merged", f"as {detail.merged_as[:10]}" if detail.merged_as else "", Tone.PLAIN
    if story.failure is not None and story.state not in AT_WORK:  # else it is an earlier attempt's
        for hint in hints_besides_commands(story.failure.recovery_hints):
            yield "to do", hint, Tone.PLAIN
    if detail.needs:
        needs = (f"{need} ({states[need]})" if need in states else need for need in detail.needs)
        yield "needs", ", ".join(needs), Tone.PLAIN
    for criterion in detail.criteria:
        yield "criterion", criterion, Tone.PLAIN
    for conflict in story.conflicts:
        yield "conflict", conflict, Tone.WARN
    yield "agent", agent_of(story), Tone.PLAIN
    yield "spent", costs_text(story.spent), Tone.PLAIN
    yield "uses", "" if story.usage is None else usage_text(story.usage), Tone.PLAIN
    yield "lost", losses_text(story.losses), Tone.WARN
    yield "worktree", story.worktree or "", Tone.PLAIN
    yield "branch", detail.branch, Tone.DIM


def _attempt_rows(attempt: AttemptDetail, at: float, width: int) -> list[Row]:
    tone = _RESULTS[attempt.result]
    words = attempt.result or "at work"
    if not attempt.counts:
        words += " (does not count)"
    rows: list[Row] = [(Span(f"attempt {attempt.attempt}  ", Tone.TITLE), Span(words, tone))]
    for label, text, row_tone in _attempt_facts(attempt, at):
        rows += _labelled(label, text, row_tone, width)
    return rows


def _attempt_facts(attempt: AttemptDetail, at: float) -> Iterator[tuple[str, str, Tone]]:
    if attempt.began_at is not None:
        took = (attempt.ended_at or at) - attempt.began_at
        yield "began", f"{_clock(attempt.began_at)}, took {duration(max(0.0, took))}", Tone.PLAIN
    if attempt.result != "done":
        kind = f" ({attempt.failure_type})" if attempt.failure_type else ""
        yield "why", f"{attempt.reason}{kind}" if attempt.reason else "", Tone.PLAIN
    who = " ".join(filter(None, (attempt.agent, attempt.model)))
    resumed = ", goes on with its conversation" if attempt.resumed else ""
    ended = f": {attempt.agent_ended}" if attempt.agent_ended else ""
    took_s = "" if attempt.agent_s is None else f", {duration(attempt.agent_s)}"
    yield "agent", f"{who}{resumed}{ended}{took_s}" if who or ended else "", Tone.PLAIN
    if attempt.head:
        yield "work", f"{attempt.head[:10]}, {_files_text(attempt.files)}", Tone.PLAIN
    for run in attempt.verify:
        yield "verify", _verify_text(run), Tone.GOOD if run.is_green else Tone.BAD
    for review in attempt.reviews:
        told = review.verdict or "no answer"
        text = f": {review.text}" if review.text else ""
        yield "review", f"{told} by {review.agent}, {duration(review.duration_s)}{text}", Tone.PLAIN
    if attempt.folder:
        yield "files", f"{_short(attempt.folder)}: {', '.join(attempt.logs)}", Tone.DIM


def _files_text(files: Sequence[str]) -> str:
    if not files:
        return "nothing changed"
    named = ", ".join(files[:FILES_MAX])
    more = f" and {len(files) - FILES_MAX} more" if len(files) > FILES_MAX else ""
    return f"{counted(len(files), 'file')}: {named}{more}"


def _verify_text(run: VerifyDetail) -> str:
    """`merged: green, 1.2s: `make test` 1.2s`."""
    where = {"base": "before any work", "story": "its work", "merged": "the merged tree"}
    colour = "green" if run.is_green else "red"
    commands = ", ".join(
        f"`{each.command}`" + ("" if each.exit_code == 0 else _exit_text(each.exit_code))
        for each in run.commands
    )
    others = f" with {', '.join(run.stories)}" if len(run.stories) > 1 else ""
    text = f"{where.get(run.stage, run.stage)}{others}: {colour}, {duration(run.took_s)}"
    return f"{text}: {commands}" if commands else text


def _exit_text(code: int | None) -> str:
    return " ran out of time" if code is None else f" exited with {code}"


def _labelled(label: str, text: str, tone: Tone, width: int) -> list[Row]:
    """A fact after its label; nothing where there is none."""
    if not text:
        return []
    lines = filled(text, max(20, width - _LABEL - 2))
    labels = [f"  {label:<{_LABEL}}", *[" " * (_LABEL + 2)] * (len(lines) - 1)]
    return [
        (Span(head, Tone.DIM), Span(line, tone)) for head, line in zip(labels, lines, strict=True)
    ]


def _name(detail: StoryDetail) -> str:
    return f"{detail.prd_id}/{detail.story.id}"


def _short(folder: str) -> str:
    """The folder from where we are, if that is shorter."""
    return min(folder, os.path.relpath(folder), key=len)


def _clock(at: float) -> str:
    return f"{datetime.fromtimestamp(at).astimezone():%Y-%m-%d %H:%M:%S}"


def commands_for(detail: StoryDetail, *, root_serves: bool) -> list[str]:
    """What to type next about it."""
    name = _name(detail)
    told = [f"`prd-supervise logs {name}` shows what was printed"] if detail.attempts else []
    if detail.story.state == "failed":
        again = f"retry {name}" if root_serves else f"resume {detail.prd_id} --retry"
        told.append(f"`prd-supervise {again}` gives it a new start")
    return told

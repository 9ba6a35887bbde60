"""Everything about one story: what its PRD's journal tells of each attempt, and what it left."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from ....policies.outcomes.outcome import VerifyRun
from ....policies.values import replace
from ...core.prd.agents.review_records import ReviewOver
from ...core.prd.records import (
    AgentBegan,
    AgentOver,
    AttemptBegun,
    AttemptLost,
    StoryDone,
    VerifyOver,
    WorkKept,
)
from ...shell.status.document import StoryStatus
from ...shell.status.states import is_done
from ...shell.storage.history import read_history
from ...shell.storage.layout import Layout
from ...shell.storage.older import prd_as_today
from ...shell.storage.recollection import KINDS
from ...shell.storage.results import runs_of
from ..words.gaps import gaps_of

SCHEMA_VERSION = 1
_FILES = {"prompt.md", "result.json"}
BASE = "base"  # verify commands that run before any work


class CommandDetail(Struct, frozen=True, kw_only=True):
    """A verify command that was run; `exit_code` is null where it ran out of time."""

    command: str
    exit_code: int | None
    duration_s: float


class VerifyDetail(Struct, frozen=True, kw_only=True):
    """A run of verify commands; `at` is its end. Commands are known once the attempt is over."""

    stage: str  # base, story, merged, format or setup
    at: float | None
    took_s: float
    is_green: bool
    stories: tuple[str, ...] = ()
    commands: tuple[CommandDetail, ...] = ()


class ReviewDetail(Struct, frozen=True, kw_only=True):
    """What a reviewer said; without a verdict it is asked again."""

    agent: str
    model: str
    verdict: str | None
    text: str
    duration_s: float


class AttemptDetail(Struct, frozen=True, kw_only=True):
    """One attempt. `result` is done, lost or stopped; null while it is open."""

    attempt: int
    began_at: float | None = None
    ended_at: float | None = None
    result: str | None = None
    counts: bool = True  # towards what a story may lose
    reason: str | None = None
    failure_type: str | None = None
    agent: str | None = None
    model: str | None = None
    resumed: bool = False  # it went on with the conversation of the one before
    agent_ended: str | None = None
    agent_s: float | None = None
    head: str | None = None  # the commit that has all of its work
    files: tuple[str, ...] = ()
    verify: tuple[VerifyDetail, ...] = ()
    reviews: tuple[ReviewDetail, ...] = ()
    folder: str | None = None
    logs: tuple[str, ...] = ()  # the files in it


class StoryDetail(Struct, frozen=True, kw_only=True):
    """One story of a PRD, with its evidence."""

    schema_version: int = SCHEMA_VERSION
    at: float
    prd_id: str
    branch: str
    story: StoryStatus
    description: str = ""
    criteria: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()  # PRD/STORY, or a story of the same PRD
    merged_as: str | None = None  # the commit
    attempts: tuple[AttemptDetail, ...] = ()
    gaps: tuple[str, ...] = ()  # what the journals can no longer tell


_Told = Iterable[tuple[object, float]]


def with_evidence(layout: Layout, detail: StoryDetail) -> StoryDetail:
    """Add what the journal tells of each attempt, with what lies in its folder."""
    prd_id, story_id = detail.prd_id, detail.story.id
    history = read_history(layout.prd(prd_id), KINDS, prd_as_today(layout))
    own = [each for each in history.records if getattr(each[0], "story_id", "") == story_id]
    found = told_attempts(own)
    return replace(
        detail,
        attempts=tuple(_with_files(layout, prd_id, story_id, each) for each in found),
        merged_as=merge_of(own) if is_done(detail.story.state) else None,
        gaps=gaps_of(prd_id, history),
    )


def merge_of(records: _Told) -> str | None:
    """The commit that the branch got of it last; a document that says done names none."""
    commits = (record.commit for record, _ in records if isinstance(record, StoryDone))
    return next(reversed([*commits]), None) or None


def told_attempts(records: _Told) -> list[AttemptDetail]:
    """The attempts of one story, by its records."""
    known: dict[int, AttemptDetail] = {}
    for record, at in records:
        number = getattr(record, "attempt", 0)
        if isinstance(number, int) and number:
            known[number] = _after(known.get(number, AttemptDetail(attempt=number)), record, at)
    return [known[number] for number in sorted(known)]


def _after(  # noqa: PLR0911  one case a record
    known: AttemptDetail, record: object, at: float
) -> AttemptDetail:
    match record:
        case AttemptBegun():
            return replace(known, began_at=at)
        case AgentBegan():
            return replace(
                known,
                agent=record.agent or None,
                model=record.model or None,
                resumed=record.is_resumed,
            )
        case AgentOver():
            outcome = record.outcome
            return replace(known, agent_ended=outcome.detail, agent_s=outcome.duration_s)
        case WorkKept():
            return replace(known, head=record.head, files=record.files)
        case ReviewOver():
            return replace(known, reviews=(*known.reviews, _review(record)))
        case VerifyOver():
            run = VerifyDetail(
                stage=record.stage,
                at=at,
                took_s=round(record.took_s, 2),
                is_green=record.is_green,
                stories=record.stories,
            )
            return replace(known, verify=(*known.verify, run))
        case AttemptLost() | StoryDone():
            return _ended(known, record, at)
        case _:
            return known


def _review(record: ReviewOver) -> ReviewDetail:
    return ReviewDetail(
        agent=record.agent,
        model=record.model,
        verdict=None if record.verdict is None else record.verdict.value,
        text=record.text,
        duration_s=record.outcome.duration_s,
    )


def _ended(known: AttemptDetail, record: AttemptLost | StoryDone, at: float) -> AttemptDetail:
    if isinstance(record, StoryDone):
        return replace(known, ended_at=at, result="done", reason=record.evidence or None)
    return replace(
        known,
        ended_at=at,
        result="lost" if record.counts else "stopped",
        counts=record.counts,
        reason=record.reason,
        failure_type=record.type or None,
    )


# --- what lies in its folder --------------------------------------------------------------------


def _with_files(layout: Layout, prd_id: str, story_id: str, known: AttemptDetail) -> AttemptDetail:
    folder = layout.attempt(prd_id, story_id, known.attempt)
    if not folder.is_dir():
        return known
    told = runs_of(layout, prd_id, story_id, known.attempt)  # what no journal has
    runs = {BASE: told.base, "story": told.story, "merged": told.merged}
    names = sorted(path.name for path in folder.iterdir())
    logs = tuple(name for name in names if name.endswith(".log") or name in _FILES)
    return replace(known, folder=str(folder), logs=logs, verify=_with_commands(known.verify, runs))


def _with_commands(
    told: tuple[VerifyDetail, ...], runs: dict[str, VerifyRun | None]
) -> tuple[VerifyDetail, ...]:
    """The last run of each stage with its commands; one that no journal tells is added."""
    found = list(told)
    for stage, run in runs.items():
        if run is None:
            continue
        commands = tuple(
            CommandDetail(
                command=each.command, exit_code=each.exit_code, duration_s=round(each.duration_s, 2)
            )
            for each in run.commands
        )
        places = [at for at, each in enumerate(found) if each.stage == stage]
        took_s = round(sum(each.duration_s for each in run.commands), 2)
        fresh = VerifyDetail(stage=stage, at=None, took_s=took_s, is_green=run.is_green)
        if places:
            found[places[-1]] = replace(found[places[-1]], commands=commands)
        else:
            # Before any work: the run was that of another attempt from the same commit.
            place = 0 if stage == BASE else len(found)
            found.insert(place, replace(fresh, commands=commands))
    return tuple(found)

"""Everything about one story: what its PRD's journal tells of each attempt, and what it left."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec
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
from ...shell.storage.history import read_history
from ...shell.storage.layout import Layout
from ...shell.storage.recollection import KINDS

SCHEMA_VERSION = 1
RESULT_BYTES_MAX = 4 << 20
_FILES = {"prompt.md", "result.json"}


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


def attempts_of(layout: Layout, prd_id: str, story_id: str) -> tuple[AttemptDetail, ...]:
    """What the journal tells of each attempt, with what lies in its folder."""
    history = read_history(layout.prd(prd_id), KINDS)
    own = (each for each in history.records if getattr(each[0], "story_id", "") == story_id)
    found = told_attempts(own)
    return tuple(_with_files(layout, prd_id, story_id, each) for each in found)


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


class _Result(Struct, frozen=True, kw_only=True):
    """Of an attempt's result.json what no journal has."""

    base_run: VerifyRun | None = None
    story_run: VerifyRun | None = None
    merged_run: VerifyRun | None = None


def _with_files(layout: Layout, prd_id: str, story_id: str, known: AttemptDetail) -> AttemptDetail:
    folder = layout.attempt(prd_id, story_id, known.attempt)
    if not folder.is_dir():
        return known
    result = _result(folder / "result.json")
    runs = {"base": result.base_run, "story": result.story_run, "merged": result.merged_run}
    names = sorted(path.name for path in folder.iterdir())
    logs = tuple(name for name in names if name.endswith(".log") or name in _FILES)
    return replace(known, folder=str(folder), logs=logs, verify=_with_commands(known.verify, runs))


def _result(path: Path) -> _Result:
    """A file of half a line, or one that somebody else has put there, tells nothing."""
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(RESULT_BYTES_MAX), type=_Result)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
        return _Result()


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
            found.append(replace(fresh, commands=commands))
    return tuple(found)

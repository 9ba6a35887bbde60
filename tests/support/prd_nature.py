"""How a PRD's children answer in a world without processes: a repository and workers by script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from prd_supervise.policies.outcome import CommandRun, Outcome, OutcomeKind, VerifyRun
from prd_supervise.workers.messages.git import (
    BranchClosed,
    BranchOpened,
    BranchRequest,
    CheckedOut,
    CheckOut,
    CloseBranch,
    Commit,
    Committed,
    EndingAnswer,
    EndingRequest,
    GitAnswer,
    GitFailed,
    GitRequest,
    OpenBranch,
    PrdFileTaken,
    Prepare,
    Prepared,
    Publish,
    Published,
    TakePrdFile,
    Trial,
    Tried,
)
from prd_supervise.workers.messages.growth import Compared, CompareStories, Meeting
from prd_supervise.workers.messages.landing import (
    Land,
    Landed,
    LandingTried,
    PlanPush,
    PushPlanned,
    RollBack,
    RolledBack,
    TryLanding,
)
from prd_supervise.workers.messages.merging import Conflict
from prd_supervise.workers.messages.setup import Setup
from prd_supervise.workers.messages.story import RunVerify, Verified

SETUP = Setup(commands=("make deps",), timeout_s=60.0, stamp="/stamp", fingerprint="1")
Ends = Mapping[tuple[str, int], OutcomeKind]


@dataclass(frozen=True, kw_only=True)
class Script:
    """What goes otherwise than well, by story and attempt."""

    agents: Ends = field(default_factory=dict)
    reds: frozenset[tuple[str, int, str]] = frozenset()  # story, attempt, base | story | merged
    idle: frozenset[tuple[str, int]] = frozenset()  # the agent changes nothing
    conflicts: frozenset[tuple[str, int]] = frozenset()
    tampering: tuple[str, ...] = ()
    setups: frozenset[tuple[str, int]] = frozenset()  # the worktree has to be set up first
    meetings: Mapping[tuple[str, str], tuple[Conflict, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """The PRD's branch: its tip, and what is merged in it."""

    tip: str = "base"
    merged: tuple[tuple[str, str], ...] = ()
    superseded: frozenset[str] = frozenset()  # merges whose stories were opened again
    refuses: tuple[str, ...] = ()  # the next requests of these names
    is_short: bool = False  # what it refuses passes
    into: str = "main"  # where the branch stands that PRDs go into


def serve(
    repository: Repository, request: GitRequest, script: Script
) -> tuple[Repository, GitAnswer]:
    """Carry out one request as the integrator does."""
    name = type(request).__name__
    if name in repository.refuses:
        rest = list(repository.refuses)
        rest.remove(name)
        story_id = "" if isinstance(request, BranchRequest) else request.story_id
        attempt = 0 if isinstance(request, BranchRequest) else request.attempt
        answer = GitFailed(
            request=name,
            story_id=story_id,
            attempt=attempt,
            message="no",
            passes=repository.is_short,
        )
        return replace(repository, refuses=tuple(rest)), answer
    if isinstance(request, Publish):
        return _publish(repository, request)
    if isinstance(request, RollBack):
        repository = replace(repository, tip="base", merged=())
    elif isinstance(request, Land) and repository.into == request.onto:
        repository = replace(repository, into=request.commit)
    return repository, _answer(repository, request, script)


def _publish(repository: Repository, request: Publish) -> tuple[Repository, GitAnswer]:
    story_id, commit = request.story_id, request.commit
    answer = Published(
        story_id=story_id, attempt=request.attempt, commit=commit, head=repository.tip
    )
    if (story_id, commit) in repository.merged:
        return repository, answer
    if repository.tip != request.onto:
        return repository, replace(answer, moved=True)
    counting = {name for name, merge in repository.merged if merge not in repository.superseded}
    assert story_id not in counting, f"{story_id} is merged twice"
    merged = (*repository.merged, (story_id, commit))
    return replace(repository, tip=commit, merged=merged), replace(answer, head=commit)


def _answer(repository: Repository, request: GitRequest, script: Script) -> GitAnswer:
    match request:
        case OpenBranch() | TakePrdFile() | CloseBranch() | CompareStories():
            return _answer_of_branch(repository, request, script)
        case RollBack() | TryLanding() | Land() | PlanPush():
            return answer_at_end(repository, request)
        case Prepare():
            return Prepared(
                story_id=request.story_id,
                attempt=request.attempt,
                base=request.base or repository.tip,
                head="head",
                worktree=f"/worktrees/{request.slot}",
                setup=SETUP if (request.story_id, request.attempt) in script.setups else None,
            )
        case Commit():
            changed = (request.story_id, request.attempt) not in script.idle
            return Committed(
                story_id=request.story_id,
                attempt=request.attempt,
                head=f"{request.story_id}@{request.attempt}",
                files=("app.py",) if changed else (),
            )
        case CheckOut():
            return CheckedOut(
                story_id=request.story_id,
                attempt=request.attempt,
                commit=request.commit,
                worktree="/worktrees/own",
            )
        case Trial():
            return _try(repository, request, script)
        case Publish():
            raise AssertionError("a Publish changes the branch")
        case _:
            assert_never(request)


def _answer_of_branch(repository: Repository, request: BranchRequest, script: Script) -> GitAnswer:
    match request:
        case OpenBranch():
            return BranchOpened(
                branch=request.wanted_branch,
                base=request.base,
                head=repository.tip,
                merged=repository.merged,
            )
        case TakePrdFile():
            return PrdFileTaken()
        case CloseBranch():
            return BranchClosed(kept=())
        case CompareStories():
            return _compare(request, script)
        case RollBack() | TryLanding() | Land() | PlanPush():
            return answer_at_end(repository, request)
        case _:
            assert_never(request)


def answer_at_end(repository: Repository, request: EndingRequest) -> EndingAnswer:
    """What becomes of the branch; `serve` has moved it already."""
    match request:
        case RollBack():
            return RolledBack(commit="base", ref="refs/salvage")
        case TryLanding():
            tried = LandingTried(number=request.number, onto=repository.into)
            if repository.tip in repository.into:
                return replace(tried, is_in=True)
            commit = f"{repository.into}+{repository.tip}"
            return replace(tried, commit=commit, worktree="/worktrees/own")
        case Land():
            is_there = repository.into == request.commit
            return Landed(number=request.number, moved=not is_there)
        case PlanPush():
            return PushPlanned(
                number=request.number, remote="origin", command="push", folder="/git"
            )
        case _:
            assert_never(request)


def _compare(request: CompareStories, script: Script) -> Compared:
    """Every two of the stories meet that the script says will conflict."""
    ids = tuple(each.story_id for each in request.stories)
    meetings = tuple(
        Meeting(story_id=later, other=ids[at], places=places)
        for at, later in enumerate(ids[1:])
        if (places := script.meetings.get((ids[at], later), ()))
    )
    return Compared(is_complete=True, stories=ids, meetings=meetings)


def _try(repository: Repository, request: Trial, script: Script) -> Tried:
    conflicts = (request.story_id, request.attempt) in script.conflicts
    return Tried(
        story_id=request.story_id,
        attempt=request.attempt,
        commit="" if conflicts else f"{request.head}+{repository.tip}",
        onto=repository.tip,
        worktree="/worktrees/own",
        conflicts=("app.py",) if conflicts else (),
    )


def end_of_agent(script: Script, story_id: str, attempt: int) -> Outcome:
    """How the agent of this attempt ends."""
    kind = script.agents.get((story_id, attempt), OutcomeKind.NORMAL)
    return Outcome(kind=kind, detail=kind.value, duration_s=1.0)


def verified(
    script: Script, story_id: str, attempt: int, order: RunVerify, *, interrupted: bool = False
) -> Verified:
    """What the verify commands say about what they were run on."""
    code = 1 if (story_id, attempt, order.stage) in script.reds else 0
    commands = (order.setup.commands if order.stage == "setup" and order.setup else ()) or (
        order.commands
    )
    runs = tuple(CommandRun(command=name, exit_code=code, duration_s=1.0) for name in commands)
    run = VerifyRun(commit=order.commit, commands=runs, interrupted=interrupted)
    return Verified(attempt=attempt, stage=order.stage, run=run, tail="the tail" if code else "")

"""How a PRD's children answer in a world without processes: a repository and workers by script."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from msgspec import Struct, field

from prd_supervise.policies.outcomes.outcome import CommandRun, Outcome, OutcomeKind, VerifyRun
from prd_supervise.policies.usage import NO_USAGE, Usage
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.words import StartReview
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
    TakePrdFile,
    TrainRequest,
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
from prd_supervise.workers.messages.merging import Conflict, Finding, Resolution
from prd_supervise.workers.messages.review import ShowWork, WorkShown
from prd_supervise.workers.messages.setup import Setup
from prd_supervise.workers.messages.story import AgentEnded, RunVerify, Verified
from prd_supervise.workers.messages.train import (
    AssembleTrain,
    Car,
    Coupled,
    FormattedTaken,
    PublishTrain,
    TakeFormatted,
    TrainAssembled,
    TrainPublished,
)
from prd_supervise.workers.messages.worktrees import NoWorktree

FORMATTED = "~"  # a merge that a formatter changed
ROOMY = 1000  # worktrees: more than any PRD wants
SETUP = Setup(commands=("make deps",), timeout_s=60.0, stamp="/stamp", fingerprint="1")
Ends = Mapping[tuple[str, int], OutcomeKind]
Said = str | OutcomeKind  # ACCEPT, REFUSE, anything else; or no answer for that


class Script(Struct, frozen=True, kw_only=True):
    """What goes otherwise than well, by story and attempt."""

    agents: Ends = field(default_factory=dict)
    reviews: Mapping[tuple[str, int], Said] = field(default_factory=dict)
    usages: Mapping[tuple[str, int], Usage] = field(default_factory=dict)  # what its agent says
    # story, attempt, base | story | merged | format
    reds: frozenset[tuple[str, int, str]] = frozenset()
    resolved: frozenset[tuple[str, int]] = frozenset()  # its conflicts resolve themselves
    landing_resolutions: tuple[Resolution, ...] = ()  # likewise, in another branch
    idle: frozenset[tuple[str, int]] = frozenset()  # the agent changes nothing
    conflicts: frozenset[tuple[str, int]] = frozenset()  # with the branch
    conflict_path: str = "app.py"
    findings: Mapping[tuple[str, int], tuple[Finding, ...]] = field(default_factory=dict)
    clashes: frozenset[tuple[str, str]] = frozenset()  # heads that conflict with each other
    by_story: frozenset[str] = frozenset()  # commands that are red without a story's variables
    red_trees: frozenset[str] = frozenset()  # whatever is merged on these, until it is mended
    tampering: tuple[str, ...] = ()
    setups: frozenset[tuple[str, int]] = frozenset()  # the worktree has to be set up first
    meetings: Mapping[tuple[str, str], tuple[Conflict, ...]] = field(default_factory=dict)


class Repository(Struct, frozen=True, kw_only=True):
    """The PRD's branch: its tip, and what is merged in it."""

    tip: str = "base"
    past: tuple[str, ...] = ("base",)  # every commit that is in it
    merged: tuple[tuple[str, str], ...] = ()
    superseded: frozenset[str] = frozenset()  # merges whose stories were opened again
    refuses: tuple[str, ...] = ()  # the next requests of these names
    is_short: bool = False  # what it refuses passes
    marks: bool = False  # a publication puts a commit with flags on top
    into: str = "main"  # where the branch stands that PRDs go into
    room: int = ROOMY  # for so many worktrees of stories
    slots: tuple[int, ...] = ()  # that have one, noted once room is short


def serve(
    repository: Repository, request: GitRequest, script: Script
) -> tuple[Repository, GitAnswer]:
    """Carry out one request as the integrator does."""
    name = type(request).__name__
    if name in repository.refuses:
        rest = list(repository.refuses)
        rest.remove(name)
        story_id, attempt = "", 0
        if isinstance(request, TrainRequest):
            attempt = request.number
        elif not isinstance(request, BranchRequest):
            story_id, attempt = request.story_id, request.attempt
        answer = GitFailed(
            request=name,
            story_id=story_id,
            attempt=attempt,
            message="no",
            passes=repository.is_short,
        )
        return replace(repository, refuses=tuple(rest)), answer
    if isinstance(request, PublishTrain):
        return _publish(repository, request)
    if isinstance(request, Prepare) and repository.room < ROOMY:
        if request.slot not in repository.slots and len(repository.slots) >= repository.room:
            return repository, _no_worktree(repository, request)
        repository = replace(repository, slots=tuple({*repository.slots, request.slot}))
    if isinstance(request, RollBack):
        repository = replace(repository, tip="base", past=("base",), merged=())
    elif isinstance(request, Land) and repository.into == request.onto:
        repository = replace(repository, into=request.commit)
    return repository, _answer(repository, request, script)


def _no_worktree(repository: Repository, request: Prepare) -> NoWorktree:
    return NoWorktree(
        story_id=request.story_id,
        attempt=request.attempt,
        message="the disk is full",
        slots=repository.slots,
    )


def _publish(repository: Repository, request: PublishTrain) -> tuple[Repository, TrainPublished]:
    answer = TrainPublished(number=request.number, commit=request.commit, head=repository.tip)
    if request.commit in repository.past:
        return repository, answer
    if repository.tip != request.onto:
        return repository, replace(answer, moved=True)
    commits = _commits(request.commit, onto=request.onto)
    merged = tuple(zip(request.stories, commits, strict=True))
    counting = {name for name, merge in repository.merged if merge not in repository.superseded}
    for story_id, commit in merged:
        assert story_id not in counting, f"{story_id} is merged twice"
        assert heads_in(commit)[0].startswith(f"{story_id}@"), f"{commit} is not {story_id}'s"
    tip = f"{request.commit}#" if repository.marks else request.commit
    repository = replace(
        repository,
        tip=tip,
        past=(*repository.past, *commits, tip),
        merged=(*repository.merged, *merged),
    )
    return repository, replace(answer, head=tip)


def _commits(commit: str, *, onto: str) -> list[str]:
    """The merges that a commit has on top of another one, the first one first."""
    found: list[str] = []
    while commit != onto:
        found.insert(0, commit)
        commit = commit.partition("+")[2]
    return found


def heads_in(commit: str) -> list[str]:
    """What a commit is merged of, `STORY@ATTEMPT`, the last one first."""
    return [head.rstrip(FORMATTED) for head in commit.split("+")[:-1]]


def _assemble(repository: Repository, request: AssembleTrain, script: Script) -> TrainAssembled:
    head, cars = repository.tip, []
    for car in request.cars:
        coupled = _couple(repository, car, head, script)
        head = coupled.commit or head
        cars.append(coupled)
    return TrainAssembled(number=request.number, onto=repository.tip, cars=tuple(cars))


def _couple(repository: Repository, car: Car, head: str, script: Script) -> Coupled:
    out = Coupled(story_id=car.story_id)
    if car.base not in repository.past:
        return replace(out, is_unfounded=True)
    name, _, attempt = car.head.partition("@")
    paths = (Conflict(path=script.conflict_path),)
    if (name, int(attempt)) in script.conflicts or _clash(car, repository.tip, script):
        return replace(out, conflicts=paths)
    if _clash(car, head, script):
        return replace(out, conflicts=paths, is_behind=True)
    findings = () if car.base == head else script.findings.get((name, int(attempt)), ())
    how = (Resolution(path="app.py", how="imports"),)
    return replace(
        out,
        commit=f"{car.head}+{head}",
        tree=f"tree of {car.head}+{head}",
        resolutions=how if (name, int(attempt)) in script.resolved else (),
        findings=findings,
    )


def _clash(car: Car, commit: str, script: Script) -> bool:
    """Say whether the car's work conflicts with any in the commit; what it is built on is not."""
    others = {*heads_in(commit)} - {*heads_in(car.base)}
    pairs = {(car.head, other) for other in others} | {(other, car.head) for other in others}
    return bool(pairs & script.clashes)


def _answer(  # noqa: PLR0911  a case a request
    repository: Repository, request: GitRequest, script: Script
) -> GitAnswer:
    match request:
        case OpenBranch() | TakePrdFile() | CloseBranch() | CompareStories():
            return _answer_of_branch(repository, request, script)
        case RollBack() | TryLanding() | Land() | PlanPush():
            return answer_at_end(repository, request, script)
        case Prepare():
            start = request.onto or repository.tip
            is_sound = request.base and request.base in (*repository.past, request.onto)
            is_sound = is_sound and not (request.leaves_base and start != request.base)
            base = request.base if is_sound else start
            left = f"{request.story_id}@{request.attempt - 1}"
            return Prepared(
                story_id=request.story_id,
                attempt=request.attempt,
                base=base,
                head=left if is_sound and request.attempt > 1 else base,
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
        case ShowWork():
            return WorkShown(
                story_id=request.story_id,
                attempt=request.attempt,
                head=request.head,
                diff="+ a line",
            )
        case AssembleTrain() | TakeFormatted() | PublishTrain():
            return _answer_of_train(repository, request, script)
        case _:
            assert_never(request)


def _answer_of_train(repository: Repository, request: TrainRequest, script: Script) -> GitAnswer:
    match request:
        case AssembleTrain():
            return _assemble(repository, request, script)
        case TakeFormatted():
            car, _, onto = request.commit.partition("+")
            commit = f"{car}{FORMATTED}+{onto}"
            return FormattedTaken(number=request.number, commit=commit, paths=request.paths)
        case PublishTrain():
            raise AssertionError("a PublishTrain changes the branch")
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
            return answer_at_end(repository, request, script)
        case _:
            assert_never(request)


def answer_at_end(repository: Repository, request: EndingRequest, script: Script) -> EndingAnswer:
    """What becomes of the branch; `serve` has moved it already."""
    match request:
        case RollBack():
            return RolledBack(commit="base", ref="refs/salvage")
        case TryLanding():
            tried = LandingTried(number=request.number, onto=repository.into)
            if repository.tip in repository.into:
                return replace(tried, is_in=True)
            commit = f"{repository.into}+{repository.tip}"
            how = script.landing_resolutions if request.reconcile else ()
            return replace(tried, commit=commit, worktree="/worktrees/own", resolutions=how)
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


def end_of_agent(script: Script, story_id: str, attempt: int) -> Outcome:
    """How the agent of this attempt ends."""
    kind = script.agents.get((story_id, attempt), OutcomeKind.NORMAL)
    usage = script.usages.get((story_id, attempt), NO_USAGE)
    return Outcome(kind=kind, detail=kind.value, duration_s=1.0, usage=usage)


def end_of_review(script: Script, command: StartReview) -> AgentEnded:
    """What the reviewer of this attempt says, or how it ends."""
    said = script.reviews.get((command.story_id, command.attempt), "ACCEPT")
    kind = said if isinstance(said, OutcomeKind) else OutcomeKind.NORMAL
    is_answer = said in {"ACCEPT", "REFUSE"}
    answer = f"because\n{command.code} {said}" if is_answer else str(said)
    outcome = Outcome(kind=kind, detail=kind.value, duration_s=1.0)
    return AgentEnded(attempt=command.attempt, outcome=outcome, answer=answer)


def verified(
    script: Script, story_id: str, attempt: int, order: RunVerify, *, interrupted: bool = False
) -> Verified:
    """What the verify commands say about what they were run on."""
    code = 1 if _is_red(script, story_id, attempt, order) else 0
    commands = (order.setup.commands if order.stage == "setup" and order.setup else ()) or (
        order.commands
    )
    runs = tuple(CommandRun(command=name, exit_code=code, duration_s=1.0) for name in commands)
    run = VerifyRun(commit=order.commit, commands=runs, interrupted=interrupted)
    return Verified(attempt=attempt, stage=order.stage, run=run, tail="the tail" if code else "")


def _is_red(script: Script, story_id: str, attempt: int, order: RunVerify) -> bool:
    if order.stage != "merged":
        return (story_id, attempt, order.stage) in script.reds
    if order.stories and script.by_story.intersection(order.commands):
        return True
    heads = heads_in(order.commit)
    return is_red_tree(script, order.commit) or any(
        (name, int(number), "merged") in script.reds
        for name, _, number in (head.partition("@") for head in heads)
    )


def is_red_tree(script: Script, commit: str) -> bool:
    """Say whether a commit is red by what the branch had; a second attempt has mended that."""
    is_mended = any(not head.endswith("@1") for head in heads_in(commit))
    return commit.rpartition("+")[2] in script.red_trees and not is_mended

"""The end of a train: its cars are done, or one is to blame, or something has come between."""

from __future__ import annotations

from .....policies.approval import Point, Word
from .....policies.outcomes.failure import FailureType
from .....policies.outcomes.outcome import VerifyRun
from .....policies.values import replace
from .....workers.messages.git import BranchOpened, GitFailed
from .....workers.messages.train import AssembleTrain, PublishTrain, TakeFormatted, TrainPublished
from ..approvals.waits import merge_work
from ..attempt import hindrance
from ..attempt.loss import Loss
from ..attempt.settle import finish, lose
from ..parts import Mender
from ..records import StoryDone
from ..state import Run, Stage, Story
from ..turn import Turn, git_serves, in_stage
from ..words import AskGit
from . import gate
from .train import Car, Checked, Red, Train, evidence_for, named


def ask(turn: Turn, request: AssembleTrain | TakeFormatted | PublishTrain) -> None:
    """Ask the integrator for a step of the train."""
    if git_serves(turn.prd):  # else it is asked as soon as it does
        turn.do(AskGit(request=request))


def known(turn: Turn, number: int, kind: type) -> Train | None:
    """The train that this answer is for; None: it is late, of one that is no more."""
    train = turn.prd.train
    if train is None or train.number != number or not isinstance(train.asked, kind):
        return None
    return train


def publish(turn: Turn, train: Train, length: int) -> None:
    """Let the PRD's branch show these cars."""
    request = PublishTrain(
        number=train.number,
        commit=train.commit_of(length),
        onto=train.onto,
        stories=train.names(length),
        prd_file=train.cars[length - 1].prd_file,
    )
    turn.prd = replace(turn.prd, train=replace(train, published=length, asked=request))
    for name in request.stories:
        story = turn.prd.story(name)
        if story is not None and story.run is not None:
            turn.run(story, replace(story.run, stage=Stage.PUBLISH))
    ask(turn, request)


def on_published(turn: Turn, answer: TrainPublished) -> None:
    """The PRD's branch shows the cars, or somebody else has moved it: again on top of that."""
    train = known(turn, answer.number, PublishTrain)
    if train is None:
        return
    if answer.moved:
        disband(turn)
        text = f"{turn.prd.branch} was moved by somebody else: merged again on top of that"
        turn.announce("train_dissolved", text)
    else:
        arrive(turn, train, answer)


def on_reopened(turn: Turn, answer: BranchOpened) -> None:
    """Another integrator serves: the answer to a publish may have died with the one before."""
    train = turn.prd.train
    if train is None or not train.published:
        return
    last = train.cars[train.published - 1]
    if dict(answer.merged).get(last.story_id) == last.commit:
        told = TrainPublished(number=train.number, commit=last.commit, head=answer.head)
        arrive(turn, train, told)


def on_failed(turn: Turn, answer: GitFailed) -> None:
    """Git refused to assemble or to publish."""
    kind = AssembleTrain if answer.request == AssembleTrain.__name__ else PublishTrain
    train = known(turn, answer.attempt, kind)
    if train is not None:
        refuse(turn, answer)


def refuse(turn: Turn, answer: GitFailed) -> None:
    """Git failed the train. Each car is tried by itself, for one may be the cause.

    One that was alone has lost its attempt, and where the system is short of something all wait;
    what the agents did is not lost.
    """
    names = turn.prd.train.names() if turn.prd.train is not None else ()
    disband(turn)
    for name in names:
        story = turn.prd.story(name)
        if story is None or story.run is None or not in_stage(story, Stage.GATE):
            continue
        if len(names) == 1 or answer.passes:
            hindrance.on_git_failed(turn, story, story.run, answer)
        else:
            turn.run(story, replace(story.run, rides_alone=True))
    if len(names) > 1 and not answer.passes:
        text = f"git: {answer.message}; its stories are merged one by one"
        turn.announce("train_dissolved", text)


def ask_again(turn: Turn) -> None:
    """Ask a new integrator what the one before did not answer."""
    train = turn.prd.train
    if train is not None and train.asked is not None:
        ask(turn, train.asked)


def disband(turn: Turn) -> None:
    """The train is no more: whoever is left of it waits for the next one."""
    train = turn.prd.train
    for name in () if train is None else train.names(train.published):
        story = turn.prd.story(name)
        if story is not None and story.run is not None and not story.run.incarnation:
            # Its worker died meanwhile: another one goes on at verify.
            finish(turn, story, story.run, "interrupted")
    gate.dissolve(turn)


def arrive(turn: Turn, train: Train, answer: TrainPublished) -> None:
    """The PRD's branch shows the cars of the prefix: their stories are done."""
    length = train.published
    shown = (train.commit_of(length), answer.head)
    turn.prd = replace(turn.prd, train=None, mender=None, shown=shown)
    _remember(turn, train, answer.head)
    names = train.names(length)
    if length > 1:
        text = f"{named(names)} are merged as {train.commit_of(length)[:10]}, verified together"
        turn.announce("train_merged", text)
    for place, car in enumerate(train.cars):
        story = turn.prd.story(car.story_id)
        if story is None or story.run is None:
            continue
        if place < length and in_stage(story, Stage.PUBLISH):
            verified = evidence_for(train, place, length)
            run = _with_evidence(turn, story, story.run, verified)
            others = tuple(name for name in names if name != car.story_id)
            _be_done(turn, story, run, car.commit, evidence_of(story, run, others, car))
        elif in_stage(story, Stage.MERGED):
            gate.wait(turn, story)
    if train.culprit is not None:
        take_out(turn, train, train.culprit)


def _remember(turn: Turn, train: Train, head: str) -> None:
    """What was verified is what stories start from now, and what some have started from."""
    for check in train.checked:
        if check.check.length == train.published and check.run.is_green:
            shown = replace(check.run, commit=head)
            gate.know_base(turn, check.check.story_id, check.check.commands, shown)
    merges = {car.commit for car in train.cars[: train.published]}
    for each in turn.prd.stories:
        if each.rests_on in merges:
            turn.change(replace(each, rests_on=""))


def _with_evidence(turn: Turn, story: Story, run: Run, shown: Checked | None) -> Run:
    merged_run = None if shown is None else shown.run
    return replace(run, base_run=gate.baseline_of(turn.prd, story), merged_run=merged_run)


def _be_done(turn: Turn, story: Story, run: Run, commit: str, evidence: str) -> None:
    record = StoryDone(
        story_id=story.story_id, attempt=run.attempt, commit=commit, evidence=evidence
    )
    story = turn.record(turn.run(story, run), record)
    turn.tell("merged", story, f"merged as {commit[:10]}: {evidence}")
    finish(turn, story, run, "merged")


def take_out(turn: Turn, train: Train, red: Red) -> None:
    """The culprit goes again on top of what was merged, with the failure as its context.

    It pays an attempt only if nobody else was merged since it began.
    """
    story = turn.prd.story(train.cars[red.place].story_id)
    if story is None or story.run is None or not in_stage(story, Stage.GATE):
        return  # it is gone for another reason meanwhile
    checked = red.checked
    run = replace(story.run, base_run=gate.baseline_of(turn.prd, story), merged_run=checked.run)
    began_from = {story.memory.base, turn.prd.shown_as(story.memory.base)}
    has_company = bool(red.place) or train.onto not in began_from
    failure = why_red(checked.run, checked.tail)
    reason = f"green alone, but on top of {turn.prd.branch} {failure}"
    if red.is_doubt:
        reason = f"{_why_doubted(train.cars[red.place])}: {failure}"
    if red.is_branch:
        reason = f"{reason}; {turn.prd.branch} itself is red by that"
        commands = checked.check.commands
        mender = Mender(story_id=story.story_id, onto=train.onto, commands=commands)
        turn.prd = replace(turn.prd, mender=mender)
    loss = Loss(
        type=FailureType.MERGED_VERIFY_FAILED,
        reason=reason,
        context=checked.tail,
        is_fresh=True,
        counts=not has_company,
    )
    lose(turn, story, run, loss)


def _why_doubted(car: Car) -> str:
    paths = named([each.path for each in car.resolutions])
    if paths:
        return f"its conflicts in {paths} resolved themselves, but not well"
    return f"its merge is clean for git alone ({'; '.join(car.doubts[:3])})"


def evidence_of(story: Story, run: Run, others: tuple[str, ...], car: Car) -> str:
    """One line that says why the story counts as done."""
    files = named([f"{each.path} ({each.how})" for each in car.resolutions])
    besides = f"; conflicts resolved by themselves in {files}" if files else ""
    besides += f"; doubted: {'; '.join(car.doubts[:3])}" if car.doubts else ""
    words = story.memory.review.of(story.memory.head).words
    besides += f"; {words}" if words else ""
    said = story.memory.approval
    if said is not None and said.is_about(Point.MERGE, merge_work(story.memory)):
        besides += f"; approved by {said.by}" if said.word is Word.APPROVED else ""
    if run.merged_run is None:
        return f"unverified{besides}"
    before = (
        "red before"
        if run.base_run is not None and not run.base_run.is_green
        else ("green before the work too" if run.base_run is not None else "not known before")
    )
    beside = f" (with {', '.join(others)} on board)" if others else ""
    by = _by(run.merged_run, story.checks)
    return f"verified on the merged tree by {by}{beside}, {before}{besides}"


def _by(run: VerifyRun, checks: tuple[str, ...]) -> str:
    """The commands, those of acceptance criteria as such."""
    usual = tuple(each for each in run.commands if each.command not in checks)
    own = tuple(each for each in run.commands if each.command in checks)
    parts = [commands_of(replace(run, commands=usual))] if usual else []
    if own:
        word = "its criterion" if len(own) == 1 else f"{len(own)} of its criteria"
        parts.append(f"{commands_of(replace(run, commands=own))} of {word}")
    return " and ".join(parts)


def why_red(run: VerifyRun, tail: str) -> str:
    """The command that failed, and the last thing that it said."""
    lines = [line.strip() for line in tail.splitlines() if line.strip()]
    return f"{run.failure}: {lines[-1][:200]}" if lines else run.failure


def commands_of(run: VerifyRun) -> str:
    """The commands of a run, for people."""
    names = ", ".join(f"`{each.command}`" for each in run.commands[:3])
    more = len(run.commands) - 3
    return f"{names} and {more} more" if more > 0 else names

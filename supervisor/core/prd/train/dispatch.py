"""The merge train on its way: formed, assembled, verified, published; and what comes between.

    GATE -> TRIAL -> [BASE] -> MERGED -> PUBLISH -> FINISH
     ^        |                  |
     +--------+------------------+  it is dissolved: a disturbance, or a car that leaves

One train of a PRD is under way at a time; what finishes meanwhile waits for the next one.
"""

from __future__ import annotations

from .....policies.merging.lock_files import advice_on
from .....policies.outcomes.failure import FailureType
from .....policies.values import replace
from .....workers.messages import train as words
from .....workers.messages.git import GitFailed
from .....workers.messages.rules import Strategy
from .....workers.messages.train import (
    AssembleTrain,
    Coupled,
    FormattedTaken,
    TakeFormatted,
    TrainAssembled,
    TrainPublished,
)
from ..attempt.loss import Loss
from ..attempt.settle import lose
from ..candidates import may_begin_beside
from ..memory import StoryState
from ..state import Run, Stage, Story
from ..turn import Turn, in_stage
from . import arrival, formatting, gate, inspection
from .train import Car, Train, ending_at_format, named


def move_on(turn: Turn) -> None:
    """After every event: form a train where none is under way, and let it take its next step."""
    if turn.prd.deadline is not None:
        return
    if turn.prd.train is None:
        _form(turn)
    inspection.advance(turn)
    gate.check_bases(turn)


# --- it forms -----------------------------------------------------------------------------------


def _form(turn: Turn) -> None:
    stories = _passengers(turn)
    if not stories:
        return
    number = turn.prd.trains + 1
    request = AssembleTrain(
        number=number,
        cars=tuple(
            words.Car(
                story_id=story.story_id,
                title=story.title,
                head=story.memory.head,
                base=story.memory.base,
                is_verified=bool(story.verify),
            )
            for story in stories
        ),
        reconcile=turn.prd.merging.reconcile,
        strategy=turn.prd.merging.strategy,
    )
    cars = tuple(Car(story_id=story.story_id, commands=story.verify) for story in stories)
    train = Train(
        number=number,
        cars=cars,
        apart=turn.prd.apart,
        alike=turn.prd.alike,
        checks=turn.prd.merging.checks or (),
        formatters=turn.prd.merging.formatters or (),
        asked=request,
    )
    turn.prd = replace(turn.prd, train=train, trains=number)
    names = train.names()
    for story in stories:
        if story.run is not None:
            beside = tuple(name for name in names if name != story.story_id)
            turn.run(story, replace(story.run, stage=Stage.TRIAL, beside=beside))
    arrival.ask(turn, request)


def _passengers(turn: Turn) -> tuple[Story, ...]:
    """Who goes with the next train: in order of rank, those of one rank as in the document."""
    waiting = [story for story in turn.prd.stories if in_stage(story, Stage.GATE)]
    if not waiting:
        return ()
    ready = [each for each in waiting if not each.rests_on and not _waits_for_mender(turn, each)]
    ready.sort(key=lambda story: story.rank)
    if not ready or (ready[0].run is not None and ready[0].run.rides_alone):
        return tuple(ready[:1])
    together = [each for each in ready if each.run is not None and not each.run.rides_alone]
    return tuple(together[: max(1, turn.prd.merging.cars_max)])


def _waits_for_mender(turn: Turn, story: Story) -> bool:
    """Say whether the branch is red by this story's commands, and somebody is at work at that.

    One that those at work keep from beginning is not waited for: they would wait for each other.
    """
    mender = turn.prd.mender
    if mender is None or story.verify != mender.commands or story.story_id == mender.story_id:
        return False
    other = turn.prd.story(mender.story_id)
    is_at_it = other is not None and (
        other.run is not None
        or (
            other.memory.state is StoryState.PENDING
            and not (other.memory.is_held or turn.prd.is_held or other.lacks or other.is_leaving)
            and may_begin_beside(turn.prd, other, turn.now_s)
        )
    )
    if not is_at_it:
        turn.prd = replace(turn.prd, mender=None)
    return is_at_it


def on_answer(turn: Turn, answer: TrainAssembled | FormattedTaken | TrainPublished) -> None:
    """The integrator has done what the train asked for."""
    match answer:
        case TrainAssembled():
            on_assembled(turn, answer)
        case FormattedTaken():
            formatting.on_taken(turn, answer)
        case _:
            arrival.on_published(turn, answer)


def on_failed(turn: Turn, answer: GitFailed) -> None:
    """Git refused what the train asked for."""
    if answer.request == TakeFormatted.__name__:
        formatting.on_refused(turn, answer)
    else:
        arrival.on_failed(turn, answer)


def on_assembled(turn: Turn, answer: TrainAssembled) -> None:
    """The merges stand where nobody sees them. Who does not fit leaves the train."""
    train = arrival.known(turn, answer.number, AssembleTrain)
    if train is None:
        return
    if turn.prd.mender is not None and turn.prd.mender.onto != answer.onto:
        turn.prd = replace(turn.prd, mender=None)
    coupled = {each.story_id: each for each in answer.cars}
    cars = tuple(
        replace(
            car,
            commit=coupled[car.story_id].commit,
            tree=coupled[car.story_id].tree,
            prd_file=coupled[car.story_id].prd_file,
            resolutions=coupled[car.story_id].resolutions,
            doubts=tuple(str(each) for each in coupled[car.story_id].findings if each.is_blocking),
        )
        for car in train.cars
        if coupled[car.story_id].commit
    )
    train = ending_at_format(replace(train, cars=cars, onto=answer.onto, asked=None))
    turn.prd = replace(turn.prd, train=train if cars else None)
    for each in answer.cars:
        story = turn.prd.story(each.story_id)
        if story is not None and in_stage(story, Stage.TRIAL):
            _couple(turn, story, each, train)
    for each in answer.cars:
        story = turn.prd.story(each.story_id)
        if story is not None and turn.prd.train is not None and in_stage(story, Stage.MERGED):
            _doubt(turn, story, each, turn.prd.train)
    if len(train.cars) > 1 and turn.prd.train is not None:
        text = f"{named(train.names())} go together on top of {answer.onto[:10]}"
        turn.announce("train_assembled", text)


def _couple(turn: Turn, story: Story, coupled: Coupled, train: Train) -> None:
    run = story.run
    if run is None:
        return
    if coupled.commit and story.story_id not in train.names():
        text = "the last car of this train is formatted first: it waits for the next one"
        turn.tell("merge_waits", gate.wait(turn, story), text)
    elif coupled.commit:
        beside = tuple(name for name in train.names() if name != story.story_id)
        story = turn.run(story, replace(run, stage=Stage.MERGED, beside=beside))
        for each in coupled.resolutions:
            text = f"{each.path}: both sides' changes are joined by themselves ({each.how})"
            turn.tell("conflict_resolved", story, text)
    elif coupled.is_unfounded:
        reason = f"what it was built on is not in {turn.prd.branch} any more"
        loss = Loss(type=FailureType.BASE_GONE, reason=reason, is_fresh=True, counts=False)
        lose(turn, story, run, loss)
    elif coupled.is_behind:
        where = ", ".join(str(each) for each in coupled.conflicts[:5])
        who = named(_in_its_way(turn, train, coupled)) or "a story that goes first"
        text = f"it conflicts with {who} in {where}: it waits for the next train"
        turn.tell("merge_waits", gate.wait(turn, story), text)
    else:
        where = ", ".join(str(each) for each in coupled.conflicts[:5])
        reason = f"its merge into {turn.prd.branch} conflicts in {where}"
        advice = advice_on(each.path for each in coupled.conflicts)
        reason = "; ".join((reason, *advice))
        _lose_by_conflict(turn, story, run, reason, (*map(str, coupled.conflicts), *advice))


def _in_its_way(turn: Turn, train: Train, coupled: Coupled) -> tuple[str, ...]:
    """The stories of the train that changed a file in which this one conflicts."""
    paths = {each.path for each in coupled.conflicts}
    stories = [turn.prd.story(name) for name in train.names()]
    return tuple(
        each.story_id for each in stories if each is not None and paths & set(each.memory.files)
    )


def _doubt(turn: Turn, story: Story, coupled: Coupled, train: Train) -> None:
    """Git finds the merge clean, and yet it is probably wrong."""
    run = story.run
    if run is None or not coupled.findings:
        return
    blocking = [each for each in coupled.findings if each.is_blocking]
    if blocking and len(train.cars) > 1:
        # It is verified by itself, and told then: nobody else is to be blamed, or to hide it.
        turn.run(story, replace(run, rides_alone=True))
        gate.dissolve(turn)
        return
    shown = "; ".join(str(each) for each in coupled.findings[:3])
    turn.tell("merge_doubted", story, f"git sees no conflict there, but {shown}")
    if not blocking:
        return
    if turn.prd.merging.strategy is Strategy.FILE or not story.verify:
        where = "; ".join(str(each) for each in blocking[:3])
        reason = f"its merge into {turn.prd.branch} is clean for git alone: {where}"
        _lose_by_conflict(turn, story, run, reason, tuple(str(each) for each in blocking))


def _lose_by_conflict(
    turn: Turn, story: Story, run: Run, reason: str, places: tuple[str, ...]
) -> None:
    """What others merged stands in its way: it goes again on top of that, which costs nothing."""
    may_go_again = turn.prd.merging.fallback
    loss = Loss(
        type=FailureType.MERGE_CONFLICT,
        reason=reason if may_go_again else f"{reason}; without fallback it is not tried again",
        context="\n".join(places),
        is_fresh=True,
        counts=not may_go_again,
        conflict=True,
        is_final=not may_go_again,
    )
    lose(turn, story, run, loss)


def let_go(turn: Turn) -> None:
    """The PRD stops: what is not being published is for a resume."""
    train = turn.prd.train
    if train is not None and not train.published:
        turn.prd = replace(turn.prd, train=None)

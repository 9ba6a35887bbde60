"""A train that is verified: what runs next over which tree, and what came out."""

from __future__ import annotations

from typing import assert_never

from .....policies.values import replace
from .....workers.messages.git import CheckedOut, GitFailed
from .....workers.messages.story import Verified
from ..attempt.settle import finish
from ..state import Stage, Story
from ..turn import Turn
from . import arrival, formatting, gate
from .train import Check, Checked, Green, Learned, Red, Train, decide, format_of, named

_IN_TURN = {Stage.BASE, Stage.MERGED}  # a car goes from the one to the other, and back


def advance(turn: Turn) -> None:
    """Let the train that is assembled take its next step, if nothing of it is under way."""
    train = turn.prd.train
    while train is not None and train.onto and train.asked is None and train.running is None:
        if _waits_for_bases(turn, train):
            return
        formats = format_of(train)
        decision = formats or decide(train, asks_branch=_asks_branch(turn, train))
        match decision:
            case Check():
                train = _with_known(turn, train, decision)
                if train is None:
                    _verify(turn, decision)
                    return
                turn.prd = replace(turn.prd, train=train)
            case Learned():
                train = _learn(turn, train, decision)
            case Green():
                arrival.publish(turn, train, len(train.cars))
                return
            case Red():
                _put_aside(turn, train, decision)
                return
            case _:
                assert_never(decision)


def _waits_for_bases(turn: Turn, train: Train) -> bool:
    """Say whether it is not known yet what the cars' bases were like before the work."""
    cars = [turn.prd.story(name) for name in train.names()]
    is_waiting = any(car is not None and gate.wants_base(turn.prd, car) for car in cars)
    stage = Stage.BASE if is_waiting else Stage.MERGED
    for car in cars:
        run = None if car is None else car.run
        if car is not None and run is not None and {run.stage, stage} == _IN_TURN:
            turn.run(car, replace(run, stage=stage))
    return is_waiting


def _asks_branch(turn: Turn, train: Train) -> bool:
    """Say whether others were merged since the first car began: else the branch is its own base."""
    story = turn.prd.story(train.cars[0].story_id)
    return story is not None and story.memory.base != train.onto


def _with_known(turn: Turn, train: Train, check: Check) -> Train | None:
    """The train with what is known already, also from a train before; None: it has to be run."""
    tree = train.tree_of(check.length)
    if not check.length:
        run = turn.prd.baseline(train.onto, check.commands, check.story_id)
    elif tree and not check.formats:
        run = turn.prd.shown_of(tree, check.commands, check.story_id)
    else:
        run = None
    if run is None:
        return None
    run = replace(run, commit=train.commit_of(check.length))
    return replace(train, checked=(*train.checked, Checked(check=check, run=run)))


def _verify(turn: Turn, check: Check) -> None:
    train = turn.prd.train
    if train is None or turn.prd.gate:
        return  # a base is being looked at: its end is an event, and this is asked again
    story = turn.prd.story(check.story_id or train.cars[0].story_id)
    if story is None or story.run is None:
        raise AssertionError(f"a car of train {train.number} is gone: {check}")
    turn.prd = replace(turn.prd, train=replace(train, running=check))
    gate.enter(turn, story, story.run, train.commit_of(check.length))


def on_checked_out(turn: Turn, story: Story, answer: CheckedOut) -> None:
    """The tree stands in the PRD's worktree: have it verified, unless the train is no more."""
    train = turn.prd.train
    check = _check_of(train, story, answer.commit)
    if train is None or check is None or turn.prd.deadline is not None:
        gate.free(turn, story.story_id)
        return
    stories = () if check.story_id else train.names(check.length)
    turn.prd = replace(turn.prd, train=replace(train, shown_in=answer.worktree))
    stage = "format" if check.formats else "merged"
    gate.order_verify(turn, story, stage, answer, check.commands, stories)


def _check_of(train: Train | None, story: Story, commit: str) -> Check | None:
    """The run that this story's worker is at for the train."""
    check = None if train is None else train.running
    if train is None or check is None or train.commit_of(check.length) != commit:
        return None
    return check if story.story_id == (check.story_id or train.cars[0].story_id) else None


def verified_by(turn: Turn, story: Story, answer: Verified) -> tuple[str, ...]:
    """The cars for which commands were run, where they are several."""
    train = turn.prd.train
    check = _check_of(train, story, answer.run.commit)
    if train is None or check is None or check.story_id:
        return ()
    cars = train.cars[: check.length]
    names = tuple(car.story_id for car in cars if car.commands == check.commands)
    return names if len(names) > 1 else ()


def is_extra(turn: Turn, story: Story, answer: Verified) -> bool:
    """Say whether type checks or formatters were run: alone no story would have needed them."""
    train = turn.prd.train
    check = _check_of(train, story, answer.run.commit)
    if train is None or check is None or answer.stage not in {"merged", "format"}:
        return answer.stage == "format"
    return check.formats or set(check.commands) <= set(train.checks)


def on_verified(turn: Turn, story: Story, answer: Verified) -> None:
    """The verify commands were run on a tree of the train; a red one never becomes visible."""
    gate.free(turn, story.story_id)
    train = turn.prd.train
    check = _check_of(train, story, answer.run.commit)
    if train is None or check is None or story.run is None:
        return  # late: of a train that was dissolved
    if answer.run.interrupted:
        finish(turn, story, story.run, "interrupted")
        return
    if check.formats:
        formatting.on_run(turn, train, story, answer)
        return
    if not answer.run.is_green:
        _tell_red(turn, train, check, answer)
    checked = Checked(check=check, run=answer.run, tail=answer.tail)
    alike = turn.prd.alike
    if answer.run.is_green and not check.story_id:
        alike |= {check.commands}
    train = replace(train, running=None, checked=(*train.checked, checked), alike=alike)
    turn.prd = replace(turn.prd, train=train, alike=alike)
    gate.know_base(turn, check.story_id, check.commands, answer.run)
    tree = train.tree_of(check.length)
    if answer.run.is_green and tree:
        gate.know(turn, tree, check.commands, answer.run, story_id=check.story_id)


def _tell_red(turn: Turn, train: Train, check: Check, answer: Verified) -> None:
    """What people should know of a run that was red, beside what becomes of the stories."""
    reds = [each.check for each in train.checked if not each.run.is_green]
    if set(check.commands) <= set(train.checks):
        if replace(check, length=check.length + 1) in reds:
            # Else a check that cannot even be run would pass for one that found nothing.
            name = train.cars[check.length].story_id
            failure = arrival.why_red(answer.run, answer.tail)
            text = f"{failure}; it is red without {name} as well, so it says nothing of {name}"
            turn.announce("check_ignored", text)
    elif check.length > 1 and all(check.length != each.length for each in reds):
        # Else it is red with one story's variables as well, which is no news.
        who = named(train.names(check.length))
        text = f"{answer.run.failure} with {who} together: it is being found out by whom"
        turn.announce("train_red", text)


def _learn(turn: Turn, train: Train, learned: Learned) -> Train:
    """From now on these commands are run once for each story."""
    apart = turn.prd.apart | {learned.commands}
    train = replace(train, apart=apart)
    turn.prd = replace(turn.prd, apart=apart, train=train)
    runs = (each.run for each in train.checked if each.check.commands == learned.commands)
    name = next((arrival.commands_of(run) for run in runs), "a command")  # as it may be shown
    text = f"{name} depends on the story: it is run for each of them from now on"
    turn.announce("verify_by_story", text)
    return train


def is_shared(turn: Turn, story: Story) -> bool:
    """Say whether this story's worker is at work for others of its train as well."""
    train = turn.prd.train
    check = None if train is None else train.running
    if train is None or check is None or check.length <= 1:
        return False
    return turn.prd.gate == story.story_id == (check.story_id or train.cars[0].story_id)


def part(turn: Turn, why: str) -> None:
    """Nobody knows which car is to blame for the end of a run: each is verified by itself."""
    train = turn.prd.train
    names = () if train is None or train.running is None else train.names(train.running.length)
    gate.dissolve(turn)
    for name in names:
        story = turn.prd.story(name)
        if story is not None and story.run is not None:
            turn.run(story, replace(story.run, rides_alone=True))
    text = f"{why}, with {named(names)} together: each of them is verified by itself"
    turn.announce("train_dissolved", text)


def on_check_out_failed(turn: Turn, story: Story, answer: GitFailed) -> None:
    """The tree that was to be verified could not be checked out."""
    gate.free(turn, story.story_id)
    train = turn.prd.train
    if train is not None and train.running is not None:
        arrival.refuse(turn, answer)


def _put_aside(turn: Turn, train: Train, red: Red) -> None:
    """One car is to blame: those in front of it are shown at once, then it goes again."""
    if red.place and not red.is_doubt:
        arrival.publish(turn, replace(train, culprit=red), red.place)
        return
    arrival.disband(turn)
    arrival.take_out(turn, train, red)

"""Files whose conflicts resolved themselves, formatted as the repository has it, then taken.

    formatters (a worker, in the PRD's worktree) -> TakeFormatted (the integrator) -> verified

Only the last car is formatted, so nothing rests on what it was before. Whatever goes wrong leaves
the car as it is: how a file looks is no reason to send anybody back.
"""

from __future__ import annotations

from .....policies.values import replace
from .....workers.messages.git import GitFailed
from .....workers.messages.story import Verified
from .....workers.messages.train import FormattedTaken, TakeFormatted
from ..state import Story
from ..turn import Turn
from . import arrival, gate
from .train import Train


def on_run(turn: Turn, train: Train, story: Story, answer: Verified) -> None:
    """The formatters are over: have taken what they changed in the files that were resolved."""
    train = replace(train, running=None)
    if not answer.run.is_green:
        failure = arrival.why_red(answer.run, answer.tail)
        _leave_as_it_is(turn, train, f"what was resolved is not formatted: {failure}")
        return
    request = TakeFormatted(
        number=train.number,
        commit=train.commit_of(len(train.cars)),
        worktree=train.shown_in,
        paths=tuple(each.path for each in train.cars[-1].resolutions),
    )
    # The worktree is kept: nobody else's commit may stand there before it is taken.
    turn.prd = replace(turn.prd, train=replace(train, asked=request), gate=story.story_id)
    arrival.ask(turn, request)


def on_taken(turn: Turn, answer: FormattedTaken) -> None:
    """The last car is what the formatters made of it."""
    train = arrival.known(turn, answer.number, TakeFormatted)
    if train is None:
        return
    last = train.cars[-1]
    cars = (*train.cars[:-1], replace(last, commit=answer.commit, tree=""))
    gate.free(turn, turn.prd.gate)
    turn.prd = replace(turn.prd, train=replace(train, cars=cars, asked=None, is_formatted=True))
    story = turn.prd.story(last.story_id)
    if answer.paths and story is not None:
        turn.tell("formatted", story, f"{', '.join(answer.paths)}: formatted after the merge")


def on_refused(turn: Turn, answer: GitFailed) -> None:
    """Git could not take it."""
    train = arrival.known(turn, answer.attempt, TakeFormatted)
    if train is not None:
        gate.free(turn, turn.prd.gate)
        _leave_as_it_is(turn, train, f"what was formatted is not taken: {answer.message}")


def _leave_as_it_is(turn: Turn, train: Train, text: str) -> None:
    turn.prd = replace(turn.prd, train=replace(train, asked=None, is_formatted=True))
    story = turn.prd.story(train.cars[-1].story_id)
    if story is not None:
        turn.tell("format_failed", story, text)

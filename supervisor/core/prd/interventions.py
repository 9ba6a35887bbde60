"""The operator's hand on a PRD that runs: hold, release and retry."""

from __future__ import annotations

from typing import assert_never

from ....policies.scheduling.schedule import blocked
from ....policies.values import replace
from ....workers.messages.pace import PlacesChanged
from ....workers.messages.prd import Happened, Hold, Release, Retry
from ..otp.events import ChildHoldRequested, ChildReleaseRequested
from . import pacing
from .approvals.answers import ask_anew
from .attempt.settle import finish
from .candidates import candidate_of
from .memory import StoryState
from .opening import open_again
from .records import StoryHeld, StoryReleased, StoryReset
from .skipping import skip_blocked, take_back_skips
from .state import Prd, PrdPhase, Stage, Story, worker_of
from .turn import Turn, running
from .words import Say

_NOT_BEGUN = (Stage.LEASE, Stage.RESTART)  # nothing of the attempt lives


def on_order(turn: Turn, order: Hold | Release | Retry | PlacesChanged) -> None:
    """Do what the operator wants, or take root's word for how many stories may run."""
    match order:
        case PlacesChanged():
            pacing.take(turn, order)
        case Hold():
            hold(turn, order.story_id)
        case Release():
            release(turn, order.story_id)
        case Retry():
            retry(turn, order.story_id)
        case _:
            assert_never(order)


def adopt_holds(turn: Turn, held: tuple[str, ...]) -> None:
    """Know what root holds: it was told while no supervisor of this PRD lived, or knows better."""
    hold(turn, "") if "" in held else release(turn, "")
    for story_id in [story.story_id for story in turn.prd.stories]:
        hold(turn, story_id) if story_id in held else release(turn, story_id)


def hold(turn: Turn, story_id: str) -> None:
    """Begin nothing new of a story, or of all; what runs goes on to its decision."""
    if not story_id:
        if not turn.prd.is_held:
            turn.record_hold(is_held=True)
        for each in running(turn.prd):
            _withdraw(turn, each)
        return
    story = turn.prd.story(story_id)
    if story is not None and not story.memory.is_held:
        _withdraw(turn, turn.record(story, StoryHeld(story_id=story_id)))


def release(turn: Turn, story_id: str) -> None:
    """Let go on what was held, at once."""
    if not story_id:
        if turn.prd.is_held:
            turn.record_hold(is_held=False)
            for each in turn.prd.stories:
                _let_go_on(turn, each)
        return
    story = turn.prd.story(story_id)
    if story is not None and story.memory.is_held:
        _let_go_on(turn, turn.record(story, StoryReleased(story_id=story_id)))


def _withdraw(turn: Turn, story: Story) -> None:
    """Take back an attempt that has not begun; a worker that is at work does not come back."""
    if story.run is not None and story.run.stage in _NOT_BEGUN:
        finish(turn, story, story.run, "interrupted")
    turn.supervise(ChildHoldRequested(child_id=worker_of(story.story_id)))


def _let_go_on(turn: Turn, story: Story) -> None:
    if not (story.memory.is_held or turn.prd.is_held):  # one hold may stand behind the other
        turn.supervise(ChildReleaseRequested(child_id=worker_of(story.story_id)))
        _wake(turn, story)


def _wake(turn: Turn, story: Story) -> Story:
    """End a story's backoff, be it the schedule's or its worker's."""
    story = turn.change(replace(story, not_before_s=0.0))
    if story.run is not None and story.run.stage is Stage.RESTART:
        finish(turn, story, story.run, "interrupted")
    return story


def retry(turn: Turn, story_id: str) -> None:
    """Give a story, or all, a new start. A PRD that ends is not turned back: root asks again."""
    prd = turn.prd
    if prd.phase in {PrdPhase.ENDING, PrdPhase.ENDED}:
        return
    names = retried_with(prd, story_id)
    for name in names:
        story = turn.prd.story(name)
        if story is not None:
            story = turn.record(story, StoryReset(story_id=name))
            turn.tell("retried", _wake(turn, story), "it gets a new start")
    if prd.limits.fail_fast:
        take_back_skips(turn)  # they were skipped for whoever failed
    skip_blocked(turn)  # what needs another story that failed stays skipped
    is_anew = not story_id and ask_anew(turn)
    asked = prd.story(story_id)
    if asked is not None and asked.memory.state is StoryState.PENDING:
        turn.tell("retried", _wake(turn, asked), "it waits no longer")
    elif story_id not in names:
        text = "it is asked anew whether it is complete" if is_anew else ""
        text = text or f"{len(names)} stories get a new start"
        turn.do(Say(word=Happened(event="retried", story_id=story_id, attempt=0, text=text)))
    if (names or is_anew) and prd.is_winding_up:
        open_again(turn)  # its worktrees are being tidied away


def retried_with(prd: Prd, story_id: str) -> tuple[str, ...]:
    """The stories that a retry gives a new start: with one, those that were skipped for it."""
    again = [
        story
        for story in prd.stories
        if story.memory.state in {StoryState.FAILED, StoryState.SKIPPED}
        and not story.memory.is_unwanted
    ]
    if not story_id:
        return tuple(story.story_id for story in again)
    if story_id not in {story.story_id for story in again}:
        return ()
    skipped = [each for each in again if each.memory.state is StoryState.SKIPPED]
    because = {name for name, _ in blocked([candidate_of(each) for each in skipped], (story_id,))}
    return tuple(s.story_id for s in again if s.story_id == story_id or s.story_id in because)

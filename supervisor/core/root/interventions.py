"""The operator's hand at root: stop, restart, hold, release and retry of single PRDs."""

from __future__ import annotations

from ....policies.supervising.shutdown import Deadline
from ....policies.values import replace
from ....workers.messages.prd import Hold, PlanChanged, PrdEnded, Release, Retry
from ..otp.events import ChildStopRequested
from .records import Held, PrdAccepted, PrdSettled, PrdState, Released, RetryGiven, RetryOrdered
from .state import Entry
from .turn import RootTurn
from .words import HoldAsked, PassOn, ReleaseAsked, RetryAsked


def stop(turn: RootTurn, prd_id: str, deadline: Deadline) -> None:
    """End one PRD; only its name starts it again."""
    entry = turn.root.entry(prd_id)
    if entry is None:
        return
    if turn.runs(entry):
        turn.put(replace(entry, is_stopping=True))
        turn.supervise(ChildStopRequested(child_id=prd_id, deadline=deadline))
    elif entry.state is PrdState.QUEUED:
        turn.record(PrdSettled(prd_id=prd_id, state=PrdState.STOPPED, by_operator=True))


def restart(turn: RootTurn, prd_id: str, deadline: Deadline) -> None:
    """End a PRD's supervisor and start it again: a wish, so no restart that counts (OTP)."""
    entry = turn.root.entry(prd_id)
    if entry is None or not turn.runs(entry) or entry.is_stopping:
        return
    turn.put(replace(entry, is_restarting=True))
    turn.tell("prd_restart_asked", prd_id, "its supervisor ends gracefully and is started again")
    turn.supervise(ChildStopRequested(child_id=prd_id, deadline=deadline))


def comes_back_by_wish(turn: RootTurn, entry: Entry) -> bool:
    """Say whether a supervisor that has just ended is to be started anew."""
    went_down = entry.outcome is None or entry.outcome.state == PrdState.STOPPED.value
    return (
        entry.is_restarting and not entry.is_stopping and went_down and turn.root.deadline is None
    )


def hold(turn: RootTurn, event: HoldAsked) -> None:
    """Hold a story or a PRD; the record is what holds, a supervisor that runs is told of it."""
    if (event.prd_id, event.story_id) in turn.root.holds:
        return
    turn.record(Held(prd_id=event.prd_id, story_id=event.story_id))
    turn.tell("held", event.prd_id, "nothing new of it begins", story_id=event.story_id)
    turn.do(PassOn(prd_id=event.prd_id, order=Hold(story_id=event.story_id)))


def release(turn: RootTurn, event: ReleaseAsked) -> None:
    """Let go on what was held."""
    if (event.prd_id, event.story_id) not in turn.root.holds:
        return
    turn.record(Released(prd_id=event.prd_id, story_id=event.story_id))
    turn.tell("released", event.prd_id, "it goes on", story_id=event.story_id)
    turn.do(PassOn(prd_id=event.prd_id, order=Release(story_id=event.story_id)))


def retry(turn: RootTurn, event: RetryAsked) -> None:
    """Have a story tried anew; it is asked for again until its PRD's supervisor has done it."""
    entry = turn.root.entry(event.prd_id)
    if entry is None:
        return
    if entry.state is PrdState.QUEUED:
        turn.note(event.prd_id, "retry_asked", event.story_id or "all that failed or was skipped")
        turn.record(_with_retries(entry, (event.story_id,)))
    else:
        turn.record(RetryOrdered(prd_id=event.prd_id, story_id=event.story_id))
        turn.do(PassOn(prd_id=event.prd_id, order=Retry(story_id=event.story_id)))


def change_plan(turn: RootTurn, prd_id: str) -> None:
    """Have a PRD's supervisor take its new plan; one that starts later finds it by itself."""
    entry = turn.root.entry(prd_id)
    if entry is None:
        return
    if turn.runs(entry):
        turn.put(replace(entry, has_new_plan=True))
        turn.do(PassOn(prd_id=prd_id, order=PlanChanged()))
    elif entry.state in {PrdState.COMPLETED, PrdState.FAILED}:  # it has ended just now
        _accept_for_plan(turn, entry)


def has_spoken(turn: RootTurn, prd_id: str, word: PrdEnded) -> None:
    """A PRD's supervisor has said how the PRD ended; that holds once it is gone."""
    entry = turn.root.entry(prd_id)
    if entry is not None:
        turn.put(replace(entry, outcome=word))


def has_taken_plan(turn: RootTurn, prd_id: str) -> None:
    """A PRD's supervisor goes by its new plan."""
    entry = turn.root.entry(prd_id)
    if entry is not None:
        turn.put(replace(entry, has_new_plan=False))


def ask_again(turn: RootTurn, prd_id: str) -> None:
    """A PRD's supervisor serves, perhaps again: what its predecessor missed."""
    entry = turn.root.entry(prd_id)
    if entry is not None and entry.has_new_plan:
        turn.do(PassOn(prd_id=prd_id, order=PlanChanged()))
    for story_id in entry.retries if entry is not None else ():
        turn.do(PassOn(prd_id=prd_id, order=Retry(story_id=story_id)))


def has_retried(turn: RootTurn, prd_id: str, story_id: str) -> None:
    """A PRD's supervisor has done what was asked for."""
    entry = turn.root.entry(prd_id)
    if entry is not None and story_id in entry.retries:
        turn.record(RetryGiven(prd_id=prd_id, story_id=story_id))


def accept_again(turn: RootTurn, prd_id: str) -> None:
    """A PRD that ended before it heard of a retry or of a new plan is run once more."""
    entry = turn.root.entry(prd_id)
    if entry is None or turn.root.deadline is not None:
        return
    if entry.retries:
        turn.record(_with_retries(entry, entry.retries))
    elif (entry.has_new_plan and entry.state is not PrdState.STOPPED) or (
        entry.is_renewed and entry.state is PrdState.STOPPED
    ):
        _accept_for_plan(turn, entry)


def _accept_for_plan(turn: RootTurn, entry: Entry) -> None:
    if turn.root.deadline is None:
        turn.record(replace(entry.accepted, retry=False, retry_stories=()))


def _with_retries(entry: Entry, story_ids: tuple[str, ...]) -> PrdAccepted:
    old = entry.accepted
    is_still_due = entry.state is PrdState.QUEUED  # what it was accepted for has not begun
    return replace(
        old,
        retry="" in story_ids or (is_still_due and old.retry),
        retry_stories=(
            *(old.retry_stories if is_still_due else ()),
            *(name for name in story_ids if name),
        ),
    )

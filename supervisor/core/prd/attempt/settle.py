"""How an attempt is settled: its worker is let go, and the story is tried again or given up."""

from __future__ import annotations

from .....policies.counting import counted
from .....policies.outcomes.failure import FailureType
from .....policies.outcomes.setbacks import DOWNS_MAX, Course, pause_s
from .....policies.supervising.backoff import delay_s, jitter_of
from .....policies.supervising.shutdown import deadline_from, sooner
from .....policies.supervising.spec import Backoff, Cause, Tally
from .....policies.values import replace
from .....workers.messages.agents import Choice
from .....workers.messages.prd import Limits
from ...otp.events import ChildStopRequested
from ..agents.choices import left_without
from ..memory import StoryState
from ..records import AttemptLost, StoryGivenUp
from ..skipping import skip, skip_blocked
from ..state import Prd, Run, Stage, Story, worker_of
from ..train import gate
from ..turn import Turn
from ..words import AttemptResult, FinishWorker
from .hints import Fate, hints_of, what_follows
from .loss import Loss

_COUNTED = {
    Cause.ORDINARY: "failed attempt",
    Cause.MEMORY: "memory kill",
    Cause.HANG: "hang",
}
_RED = frozenset({FailureType.VERIFY_FAILED.value, FailureType.MERGED_VERIFY_FAILED.value})
RERUNS_MAX = 20  # of a story, for what others merged; then they count: nothing goes for ever
STOPS_FREE = 3  # of a story of a service, in a row: nobody is asked before it goes on
FINISH_GRACE_S = 10.0  # a worker writes the result and ends: it has nothing else to do


def lose(
    turn: Turn, story: Story, run: Run, loss: Loss, *, grace_s: float = FINISH_GRACE_S
) -> None:
    """The attempt came to nothing: note why, let the worker go."""
    if run.kept_out:
        names = ", ".join(run.kept_out)
        text = f"{loss.reason} (kept out of every commit: {names})"
        loss = replace(loss, reason=text)
    finish(turn, note_loss(turn, story, loss), run, "failed", grace_s=grace_s)


def note_loss(turn: Turn, story: Story, loss: Loss) -> Story:
    """Journal a lost attempt; give the story up if that was its last, else let it back off."""
    loss = _bounded(turn.prd, story, loss)
    fate = _fate_of(turn, story, loss)
    record = AttemptLost(
        story_id=story.story_id,
        attempt=story.memory.attempt,
        reason=loss.reason,
        context=loss.context,
        is_fresh=loss.is_fresh,
        counts=loss.counts,
        keeps_claim=loss.keeps_claim,
        cause=loss.cause,
        conflict=loss.conflict,
        base_was_red=gate.base_is_red(turn.prd, story),
        type=loss.type.value,
        hints=_hints(turn, story, loss, fate),
        course=loss.course,
        choice=_choice_of(story),
        bars=loss.bars,
        ends_conversation=loss.ends_conversation,
        wait_s=0.0 if fate.is_over else fate.wait_s,
    )
    story = turn.record(story, record)
    turn.tell(_event_of(loss), story, loss.reason, story.memory.lost)
    if loss.is_final:
        return quarantine(turn, story, loss.reason)
    if fate.is_over:
        return give_up(turn, story, loss.cause)
    return _wait(turn, story, fate.wait_s) if fate.wait_s else story


def _bounded(prd: Prd, story: Story, loss: Loss) -> Loss:
    """Nothing goes on for ever, nor in a conversation that has not led anywhere twice."""
    if not loss.counts and loss.is_fresh and story.memory.reruns >= RERUNS_MAX:
        loss = replace(loss, counts=True)
    if loss.type is FailureType.TREE_DOWN and story.memory.downs >= DOWNS_MAX:
        reason = f"{loss.reason}, {counted(story.memory.downs + 1, 'time')} in a row"
        loss = replace(loss, reason=reason, counts=True, keeps_claim=False)
    is_stop = loss.type is FailureType.STOPPED and not (loss.counts or loss.keeps_claim)
    if is_stop and prd.is_service and story.memory.stops >= STOPS_FREE:
        reason = f"{loss.reason}, {counted(story.memory.stops + 1, 'time')} in a row"
        reason += ": does its agent stop prd-supervise?"
        loss = replace(loss, reason=reason, counts=True)
    if loss.counts and story.run is not None and story.run.is_resumed:
        loss = replace(loss, ends_conversation=True)
    return loss


def _fate_of(turn: Turn, story: Story, loss: Loss) -> Fate:
    """How it goes on with the story after this loss."""
    memory, limits = story.memory, turn.prd.limits
    if loss.is_final:
        return Fate(is_over=True)
    if turn.prd.deadline is not None and not loss.counts:
        return Fate(goes_on_later=True)
    if loss.counts:
        losses, most = memory.losses.plus(loss.cause), caps(limits)
        left = most.of(loss.cause) - losses.of(loss.cause)
        wait_s = _pause_s(turn, story, losses.of(loss.cause))
        return Fate(is_over=losses.reaches(most), left=left, wait_s=wait_s)
    if loss.bars:
        return Fate(next_agent=_next_agent(story))
    if loss.course is not None:
        times = 1 + (memory.limited if loss.course is Course.LIMIT else memory.passed)
        backoff = _backoff(limits)
        wait_s = pause_s(loss.course, times, backoff, _jitter(turn, story))
        return Fate(wait_s=wait_s, is_barred=loss.course in {Course.LIMIT, Course.CLOSE})
    return Fate(wait_s=limits.backoff_cap_s if loss.waits else 0.0)


def _next_agent(story: Story) -> str:
    left = left_without(story, (_choice_of(story),))
    return left[0].agent if left else ""


def _choice_of(story: Story) -> Choice:
    """Who works on the story, or did so last."""
    return story.memory.choice if story.run is None else story.run.choice


def _hints(turn: Turn, story: Story, loss: Loss, fate: Fate) -> tuple[str, ...]:
    prd_id, story_id, agent = turn.prd.prd_id, story.story_id, _choice_of(story).agent
    hints = hints_of(loss.type, prd_id=prd_id, story_id=story_id, agent=agent)
    return (*hints, what_follows(fate, prd_id=prd_id, story_id=story_id))


def _event_of(loss: Loss) -> str:
    if loss.counts:
        return "attempt_failed"
    return "goes_again" if loss.is_fresh else "attempt_stopped"


def back_off(turn: Turn, story: Story, times: int) -> Story:
    """Let the story wait, longer from time to time; a retry or a release ends that at once."""
    return _wait(turn, story, _pause_s(turn, story, times))


def _pause_s(turn: Turn, story: Story, times: int) -> float:
    return delay_s(times, _backoff(turn.prd.limits), _jitter(turn, story))


def _backoff(limits: Limits) -> Backoff:
    return Backoff(base_s=limits.backoff_base_s, cap_s=limits.backoff_cap_s)


def _jitter(turn: Turn, story: Story) -> float:
    return jitter_of(turn.prd.workers.seed, story.story_id, story.memory.attempt)


def _wait(turn: Turn, story: Story, wait_s: float) -> Story:
    turn.wake_at(turn.now_s + wait_s)
    return turn.change(replace(story, not_before_s=turn.now_s + wait_s))


def caps(limits: Limits) -> Tally:
    """How many attempts a story may lose, by cause."""
    return Tally(
        ordinary=limits.max_attempts, memory=limits.max_memory_kills, hang=limits.max_hangs
    )


def give_up(turn: Turn, story: Story, cause: Cause) -> Story:
    """Quarantine a story, and skip what can no longer start without it."""
    tries = story.memory.losses.of(cause)
    reason = f"given up after {counted(tries, _COUNTED[cause])}; the last: {story.memory.reason}"
    lost = story.memory.lost
    if story.memory.base_is_red and lost is not None and lost.type in _RED:
        reason += "; red before any work, too: what is not the story's own to mend there (at "
        reason += f"{story.memory.base[:10]}), mend in {turn.prd.branch}, then retry"
    return quarantine(turn, story, reason)


def quarantine(turn: Turn, story: Story, reason: str, why: FailureType | None = None) -> Story:
    """Give a story up for this reason; `why` where that is not what its last attempt met."""
    record = StoryGivenUp(story_id=story.story_id, reason=reason)
    if why is not None:
        prd_id, story_id = turn.prd.prd_id, story.story_id
        over = what_follows(Fate(is_over=True), prd_id=prd_id, story_id=story_id)
        hints = (*hints_of(why, prd_id=prd_id, story_id=story_id), over)
        record = replace(record, type=why.value, hints=hints)
    story = turn.record(story, record)
    turn.tell("story_failed", story, reason, story.memory.lost)
    skip_blocked(turn)
    return story


def fail_fast(turn: Turn) -> None:
    """Where the PRD wants that, let nothing more begin once a story of it has failed."""
    if not turn.prd.limits.fail_fast:
        return
    failed = [s.story_id for s in turn.prd.stories if s.memory.state is StoryState.FAILED]
    for story in turn.prd.stories if failed else ():
        is_waiting = story.run is None or story.run.stage is Stage.LEASE
        if story.memory.state is StoryState.PENDING and is_waiting:
            if story.run is not None:
                finish(turn, story, story.run, "interrupted")
            reason = f"not begun: {failed[0]} failed, and the PRD is to fail fast"
            rest = turn.prd.story(story.story_id) or story
            skip(turn, rest, reason, FailureType.FAIL_FAST, failed[0])


def went_down_with(prd: Prd) -> str:
    """Why an attempt is lost whose worker its supervisor stopped for another one's sake."""
    return f"stopped with its group: the worker of {prd.fell} died"


def finish(
    turn: Turn, story: Story, run: Run, result: str, *, grace_s: float = FINISH_GRACE_S
) -> None:
    """All is decided for this attempt: its worker writes the result and ends."""
    gate.leave(turn, story)
    story = turn.prd.story(story.story_id) or story
    memory = story.memory
    report = AttemptResult(
        prd_id=turn.prd.prd_id,
        story_id=story.story_id,
        attempt=run.attempt,
        result=result,
        reason=memory.reason,
        base=memory.base,
        head=memory.head,
        commit=memory.commit,
        evidence=memory.evidence,
        files=memory.files,
        tampering=memory.tampering,
        base_run=run.base_run,
        story_run=run.story_run,
        merged_run=run.merged_run,
        failure=None if memory.is_open else memory.lost,
        remarks=memory.remarks,
        review=memory.review if memory.review.head == memory.head != "" else None,
    )
    if run.has_lease or run.stage in {Stage.LEASE, Stage.GATHER, Stage.REVIEW}:
        turn.return_lease(story, run)
    worker = turn.prd.workers.child(worker_of(story.story_id))
    if worker is None:  # nothing of it lives or waits
        turn.run(story, None)
        return
    turn.run(story, replace(run, stage=Stage.FINISH, has_lease=False, asked=()))
    if worker.is_alive:
        turn.do(FinishWorker(story_id=story.story_id, result=report))
    # One that hangs must not keep its place; one that died would come back for nothing.
    deadline = sooner(turn.prd.deadline, deadline_from(turn.now_s, grace_s))
    turn.supervise(ChildStopRequested(child_id=worker.child_id, deadline=deadline))

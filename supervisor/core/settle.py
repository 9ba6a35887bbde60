"""How an attempt is settled: its worker is let go, and the story is tried again or given up."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...policies.backoff import delay_s, jitter_of
from ...policies.schedule import Candidate, blocked
from ...policies.shutdown import deadline_from, sooner
from ...policies.spec import Backoff
from . import gate
from .events import ChildStopRequested
from .prd_state import Prd, Run, Stage, Story, worker_of
from .prd_words import AttemptResult, FinishWorker
from .records import AttemptLost, StoryGivenUp, StorySkipped, StoryState
from .turn import Turn

FINISH_GRACE_S = 10.0  # a worker writes the result and ends: it has nothing else to do


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Why an attempt came to nothing, and what follows for the next one (as in AttemptLost)."""

    reason: str
    context: str = ""
    is_fresh: bool = False
    counts: bool = True
    keeps_claim: bool = False


def lose(turn: Turn, story: Story, run: Run, loss: Loss) -> None:
    """The attempt came to nothing: note why, let the worker go."""
    finish(turn, note_loss(turn, story, loss), run, "failed")


def note_loss(turn: Turn, story: Story, loss: Loss) -> Story:
    """Journal a lost attempt; give the story up if that was its last, else let it back off."""
    record = AttemptLost(
        story_id=story.story_id,
        attempt=story.memory.attempt,
        reason=loss.reason,
        context=loss.context,
        is_fresh=loss.is_fresh,
        counts=loss.counts,
        keeps_claim=loss.keeps_claim,
    )
    story = turn.record(story, record)
    turn.tell("attempt_failed" if loss.counts else "attempt_stopped", story, loss.reason)
    if story.memory.failures >= turn.prd.limits.max_attempts:
        return give_up(turn, story)
    if not loss.counts:
        return story
    limits = turn.prd.limits
    wait_s = delay_s(
        story.memory.failures,
        Backoff(base_s=limits.backoff_base_s, cap_s=limits.backoff_cap_s),
        jitter_of(turn.prd.supervisor.seed, story.story_id, story.memory.attempt),
    )
    turn.wake_at(turn.now_s + wait_s)
    return turn.change(replace(story, not_before_s=turn.now_s + wait_s))


def give_up(turn: Turn, story: Story) -> Story:
    """Quarantine a story, and skip what can no longer start without it."""
    tries = story.memory.failures
    reason = f"given up after {tries} attempt(s); the last: {story.memory.reason}"
    story = turn.record(story, StoryGivenUp(story_id=story.story_id, reason=reason))
    turn.tell("story_failed", story, reason)
    skip_blocked(turn)
    return story


def skip_blocked(turn: Turn) -> None:
    """Skip the stories that need one that failed or is skipped."""
    hopeless = (StoryState.FAILED, StoryState.SKIPPED)
    failed = [each.story_id for each in turn.prd.stories if each.memory.state in hopeless]
    for story_id, cause in blocked(undecided(turn.prd), failed):
        story = turn.prd.story(story_id)
        if story is not None and story.run is None:
            reason = f"needs {cause}, which is not done"
            story = turn.record(story, StorySkipped(story_id=story_id, reason=reason))
            turn.tell("story_skipped", story, reason)


def undecided(prd: Prd) -> tuple[Candidate, ...]:
    """The stories that could still start, as the schedule sees them."""
    return tuple(
        Candidate(
            story_id=story.story_id,
            depends_on=story.depends_on,
            rank=story.rank,
            not_before_s=story.not_before_s,
        )
        for story in prd.stories
        if story.memory.state is StoryState.PENDING and story.run is None
    )


def finish(turn: Turn, story: Story, run: Run, result: str) -> None:
    """All is decided for this attempt: its worker writes the result and ends."""
    gate.release(turn, story)
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
    )
    if run.has_lease or run.stage in {Stage.LEASE, Stage.GATHER}:
        turn.return_lease(story, run)
    worker = turn.prd.supervisor.child(worker_of(story.story_id))
    if worker is None:  # nothing of it lives or waits
        turn.run(story, None)
        return
    turn.run(story, replace(run, stage=Stage.FINISH, has_lease=False, asked=()))
    if worker.is_alive:
        turn.do(FinishWorker(story_id=story.story_id, result=report))
    # One that hangs must not keep its place; one that died would come back for nothing.
    deadline = sooner(turn.prd.deadline, deadline_from(turn.now_s, FINISH_GRACE_S))
    turn.supervise(ChildStopRequested(child_id=worker.child_id, deadline=deadline))

"""How an attempt is settled: its worker is let go, and the story is tried again or given up."""

from __future__ import annotations

from msgspec import Struct

from ....policies.backoff import delay_s, jitter_of
from ....policies.counting import counted
from ....policies.schedule import blocked
from ....policies.shutdown import deadline_from, sooner
from ....policies.spec import Backoff, Cause, Tally
from ....policies.values import replace
from ....workers.messages.prd import Limits
from ..otp.events import ChildStopRequested
from .candidates import candidate_of, undecided
from .memory import StoryState
from .records import AttemptLost, StoryGivenUp, StoryReset, StorySkipped
from .state import Prd, Run, Stage, Story, worker_of
from .train import gate
from .turn import Turn
from .words import AttemptResult, FinishWorker

_COUNTED = {
    Cause.ORDINARY: "failed attempt",
    Cause.MEMORY: "memory kill",
    Cause.HANG: "hang",
}
RERUNS_MAX = 20  # of a story, for what others merged; then they count: nothing goes for ever
FINISH_GRACE_S = 10.0  # a worker writes the result and ends: it has nothing else to do


class Loss(Struct, frozen=True, kw_only=True):
    """Why an attempt came to nothing, and what follows for the next one (as in AttemptLost)."""

    reason: str
    context: str = ""
    is_fresh: bool = False
    counts: bool = True
    keeps_claim: bool = False
    waits: bool = False  # although it does not count: it would be in the way again
    cause: Cause = Cause.ORDINARY
    conflict: bool = False
    is_final: bool = False  # the story is given up for it at once


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
    if not loss.counts and loss.is_fresh and story.memory.reruns >= RERUNS_MAX:
        loss = replace(loss, counts=True)
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
    )
    story = turn.record(story, record)
    turn.tell(_event_of(loss), story, loss.reason)
    if loss.is_final:
        return _quarantine(turn, story, loss.reason)
    if loss.counts and story.memory.losses.reaches(caps(turn.prd.limits)):
        return give_up(turn, story, loss.cause)
    if loss.counts:
        return back_off(turn, story, story.memory.losses.of(loss.cause))
    return _wait(turn, story, turn.prd.limits.backoff_cap_s) if loss.waits else story


def _event_of(loss: Loss) -> str:
    if loss.counts:
        return "attempt_failed"
    return "goes_again" if loss.is_fresh else "attempt_stopped"


def back_off(turn: Turn, story: Story, times: int) -> Story:
    """Let the story wait, longer from time to time; a retry or a release ends that at once."""
    limits = turn.prd.limits
    wait_s = delay_s(
        times,
        Backoff(base_s=limits.backoff_base_s, cap_s=limits.backoff_cap_s),
        jitter_of(turn.prd.workers.seed, story.story_id, story.memory.attempt),
    )
    return _wait(turn, story, wait_s)


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
    if story.memory.base_is_red:
        reason += "; red before any work, too: what is not the story's own to mend there (at "
        reason += f"{story.memory.base[:10]}), mend in {turn.prd.branch}, then retry"
    return _quarantine(turn, story, reason)


def _quarantine(turn: Turn, story: Story, reason: str) -> Story:
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


def take_back_skips(turn: Turn) -> None:
    """Let the stories go on that were skipped for one that may be done after all."""
    stories = turn.prd.stories
    skipped = [s for s in stories if s.memory.state is StoryState.SKIPPED]
    wanted = [story for story in skipped if not story.memory.is_unwanted]
    failed = [s.story_id for s in stories if s.memory.state is StoryState.FAILED]
    if failed and turn.prd.limits.fail_fast:
        return
    failed += [story.story_id for story in skipped if story.memory.is_unwanted]
    hopeless = {name for name, _ in blocked([candidate_of(each) for each in wanted], failed)}
    for story in wanted:
        if story.story_id not in hopeless:
            text = "what it was skipped for no longer stands in its way"
            turn.tell("reopened", turn.record(story, StoryReset(story_id=story.story_id)), text)


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
            record = StorySkipped(story_id=story.story_id, reason=reason)
            story = turn.record(turn.prd.story(story.story_id) or story, record)  # noqa: PLW2901
            turn.tell("story_skipped", story, reason)


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
    )
    if run.has_lease or run.stage in {Stage.LEASE, Stage.GATHER}:
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

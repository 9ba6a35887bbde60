"""The first half of an attempt: lease, worker and worktree, agent.

LEASE -> GATHER -> AGENT -> (agent_end)
(SETUP, before the agent, where the worktree is new or its lock files have changed)
RESTART <- its worker died; from there to GATHER again
"""

from __future__ import annotations

from .....policies.outcomes.failure import FailureType
from .....policies.supervising.shutdown import WORKER_ENDED
from .....policies.supervising.spec import Cause, ChildKind, ChildSpec, Restart, Tally
from .....policies.values import replace
from .....workers.messages.git import Prepare, Prepared
from .....workers.messages.prd import LeaseReturned, Limits
from .....workers.messages.setup import Setup
from .....workers.messages.story import RunVerify, Verified
from ...otp.events import ChildStartRequested
from .. import growth
from ..agents import outside, review
from ..agents.choices import choice_for, session_for
from ..costs import budget
from ..records import AttemptBegun, WorktreeReady
from ..state import REVIEW_LEASE, Prd, Run, Stage, Story, lease_of, worker_of
from ..train import gate, voided
from ..train.arrival import why_red
from ..turn import Turn
from ..words import AssignWorker, Say, StartAgent, StartReview, StartVerify
from . import evidence, slots
from .loss import Loss
from .settle import caps, lose


def begin(turn: Turn, story: Story) -> None:
    """Begin what the story needs next: a new attempt, or the rest of one whose agent is over."""
    story = turn.change(replace(story, hindrance=""))
    memory = story.memory
    if memory.is_claimed:  # its evidence is what is missing: no agent, so no lease
        run = Run(stage=Stage.GATHER, attempt=memory.attempt)
        start_worker(turn, turn.run(story, run))
        return
    story = voided.rest(turn, story)
    run = Run(stage=Stage.LEASE, attempt=memory.attempt + 1)
    turn.want_lease(turn.run(story, run), run.attempt)


def on_lease(turn: Turn, lease: str, agent: str) -> None:
    """The lease came: for an attempt that waits for it, or too late."""
    if lease.startswith(REVIEW_LEASE):
        review.on_lease(turn, lease)
        return
    story = turn.prd.story(lease.rpartition("#")[0])
    run = None if story is None else story.run
    if story is None or run is None or lease != lease_of(story.story_id, run.attempt):
        turn.do(Say(word=LeaseReturned(lease=lease)))
        return
    if run.has_lease:
        return  # the answer to an earlier question: a hold took that back, a release asked again
    if run.stage not in {Stage.LEASE, Stage.GATHER}:
        turn.return_lease(story, run)
        return
    story = turn.run(story, replace(run, has_lease=True, choice=choice_for(story, agent)))
    if run.stage is Stage.LEASE:
        start_worker(turn, story)
    else:
        assign(turn, story)


def start_worker(turn: Turn, story: Story) -> None:
    """Start the story's worker; its supervisor answers with the spawn that `on_spawn` sees."""
    spec = ChildSpec(
        child_id=worker_of(story.story_id),
        kind=ChildKind.STORY,
        restart=Restart(turn.prd.limits.restart),
        dynamic=True,
        restarts_max=_restarts_left(turn.prd.limits, story.memory.losses),
        margin=WORKER_ENDED,
    )
    turn.supervise(ChildStartRequested(spec=spec))
    on_spawn(turn, story)


def _restarts_left(limits: Limits, losses: Tally) -> Tally:
    """How often the worker may come back by itself: its last attempt is followed by none."""
    most = caps(limits)
    left = {cause.value: max(0, most.of(cause) - losses.of(cause) - 1) for cause in Cause}
    return Tally(**left)


def on_spawn(turn: Turn, story: Story) -> None:
    """A worker comes up, for the first time or again: journal the intent, get the worktree."""
    memory = story.memory
    slot = slots.slot_for(turn, story)
    attempt = memory.attempt if memory.is_claimed else memory.attempt + 1
    was_kept, is_claimed, base = memory.is_kept, memory.is_claimed, memory.base
    lease = story.run is not None and story.run.has_lease
    choice = story.run.choice if story.run is not None else memory.choice
    if not is_claimed:
        record = AttemptBegun(story_id=story.story_id, attempt=attempt, slot=slot)
        story = turn.record(story, record)
        turn.tell("attempt_started", story, f"attempt {attempt} begins")
    # No agent, so no lease; but for root to keep it apart from stories of other PRDs.
    needs_lease = not is_claimed or bool(story.mutex)
    if needs_lease and not lease:
        turn.want_lease(story, attempt, needs_agent=not is_claimed)
    request = Prepare(
        story_id=story.story_id,
        title=story.title,
        attempt=attempt,
        slot=slot,
        base=base,
        leaves_base=memory.leaves_base,
        onto=story.rests_on,
        keeps_leftovers=not was_kept,
        looks_anew=not outside.beside(turn.prd, story),
    )
    run = Run(
        stage=Stage.GATHER, attempt=attempt, has_lease=lease or not needs_lease, choice=choice
    )
    turn.ask_git(story, run, request)


def on_worker_ready(turn: Turn, story: Story, incarnation: int) -> None:
    """The worker serves its pipe. In a later stage it comes back with nothing left to do."""
    story = turn.change(replace(story, refusals=0))
    if story.run is not None and story.run.stage is Stage.GATHER:
        run = replace(story.run, incarnation=incarnation, worker_is_ready=True)
        assign(turn, turn.run(story, run))


def on_prepared(turn: Turn, story: Story, run: Run, answer: Prepared) -> None:
    """The worktree is ready; without the base of the work that is claimed, the claim is void."""
    if story.memory.is_claimed and answer.base != story.memory.base:
        reason = "what it was built on was not merged, or is not in the branch any more"
        loss = Loss(type=FailureType.BASE_GONE, reason=reason, is_fresh=True, counts=False)
        lose(turn, story, run, loss)
        return
    record = WorktreeReady(
        story_id=story.story_id, attempt=run.attempt, base=answer.base, worktree=answer.worktree
    )
    story = turn.record(story, record)
    slots.on_prepared(turn, story)
    has_work = answer.head != answer.base
    run = replace(run, is_prepared=True, setup=answer.setup, has_work=has_work)
    assign(turn, turn.run(story, run))


def assign(turn: Turn, story: Story) -> None:
    """Once worker, worktree and lease are there: run the agent, or go on at its evidence."""
    run, memory = story.run, story.memory
    if run is None or run.stage is not Stage.GATHER:
        return
    if not (run.worker_is_ready and run.is_prepared and run.has_lease):
        return
    turn.do(
        AssignWorker(
            story_id=story.story_id,
            attempt=run.attempt,
            base=memory.base,
            worktree=memory.worktree,
            is_last_chance=memory.losses.memory + 1 >= turn.prd.limits.max_memory_kills,
        )
    )
    if memory.is_claimed:
        turn.return_lease(story, run)  # root knows by now that it is at work
        evidence.verify(turn, story, replace(run, has_lease=False))
    elif run.setup is not None:
        _set_up(turn, story, run, run.setup)
    else:
        _start_agent(turn, story, run)


def _set_up(turn: Turn, story: Story, run: Run, setup: Setup) -> None:
    """Have the worker run what the worktree needs, before the agent sees it."""
    memory = story.memory
    order = RunVerify(
        stage="setup",
        commit=memory.base,
        cwd=memory.worktree,
        commands=(),
        timeout_s=setup.timeout_s,
        setup=setup,
    )
    turn.do(StartVerify(story_id=story.story_id, order=order))
    turn.run(story, replace(run, stage=Stage.SETUP))


def on_set_up(turn: Turn, story: Story, run: Run, answer: Verified) -> None:
    """The setup is over: the agent begins, unless it failed."""
    if answer.run.interrupted:
        lose(turn, story, run, Loss(type=FailureType.STOPPED, reason="stopped", counts=False))
    elif answer.run.is_green:
        turn.tell("set_up", story, f"the worktree {story.memory.worktree} is set up")
        _start_agent(turn, story, replace(run, setup=None))
    else:
        reason = why_red(answer.run, answer.tail)
        loss = Loss(type=FailureType.SETUP_FAILED, reason=reason, context=answer.tail)
        lose(turn, story, run, loss)


def _start_agent(turn: Turn, story: Story, run: Run) -> None:
    if budget.refuses(turn, story, run):
        return
    memory, choice = story.memory, run.choice
    session = session_for(story, choice, turn.prd.resuming)
    turn.do(
        StartAgent(
            story_id=story.story_id,
            attempt=run.attempt,
            reason=memory.reason,
            context=memory.context,
            earlier=growth.earlier_work(memory, has_work=run.has_work),
            conflict=growth.warning(turn.prd, memory),
            ended=memory.lost.message if memory.lost is not None else "",
            choice=choice,
            session=session,
            is_short=memory.is_short,
        )
    )
    run = replace(run, stage=Stage.AGENT, is_resumed=bool(session))
    gate.want_base(turn, turn.run(story, run))


def awaits_agent(prd: Prd, command: StartAgent | StartReview) -> bool:
    """Say whether the attempt still stands where this command was meant for it."""
    story = prd.story(command.story_id)
    stage = Stage.AGENT if isinstance(command, StartAgent) else Stage.REVIEW
    return (
        story is not None
        and story.run is not None
        and story.run.stage is stage
        and story.run.attempt == command.attempt
    )

"""The PRD supervisor: which story runs, what becomes of it, and when the PRD is over."""

from __future__ import annotations

from ....policies.supervising.shutdown import GIT_ENDED, sooner
from ....policies.supervising.spec import ChildKind, ChildSpec, Restart
from ....policies.values import replace
from ....workers.messages.approval import Answer
from ....workers.messages.budget import BudgetReleased, RunSpent
from ....workers.messages.gate import AgentsClosed
from ....workers.messages.git import OpenBranch
from ....workers.messages.landing import LANDING_LEASE
from ....workers.messages.prd import EndAttempt, Happened, LimitStoryCpu, StoryElsewhere
from ..common import Noticed, StorageChanged
from ..otp.commands import Answered, ChildStarted, Notice, SupervisorEnded, SupervisorStarted
from ..otp.events import ChildStartRequested, Fact
from ..otp.facts import fact_of
from . import ending, git_answers, growth, interventions, needs, replan
from .agents import shut
from .approvals import answers, asking
from .attempt import attempt, ceiling, slots, worker_answers, worker_notices
from .attempt.settle import fail_fast
from .candidates import startable
from .costs import budget
from .landing import lander, landing
from .landing.landing_state import LANDER, LANDING_NAME
from .opening import open_branch_of, open_if_due
from .pacing import tell_root
from .state import GIT, Prd, PrdPhase, story_of
from .train import arrival, dispatch, voided
from .turn import Turn, is_admitting, places, running
from .words import (
    AskGit,
    Begun,
    GitSaid,
    LeaseArrived,
    PlanRead,
    PrdCommand,
    PrdEvent,
    PrdStopRequested,
    RootSaid,
    Say,
    Woken,
    WorkerRefused,
    WorkerSaid,
)


def step(prd: Prd, event: PrdEvent, now_s: float) -> tuple[Prd, list[PrdCommand]]:
    """Answer one event: the PRD as it is next, and what is to be done."""
    turn = Turn(prd, now_s)
    _on_event(turn, event)
    _draw_conclusions(turn)
    _move_on(turn)
    _draw_conclusions(turn)
    shut.note(turn)
    needs.note_waiting(turn)
    tell_root(turn, prd)
    if turn.prd.phase is PrdPhase.ENDED and prd.phase is not PrdPhase.ENDED:
        ending.take_leave(turn)  # the last words: nothing that comes after them is heard
    return turn.prd, turn.commands


def _on_event(turn: Turn, event: PrdEvent) -> None:
    match event:
        case Begun():
            _on_begun(turn, event)
        case WorkerSaid():
            worker_answers.on_said(turn, event)
        case GitSaid():
            git_answers.on_answer(turn, event.answer, event.tampering)
        case LeaseArrived():
            _on_lease(turn, event)
        case PrdStopRequested():
            _on_stop(turn, event)
        case Woken():
            pass  # what has become possible is looked at after every event
        case StorageChanged():
            turn.prd = replace(turn.prd, storage_is_full=event.is_full)
            name, text = event.told  # no record of it: there is no room
            turn.do(Say(word=Happened(event=name, story_id="", attempt=0, text=text)))
        case RootSaid():
            _on_root_said(turn, event)
        case PlanRead():
            replan.on_plan(turn, event)
        case _:
            _on_child(turn, event)


def _on_lease(turn: Turn, event: LeaseArrived) -> None:
    if event.lease == LANDING_LEASE:
        landing.on_turn(turn)
    else:
        attempt.on_lease(turn, event.lease, event.agent)


def _on_child(turn: Turn, event: WorkerRefused | Noticed | Fact) -> None:
    match event:
        case WorkerRefused() if event.story_id == LANDER:
            lander.on_refused(turn, event)
        case WorkerRefused():
            worker_notices.on_refused(turn, event)
        case Noticed():
            _on_noticed(turn, event)
        case _:
            turn.supervise(event)


def _on_root_said(turn: Turn, event: RootSaid) -> None:
    match event.order:
        case StoryElsewhere():
            needs.hear(turn, event.order)
        case AgentsClosed():
            shut.take(turn, event.order)
        case BudgetReleased():
            budget.release(turn, event.order)
        case RunSpent():
            budget.hear_run(turn, event.order)
        case Answer():
            answers.take(turn, event.order)
        case EndAttempt() | LimitStoryCpu() if event.order.story_id == LANDING_NAME:
            lander.obey(turn, event.order)
        case EndAttempt():
            ceiling.end_attempt(turn, event.order)
        case LimitStoryCpu():
            ceiling.limit_cpu(turn, event.order)
        case _:
            interventions.on_order(turn, event.order)


def _on_noticed(turn: Turn, event: Noticed) -> None:
    story = turn.prd.story(story_of(event.child_id))
    if story is not None:
        turn.tell(event.event, story, event.text)
    else:
        turn.note(event.child_id, event.event, event.text)
        text = f"{event.child_id}: {event.text}" if event.child_id else event.text
        turn.do(Say(word=Happened(event=event.event, story_id="", attempt=0, text=text)))


def _on_begun(turn: Turn, event: Begun) -> None:
    interventions.adopt_holds(turn, event.held)
    turn.prd = replace(turn.prd, opening=open_branch_of(turn.prd))
    for story in turn.prd.stories:
        if story.not_before_s > turn.now_s:  # it backed off before its supervisor began
            turn.wake_at(story.not_before_s)
    spec = ChildSpec(child_id=GIT, kind=ChildKind.GIT, restart=Restart.PERMANENT, margin=GIT_ENDED)
    turn.supervise(ChildStartRequested(spec=spec))


def _on_stop(turn: Turn, event: PrdStopRequested) -> None:
    phase = PrdPhase.STOPPING if turn.prd.phase is not PrdPhase.ENDED else PrdPhase.ENDED
    deadline = sooner(turn.prd.deadline, event.deadline)
    turn.prd = replace(turn.prd, phase=phase, deadline=deadline)
    turn.stop_children(deadline)


def _draw_conclusions(turn: Turn) -> None:
    while turn.notices or turn.spawned:
        if turn.notices:
            _on_notice(turn, turn.notices.pop(0))
        else:
            worker_notices.on_respawn(turn, turn.spawned.pop(0))


def _on_notice(turn: Turn, notice: Notice) -> None:
    if isinstance(notice, SupervisorEnded):
        _on_ended(turn)
        return
    if isinstance(notice, SupervisorStarted | Answered):
        return  # nothing is asked that would be answered so
    event, text = fact_of(notice)
    turn.note(notice.child_id, event, text)
    if notice.child_id == LANDER:
        landing.on_notice(turn, notice)
    elif notice.child_id != GIT:
        worker_notices.on_notice(turn, notice)
    elif isinstance(notice, ChildStarted):
        _ask_git_again(turn)


def _ask_git_again(turn: Turn) -> None:
    """The integrator is there, perhaps again: it needs the branch, and what is not answered."""
    turn.do(AskGit(request=open_branch_of(turn.prd)))
    if turn.prd.taking is not None:
        turn.do(AskGit(request=turn.prd.taking))
    if turn.prd.opening is not None and not isinstance(turn.prd.opening, OpenBranch):
        turn.do(AskGit(request=turn.prd.opening))
    arrival.ask_again(turn)
    for story in running(turn.prd):
        for request in story.run.asked if story.run is not None else ():
            turn.do(AskGit(request=request))


def _on_ended(turn: Turn) -> None:
    """No child lives any more, so nobody will say what became of what is still under way."""
    stories = tuple(replace(story, run=None) for story in turn.prd.stories)
    turn.prd = replace(
        turn.prd, phase=PrdPhase.ENDED, stories=stories, train=None, gate="", base_queue=()
    )


def _move_on(turn: Turn) -> None:
    """After every event: start what may start, let go what must stop, close what is over."""
    prd = turn.prd
    if prd.phase is PrdPhase.ENDED:
        return
    if prd.is_burnt_out and prd.deadline is None:
        # Too many restarts: the children are being ended, and so are their attempts.
        burnt = prd.supervisor if prd.supervisor.burnt_out else prd.workers
        turn.prd = replace(prd, phase=PrdPhase.STOPPING, deadline=burnt.deadline)
    replan.take_over(turn)
    if turn.prd.deadline is not None:
        ending.let_go(turn)
        return
    open_if_due(turn)
    lander.drive(turn)
    needs.weigh(turn)
    shut.weigh(turn)
    budget.weigh(turn)
    dispatch.move_on(turn)
    voided.tidy(turn)
    if is_admitting(turn.prd):
        asking.weigh(turn)
        fail_fast(turn)
        _start_ready(turn)
        ending.close_if_decided(turn)
        budget.end_if_spent(turn)
    growth.look_if_due(turn)


def _start_ready(turn: Turn) -> None:
    free = min(places(turn.prd), slots.room(turn))
    for story_id in startable(turn.prd, turn.now_s)[:free] if free else ():
        story = turn.prd.story(story_id)
        if story is not None:
            attempt.begin(turn, story)

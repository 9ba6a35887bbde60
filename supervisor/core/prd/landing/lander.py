"""The worker of a landing: it runs what no story's worker could, and its death is no story's."""

from __future__ import annotations

import shlex

from .....policies.supervising.backoff import delay_s, jitter_of
from .....policies.supervising.shutdown import WORKER_ENDED
from .....policies.supervising.spec import (
    Backoff,
    ChildKind,
    ChildSpec,
    ExitClass,
    ExitReason,
    Restart,
)
from .....policies.values import replace
from .....workers.messages.prd import EndAttempt, LimitStoryCpu
from .....workers.messages.story import EndAgent, Finish, LimitCpu, RunVerify
from ...otp.events import ChildExited, ChildStartRequested
from ..memory import StoryState
from ..state import Prd
from ..turn import Turn
from ..words import AssignLander, OrderLander, WorkerRefused
from .landing_state import LANDER, Landing, LandingStage

DEATHS_MAX = 3
REFUSALS_MAX = 20
_WITH_WORKER = frozenset({LandingStage.VERIFY, LandingStage.PUSH})
_OF_STORY = "PRD_SUPERVISE_STORY_"


def work(turn: Turn, landing: Landing) -> None:
    """Give the worker its order; where there is none yet, `drive` starts one."""
    turn.prd = replace(turn.prd, landing=landing)
    if landing.incarnation:
        _order(turn, landing)


def _order(turn: Turn, landing: Landing) -> None:
    prd = turn.prd
    is_push = landing.stage is LandingStage.PUSH
    order = RunVerify(
        stage=landing.stage.value,
        commit=landing.commit,
        cwd=landing.folder,
        commands=(landing.command,) if is_push else commands_of(prd, landing),
        timeout_s=prd.merging.push_timeout_s if is_push else prd.limits.verify_timeout_s,
    )
    turn.do(OrderLander(order=order))


def drive(turn: Turn) -> None:
    """Start a worker where one is wanted and may be started."""
    landing = turn.prd.landing
    if landing is None or landing.stage not in _WITH_WORKER:
        return
    if landing.not_before_s <= turn.now_s and turn.prd.workers.child(LANDER) is None:
        spec = ChildSpec(
            child_id=LANDER,
            kind=ChildKind.STORY,
            restart=Restart.TEMPORARY,
            dynamic=True,
            margin=WORKER_ENDED,
        )
        turn.supervise(ChildStartRequested(spec=spec))


def on_started(turn: Turn, landing: Landing, incarnation: int) -> None:
    """It serves: tell it where it works, and what it is for."""
    if landing.stage not in _WITH_WORKER:
        return  # it was started for a landing that was given up, and is being ended
    landing = replace(landing, incarnation=incarnation)
    turn.prd = replace(turn.prd, landing=landing)
    assign = AssignLander(folder=landing.folder, base=landing.onto, attempt=landing.attempt)
    turn.do(assign)
    _order(turn, landing)


def finish(turn: Turn, landing: Landing) -> None:
    """It has nothing else to do: let it end by itself, sooner than by its deadline."""
    worker = turn.prd.workers.child(LANDER)
    if landing.incarnation and worker is not None and worker.is_alive:
        turn.do(OrderLander(order=Finish(result="")))


def obey(turn: Turn, order: EndAttempt | LimitStoryCpu) -> None:
    """It is over a ceiling of root's: what it runs ends, and has failed; or gets less time."""
    landing = turn.prd.landing
    if landing is None or not landing.incarnation or landing.attempt != order.attempt:
        return  # late
    if isinstance(order, LimitStoryCpu):
        turn.do(OrderLander(order=LimitCpu(share=order.share, nice=order.nice)))
        return
    turn.note(LANDER, "ceiling", f"{order.kind.value}: {order.detail}")
    end = EndAgent(kind=order.kind, detail=order.detail, at_once=order.at_once)
    turn.do(OrderLander(order=end))


def on_refused(turn: Turn, event: WorkerRefused) -> None:
    """Something of an earlier landing lives (D6): wait until it is gone."""
    child = turn.prd.workers.child(LANDER)
    if child is None or child.incarnation != event.incarnation:
        return  # late
    never_begun = ExitReason(exit_class=ExitClass.SHUTDOWN, detail=event.text)
    turn.supervise(ChildExited(child_id=LANDER, incarnation=event.incarnation, reason=never_begun))


def on_gone(turn: Turn, landing: Landing, reason: ExitReason) -> str:
    """Start another one in a while; or say why that has been tried often enough."""
    if landing.stage not in _WITH_WORKER:
        turn.prd = replace(turn.prd, landing=replace(landing, incarnation=0))
        return ""
    is_refusal = reason.exit_class is ExitClass.SHUTDOWN
    deaths = landing.deaths + 1
    if deaths > (REFUSALS_MAX if is_refusal else DEATHS_MAX):
        what = "pushed" if landing.stage is LandingStage.PUSH else "landed"
        return f"not {what}: its worker ended {deaths} times: {reason.detail}"
    limits = turn.prd.limits
    backoff = Backoff(base_s=limits.backoff_base_s, cap_s=limits.backoff_cap_s)
    wait_s = delay_s(deaths, backoff, jitter_of(turn.prd.workers.seed, LANDER, deaths))
    landing = replace(landing, deaths=deaths, incarnation=0, not_before_s=turn.now_s + wait_s)
    turn.prd = replace(turn.prd, landing=landing)
    turn.wake_at(landing.not_before_s)
    return ""


def commands_of(prd: Prd, landing: Landing) -> tuple[str, ...]:
    """What shows that the merged tree is good: the commands of all stories, each once.

    One that asks for its story's name is run once for each story, and told it. Type checks follow
    where conflicts were resolved.
    """
    found: dict[str, None] = {}
    for story in prd.stories:
        if story.memory.state is StoryState.DONE:
            for command in story.verify:
                named = f"export {_OF_STORY}ID={shlex.quote(story.story_id)} "
                named += f"{_OF_STORY}TITLE={shlex.quote(story.title)}; {command}"
                found[named if _OF_STORY in command else command] = None
    if landing.resolved:
        found |= dict.fromkeys(prd.merging.checks or ())
    return tuple(found)

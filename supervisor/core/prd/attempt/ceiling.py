"""What root's ceilings demand of an attempt: its end, or a smaller share of the processor."""

from __future__ import annotations

from .....policies.outcomes.failure import type_of
from .....policies.outcomes.outcome import cause_of
from .....policies.values import replace
from .....workers.messages.prd import EndAttempt, LimitStoryCpu
from .....workers.messages.story import EndAgent, LimitCpu
from ..state import Run, Stage, Story, worker_of
from ..train import inspection
from ..turn import Turn
from ..words import TellWorker
from .loss import Loss
from .settle import FINISH_GRACE_S, lose

AT_ONCE_S = 2.0  # the worker still has a result to write
_JUDGED = frozenset({Stage.SETUP, Stage.VERIFY, Stage.GATE, Stage.BASE, Stage.TRIAL, Stage.MERGED})


def end_attempt(turn: Turn, order: EndAttempt) -> None:
    """End an attempt that is over a ceiling: its agent, or what judges its work."""
    found = _attempt(turn, order)
    if found is None:
        return
    story, run = found
    turn.note(worker_of(story.story_id), "ceiling", f"{order.kind.value}: {order.detail}")
    loss = Loss(type=type_of(order.kind), reason=order.detail, cause=cause_of(order.kind))
    if run.stage is Stage.AGENT or run.reviewing.is_at_work:
        is_for_others = order.is_for_others
        turn.run(
            story,
            replace(run, demand=order.detail, demanded=order.kind, is_for_others=is_for_others),
        )
        end = EndAgent(kind=order.kind, detail=order.detail, at_once=order.at_once)
        turn.do(TellWorker(story_id=story.story_id, order=end))
    elif run.stage is Stage.COMMIT and run.loss is None:  # its work is kept first
        turn.run(story, replace(run, loss=loss, is_for_others=order.is_for_others))
    elif inspection.is_shared(turn, story):
        inspection.part(turn, order.detail)
    elif run.stage in _JUDGED:
        grace_s = AT_ONCE_S if order.at_once else FINISH_GRACE_S
        loss = replace(loss, counts=not order.is_for_others, waits=order.is_for_others)
        lose(turn, story, run, loss, grace_s=grace_s)


def limit_cpu(turn: Turn, order: LimitStoryCpu) -> None:
    """Pass on how much of the processor the attempt may have."""
    found = _attempt(turn, order)
    if found is not None and found[1].incarnation:
        limit = LimitCpu(share=order.share, nice=order.nice)
        turn.do(TellWorker(story_id=found[0].story_id, order=limit))


def _attempt(turn: Turn, order: EndAttempt | LimitStoryCpu) -> tuple[Story, Run] | None:
    """The attempt that is meant, unless it is over: then the order is late."""
    story = turn.prd.story(order.story_id)
    if story is None or story.run is None or story.run.attempt != order.attempt:
        return None
    return story, story.run

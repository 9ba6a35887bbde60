"""What becomes of a PRD when its supervisor starts, dies, comes back or ends."""

from __future__ import annotations

from typing import assert_never

from ....policies.scheduling import admission
from ....policies.supervising.spec import ExitClass, ExitReason
from ....policies.values import replace
from ..common import Noted
from ..otp.commands import (
    ChildEnded,
    ChildGivenUp,
    ChildHeld,
    ChildNotice,
    ChildRestarting,
    ChildStarted,
    ChildUndead,
)
from ..otp.facts import fact_of
from . import approvals, gate, interventions, overlaps, pacing
from .needs import without
from .records import PrdSettled, PrdState
from .state import Entry, Root
from .turn import RootTurn

_RESTARTING, _DIED = "prd_restarting", "its supervisor died"


def is_restart(note: Noted) -> bool:
    """Say whether this tells of a restart that counts: of a group only one has died."""
    return note.event == _RESTARTING and note.text.startswith(_DIED)


def on_notice(turn: RootTurn, notice: ChildNotice) -> bool:
    """Draw a PRD's conclusion; say whether it is to be started anew, because somebody asked."""
    prd_id = notice.child_id
    if not isinstance(notice, ChildStarted | ChildUndead):
        turn.root = replace(turn.root, meetings=overlaps.without(turn.root.meetings, prd_id))
        turn.lease(admission.holder_died(turn.root.leases, prd_id))
        turn.land(admission.holder_died(turn.root.landings, prd_id))
        turn.root = replace(turn.root, needs=without(turn.root.needs, prd_id))
    match notice:
        case ChildStarted():
            turn.note(prd_id, *fact_of(notice))
            interventions.ask_again(turn, prd_id)
            approvals.ask_again(turn, prd_id)
            gate.tell_one(turn, prd_id)
        case ChildRestarting():
            _on_restarting(turn, notice)
        case ChildGivenUp():
            _give_up(turn, notice)
        case ChildEnded():
            return _on_ended(turn, prd_id, notice.reason)
        case ChildHeld():
            turn.note(prd_id, *fact_of(notice))
        case ChildUndead():
            event, text = fact_of(notice)
            turn.tell(event, prd_id, text)
        case _:
            assert_never(notice)
    return False


def _on_restarting(turn: RootTurn, notice: ChildRestarting) -> None:
    entry = turn.root.entry(notice.child_id)
    if entry is not None:
        turn.put(replace(entry, outcome=None))  # what it said before is of the dead one
    text = f"{_DIED} ({notice.reason.detail}), again in {notice.delay_s:.1f} s"
    if notice.reason.exit_class is ExitClass.SHUTDOWN:
        text = "its supervisor goes down with its group, and comes back with it"
    turn.tell(_RESTARTING, notice.child_id, text)


def _on_ended(turn: RootTurn, prd_id: str, reason: ExitReason) -> bool:
    entry = turn.root.entry(prd_id)
    if entry is None:
        return False
    if interventions.comes_back_by_wish(turn, entry):
        turn.note(prd_id, "ended", f"to be started anew: {reason.detail}")
        return True
    _settle(turn, entry, reason)
    interventions.accept_again(turn, prd_id)
    return False


def _settle(turn: RootTurn, entry: Entry, reason: ExitReason) -> None:
    turn.root = replace(turn.root, pacing=pacing.without(turn.root.pacing, entry.prd_id))
    state = PrdState.STOPPED
    reasons: tuple[str, ...] = (f"its supervisor ended: {reason.detail}",)
    if entry.outcome is not None and reason.exit_class is not ExitClass.ABNORMAL:
        state, reasons = PrdState(entry.outcome.state), entry.outcome.reasons
    if state is PrdState.STOPPED:
        reasons = (*why_stopped(turn.root), *reasons)
    turn.record(
        PrdSettled(prd_id=entry.prd_id, state=state, reasons=reasons, by_operator=entry.is_stopping)
    )
    turn.tell(f"prd_{state.value}", entry.prd_id, "; ".join(reasons[:3]))


def why_stopped(root: Root) -> tuple[str, ...]:
    """Whose failure ended the run, if one did."""
    if not root.failed_fast:
        return ()
    return (f"stopped because {root.failed_fast} failed, and the run is to fail fast",)


def _give_up(turn: RootTurn, notice: ChildGivenUp) -> None:
    turn.root = replace(turn.root, pacing=pacing.without(turn.root.pacing, notice.child_id))
    text = f"its supervisor died too often; the last time: {notice.reason.detail}"
    settled = PrdSettled(prd_id=notice.child_id, state=PrdState.FAILED, reasons=(text,))
    turn.record(settled)
    turn.tell("prd_failed", notice.child_id, text)

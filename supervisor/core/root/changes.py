"""What changes around the tree: the host, the configuration, the disk, the clock, what is left."""

from __future__ import annotations

from typing import assert_never

from ....policies.values import replace
from ..common import StorageChanged
from . import forgetting, gate, pacing
from .turn import RootTurn
from .words import (
    AdmissionChanged,
    Announce,
    BoundsChanged,
    ClockSeen,
    HostSeen,
    PrdsOutlived,
    ScopesRead,
)


def on_change(
    turn: RootTurn,
    event: BoundsChanged
    | AdmissionChanged
    | HostSeen
    | ScopesRead
    | PrdsOutlived
    | ClockSeen
    | StorageChanged,
) -> None:
    """Go by what has changed."""
    root = turn.root
    match event:
        case ScopesRead():
            turn.root = replace(root, meetings=replace(root.meetings, table=event.table))
            turn.lease(root.leases)
        case HostSeen():
            seen = replace(root.pacing, host=event.figures)
            turn.set_paces(pacing.decided(seen, circumstances(turn)))
        case BoundsChanged():
            _change_bounds(turn, event)
        case AdmissionChanged():
            refusal = "" if event.is_admitting else (event.why or "the host is short of something")
            turn.root = replace(turn.root, refusal=refusal)
            turn.lease(turn.root.leases)  # who waited meanwhile
        case PrdsOutlived():
            forgetting.forget(turn, event)
        case ClockSeen():
            gate.on_clock(turn, event)
        case StorageChanged():
            turn.root = replace(turn.root, storage_is_full=event.is_full)
            name, text = event.told  # no record of it: there is no room
            turn.do(Announce(event=name, prd_id="", text=text))
        case _:
            assert_never(event)


def _change_bounds(turn: RootTurn, event: BoundsChanged) -> None:
    turn.root = replace(
        turn.root,
        max_prds=event.max_prds,
        grace_s=event.grace_s,
        fail_fast=event.fail_fast,
        pacing=replace(turn.root.pacing, rules=event.pace),
    )
    gate.take_rules(turn, event.gates)
    turn.lease(replace(turn.root.leases, limit=event.api_limit))


def circumstances(turn: RootTurn) -> pacing.Circumstances:
    """What else there is at this moment, for who decides how many stories may run."""
    root = turn.root
    return pacing.Circumstances(leases=root.leases, shortage=root.refusal, now_s=turn.now_s)

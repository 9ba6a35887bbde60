"""One gate for the limits of an account: what one run meets holds for all, in every PRD."""

from __future__ import annotations

from typing import assert_never

from ....policies.accounts import parking
from ....policies.accounts.gate_rules import GateRules
from ....policies.accounts.parking import WHYS, Gate, Refusal, Standing
from ....policies.accounts.words import because, standing_text, strain_text
from ....policies.moments import moment_text
from ....policies.supervising.shutdown import deadline_from
from ....policies.values import replace
from ....workers.messages.gate import (
    AgentAnswered,
    AgentRefused,
    AgentsClosed,
    AgentStrained,
)
from . import elsewhere, interventions
from .gates import agents_of, closed_agents, next_look_s, still_closed, with_gate
from .needs import waiting_for_agents
from .records import AccountOpened, AccountShut
from .state import Root
from .turn import RootTurn
from .words import AgentReleaseAsked, Announce, ClockSeen, PassOn, WatchClock

REASON_MAX = 300  # characters of what an agent said, in a record


def on_word(
    turn: RootTurn, prd_id: str, word: AgentRefused | AgentStrained | AgentAnswered
) -> None:
    """Hear how a run of an agent fares with its account."""
    gate, at_s = turn.root.gates.gate(word.agent), _wall_s(turn)
    match word:
        case AgentAnswered():
            _change(turn, parking.answered(gate))
        case AgentStrained():
            _change(turn, parking.strained(gate, word.utilization, word.until_s, at_s=at_s))
        case AgentRefused():
            refusal = Refusal(
                agent=turn.root.gates.rules.named(word.agent),
                kind=word.kind,
                reason=word.reason[:REASON_MAX],
                story=f"{prd_id}/{word.story_id}",
                until_s=word.until_s,
            )
            seed = turn.root.gates.seed
            _change(turn, parking.refused(gate, refusal, at_s=at_s, seed=seed))
        case _:
            assert_never(word)


def on_clock(turn: RootTurn, event: ClockSeen) -> None:
    """The wall clock was looked at: what is due by it is tried."""
    gates = replace(turn.root.gates, epoch_s=event.at_s - turn.now_s, zone_s=event.zone_s)
    # Whatever it was that the shell waited for: it is asked again if there is something left.
    turn.root = replace(turn.root, gates=replace(gates, watched_s=None))
    for gate in tuple(gates.accounts.values()):
        _change(turn, parking.looked_at(gate, event.at_s))
    if turn.root.leases.waiting:
        turn.lease(turn.root.leases)  # its turn may have come


def release(turn: RootTurn, event: AgentReleaseAsked) -> None:
    """Somebody says that an agent can be started: one start shows it."""
    gates = turn.root.gates
    if event.agent:
        asked = [gates.gate(event.agent)]
    else:
        asked = [gate for gate in gates.accounts.values() if gate.standing is Standing.CLOSED]
    _release(turn, asked)


def take_rules(turn: RootTurn, rules: GateRules) -> None:
    """Go by these bounds; an agent that is set up otherwise now may have been mended by that."""
    old = turn.root.gates.rules
    mended = [
        gate
        for gate in turn.root.gates.accounts.values()
        if gate.standing is Standing.CLOSED
        and any(old.bounds(each).mark != rules.bounds(each).mark for each in agents_of(rules, gate))
    ]
    turn.root = replace(turn.root, gates=replace(turn.root.gates, rules=rules))
    _release(turn, mended)
    if old.mark != rules.mark and old.mark:
        _begin_anew_who_waits(turn)


def _begin_anew_who_waits(turn: RootTurn) -> None:
    """A PRD that waits for agents alone may have others now; nothing of it is at work."""
    for prd_id in tuple(turn.root.needs.agents):
        interventions.restart(turn, prd_id, deadline_from(turn.now_s, turn.root.grace_s))


def _release(turn: RootTurn, gates: list[Gate]) -> None:
    at_s = _wall_s(turn)
    for gate in gates:
        after = parking.released(gate, at_s)
        if gate.is_shut:
            turn.record(AccountShut(gate=after))  # or a crash before the trial's end forgot it
        _change(turn, parking.looked_at(after, at_s))
    if gates:
        turn.lease(turn.root.leases)


def tell_all(turn: RootTurn, before: Root) -> None:
    """At the end of a step: what PRDs have to know, and when to look at the clock."""
    tell_closed(turn)
    gates = turn.root.gates
    if gates is before.gates and turn.root.leases is before.leases:
        return
    look_s = next_look_s(gates, turn.root.leases)
    if look_s != gates.watched_s:
        gates = replace(gates, watched_s=look_s)
        if look_s is not None:
            turn.do(WatchClock(until_s=look_s))
    turn.root = replace(turn.root, gates=gates)


def tell_closed(turn: RootTurn) -> None:
    """Tell the PRDs which agents are closed; who would take a place hears of that once it is free.

    PRDs that waited for agents alone had none, and all of them would go on at the same moment.
    """
    gates = turn.root.gates
    closed = closed_agents(gates, turn.now_s)
    if closed == gates.told and not gates.behind:
        return
    behind: dict[str, AgentsClosed] = {}
    for child in turn.root.supervisor.children:
        prd_id = child.child_id
        knows, word = gates.behind.get(prd_id, gates.told), closed
        if _lets_go_on(turn.root, prd_id, closed):
            if elsewhere.places(turn.root) == 0:
                word = behind[prd_id] = still_closed(closed, knows)
            else:
                needs = waiting_for_agents(turn.root.needs, prd_id, ())
                turn.root = replace(turn.root, needs=needs)
        if word != knows:
            turn.do(PassOn(prd_id=prd_id, order=word))
    turn.root = replace(turn.root, gates=replace(gates, told=closed, behind=behind))


def _lets_go_on(root: Root, prd_id: str, word: AgentsClosed) -> bool:
    """Say whether a PRD that waits for agents alone could go on by this."""
    closed = {each.agent for each in word.closed}
    wanted = root.needs.agents.get(prd_id, ())
    return any(root.gates.rules.named(agent) not in closed for agent in wanted)


def tell_one(turn: RootTurn, prd_id: str) -> None:
    """A PRD's supervisor serves, perhaps again: it has to know what is closed."""
    if turn.root.gates.told.closed:
        turn.do(PassOn(prd_id=prd_id, order=turn.root.gates.told))


def _change(turn: RootTurn, gate: Gate) -> None:
    before = turn.root.gates.of(gate.account)
    if gate == before:
        return
    turn.root = replace(turn.root, gates=with_gate(turn.root.gates, gate))
    text = _text(turn, before, gate)
    match gate.standing:
        case Standing.PARKED | Standing.CLOSED:
            turn.record(AccountShut(gate=gate))
            turn.do(Announce(event=f"agent_{gate.standing.value}", prd_id="", text=text))
        case Standing.TRIAL:
            if before.standing is not Standing.TRIAL:
                turn.do(Announce(event="agent_trial", prd_id="", text=text))
        case Standing.OPEN:
            _on_open(turn, before, gate, text)
        case _:
            assert_never(gate.standing)


def _on_open(turn: RootTurn, before: Gate, gate: Gate, text: str) -> None:
    if before.standing is not Standing.OPEN:
        turn.record(AccountOpened(account=gate.account, agent=before.agent))
        turn.do(Announce(event="agent_opened", prd_id="", text=text))
        turn.lease(turn.root.leases)  # who waited behind the trial
    elif (before.strain is None) != (gate.strain is None):
        turn.do(Announce(event="agent_strained", prd_id="", text=_strain_text(turn, gate)))
        if gate.strain is None:
            turn.lease(turn.root.leases)


def _text(turn: RootTurn, before: Gate, gate: Gate) -> str:
    gates = turn.root.gates
    names = ", ".join(agents_of(gates.rules, gate if gate.agent else before))
    if gate.standing is Standing.OPEN:
        return f"{names}: its model answers; it is started again"
    why = because(WHYS.get(gate.kind, gate.kind.value), gate.reason)
    until = moment_text(gate.until_s, now_s=_wall_s(turn), zone_s=gates.zone_s)
    told = standing_text(gate.standing.value, why, until=until, agent=gate.agent)
    return f"{names}: {told}"


def _strain_text(turn: RootTurn, gate: Gate) -> str:
    rules = turn.root.gates.rules
    names = ", ".join(agents_of(rules, gate))
    limit = rules.limit(gate.account) or turn.root.leases.limit
    if gate.strain is None:
        return f"{names}: no longer near its limit: {limit} at once again"
    count = parking.at_once(gate, limit)
    return f"{names}: {strain_text(gate.strain.utilization, f'{count} at once')}"


def _wall_s(turn: RootTurn) -> float:
    return turn.now_s + turn.root.gates.epoch_s

"""An account's gate: whether agents of it may be started, and when the next one may.

A limit that one run meets parks all starts until it is lifted, or for a pause that grows where
nobody says until when. Then the gate is on trial: one start is let through, and it opens once a
model has answered. What only people can mend closes it until they say that it is mended.

All moments are of the wall clock (epoch): a limit goes on while the machine sleeps.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from ..outcomes.outcome import OutcomeKind
from ..supervising.backoff import jitter_of
from ..values import replace

LIMIT_PAUSES_S = (60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0)
STORM_PAUSES_S = (5.0, 10.0, 20.0, 40.0, 80.0, 120.0)
SPREAD = 0.1  # of a wait, at most: hosts that share an account come back apart
SPREAD_S_MAX = 30.0
UNTIL_S_MAX = 35 * 86_400.0  # ahead; what is said to be later is believed as little as the past
IN_A_ROW = 3  # stories whose runs failed so, one after the other: that is no story's affair
STRAINED_FROM = 0.7  # of an account's limit; what is told below that is no strain
STRAIN_S = 3600.0  # a strain of which nobody says until when

_FOR_PEOPLE = frozenset({OutcomeKind.AUTH, OutcomeKind.BILLING})
# One story may be to blame for these, or have had bad luck.
_IN_A_ROW = frozenset({OutcomeKind.TRANSIENT, OutcomeKind.PERMANENT, OutcomeKind.MISSING})
REFUSALS = _FOR_PEOPLE | _IN_A_ROW | {OutcomeKind.RATE_LIMITED}
WHYS = {
    OutcomeKind.RATE_LIMITED: "its limit",
    OutcomeKind.TRANSIENT: "it is overloaded",
    OutcomeKind.AUTH: "its login is refused",
    OutcomeKind.BILLING: "it has no credit",
    OutcomeKind.PERMANENT: "its model or its settings are refused",
    OutcomeKind.MISSING: "it cannot be started",
}


class Standing(Enum):
    """How an account's gate stands."""

    OPEN = "open"
    PARKED = "parked"  # until a moment
    TRIAL = "trial"  # one start at a time, until a model answers
    CLOSED = "closed"  # until a person opens it


class Strain(Struct, frozen=True, kw_only=True):
    """The account comes near its limit: fewer run at once."""

    utilization: float
    until_s: float


class Gate(Struct, frozen=True, kw_only=True):
    """One account's gate; `times` it was refused in a row, with no answer of a model between."""

    account: str
    standing: Standing = Standing.OPEN
    agent: str = ""  # whose run was refused
    kind: OutcomeKind = OutcomeKind.RATE_LIMITED
    reason: str = ""
    since_s: float = 0.0
    until_s: float = 0.0
    pause_s: float = 0.0  # where nobody said until when
    times: int = 0
    failed: tuple[str, ...] = ()  # stories whose runs failed so, one after the other ...
    failed_for: OutcomeKind = OutcomeKind.TRANSIENT  # ... for this
    strain: Strain | None = None

    @property
    def is_shut(self) -> bool:
        """Say whether nobody may start."""
        return self.standing in {Standing.PARKED, Standing.CLOSED}

    @property
    def is_plain(self) -> bool:
        """Say whether there is nothing to know of it."""
        return self.standing is Standing.OPEN and not self.failed and self.strain is None

    @property
    def due_s(self) -> float | None:
        """The next moment at which it changes by itself."""
        if self.standing is Standing.PARKED:
            return self.until_s
        return self.strain.until_s if self.strain is not None else None


class Refusal(Struct, frozen=True, kw_only=True):
    """An agent's run was refused, which no story is to blame for."""

    agent: str
    kind: OutcomeKind
    reason: str = ""
    story: str = ""  # as PRD/STORY
    until_s: float | None = None


def refused(gate: Gate, refusal: Refusal, *, at_s: float, seed: int = 0) -> Gate:
    """The gate after a refusal; `seed` is what sets this host apart from others."""
    if gate.standing is Standing.CLOSED or refusal.kind not in REFUSALS:
        return gate
    told_s = _believed(refusal.until_s, at_s)
    if refusal.kind is OutcomeKind.RATE_LIMITED or (refusal.kind in _FOR_PEOPLE and told_s):
        return _limited(gate, refusal, told_s, at_s=at_s, seed=seed)
    if refusal.kind in _FOR_PEOPLE:
        return _closed(gate, refusal, at_s)
    return _failing(gate, refusal, at_s=at_s, seed=seed)


def _believed(until_s: float | None, at_s: float) -> float | None:
    return until_s if until_s is not None and at_s < until_s <= at_s + UNTIL_S_MAX else None


def _limited(gate: Gate, refusal: Refusal, told_s: float | None, *, at_s: float, seed: int) -> Gate:
    is_known = gate.standing is Standing.PARKED and gate.kind is not OutcomeKind.TRANSIENT
    times = gate.times if is_known else gate.times + 1
    if told_s is None:
        if is_known:
            return gate  # another run that was at work meets the same limit
        return _parked(gate, refusal, _pause(LIMIT_PAUSES_S, times), times, at_s=at_s, seed=seed)
    spread_s = min(SPREAD_S_MAX, SPREAD * (told_s - at_s))
    until_s = told_s + spread_s * jitter_of(seed, gate.account, times)
    if is_known and not gate.pause_s and until_s <= gate.until_s:
        return gate  # the later one of two limits holds
    return replace(_shut(gate, refusal, at_s), until_s=until_s, pause_s=0.0, times=times)


def _failing(gate: Gate, refusal: Refusal, *, at_s: float, seed: int) -> Gate:
    """One story says little; several in a row, or the one on trial, say more."""
    if gate.standing is Standing.PARKED:
        return gate
    before = gate.failed if gate.failed_for is refusal.kind else ()
    failed = tuple(dict.fromkeys((*before, refusal.story)))[-IN_A_ROW:]
    if len(failed) < IN_A_ROW and gate.standing is not Standing.TRIAL:
        return replace(gate, failed=failed, failed_for=refusal.kind)
    gate = replace(gate, failed=())
    if refusal.kind is not OutcomeKind.TRANSIENT:
        return _closed(gate, refusal, at_s)
    times = gate.times + 1
    return _parked(gate, refusal, _pause(STORM_PAUSES_S, times), times, at_s=at_s, seed=seed)


def _pause(pauses_s: tuple[float, ...], times: int) -> float:
    return pauses_s[min(times, len(pauses_s)) - 1]


def _parked(
    gate: Gate, refusal: Refusal, pause_s: float, times: int, *, at_s: float, seed: int
) -> Gate:
    wait_s = pause_s * (1 + SPREAD * jitter_of(seed, gate.account, times))
    shut = _shut(gate, refusal, at_s)
    return replace(shut, until_s=at_s + wait_s, pause_s=wait_s, times=times)


def _shut(gate: Gate, refusal: Refusal, at_s: float) -> Gate:
    return replace(
        gate,
        standing=Standing.PARKED,
        agent=refusal.agent,
        kind=refusal.kind,
        reason=refusal.reason,
        since_s=at_s if gate.standing is Standing.OPEN else gate.since_s,
    )


def _closed(gate: Gate, refusal: Refusal, at_s: float) -> Gate:
    shut = _shut(gate, refusal, at_s)
    return replace(shut, standing=Standing.CLOSED, until_s=0.0, pause_s=0.0)


def answered(gate: Gate) -> Gate:
    """A model has answered: on trial that is what was wanted, of a parked gate it says nothing.

    Runs that began before the limit was met may go on under it.
    """
    if gate.standing is Standing.TRIAL:
        return Gate(account=gate.account, strain=gate.strain)
    return replace(gate, failed=()) if gate.standing is Standing.OPEN else gate


def looked_at(gate: Gate, at_s: float) -> Gate:
    """The gate as it is by this clock, which may have been set, or have slept."""
    if gate.strain is not None and at_s >= gate.strain.until_s:
        gate = replace(gate, strain=None)
    if gate.standing is not Standing.PARKED:
        return gate
    if at_s >= gate.until_s:
        return replace(gate, standing=Standing.TRIAL)
    if at_s < gate.since_s:  # the clock was set back: what it showed then was wrong, too
        return replace(gate, since_s=at_s, until_s=at_s + gate.until_s - gate.since_s)
    return gate


def released(gate: Gate, at_s: float) -> Gate:
    """Somebody says that it is mended, or lifted: one start shows it."""
    if gate.is_shut:
        gate = replace(gate, standing=Standing.PARKED, until_s=at_s, pause_s=0.0, failed=())
    return replace(gate, strain=None)


def strained(gate: Gate, utilization: float, until_s: float | None, *, at_s: float) -> Gate:
    """The gate after a word of how full the account is."""
    if utilization < STRAINED_FROM:
        return replace(gate, strain=None)
    ends_s = _believed(until_s, at_s) or at_s + STRAIN_S
    return replace(gate, strain=Strain(utilization=utilization, until_s=ends_s))


def at_once(gate: Gate, limit: int) -> int:
    """How many may run at once where `limit` may, as long as the gate lets somebody through."""
    return limit if gate.strain is None else max(1, limit // 2)

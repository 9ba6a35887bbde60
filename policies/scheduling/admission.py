"""How much may run at once: PRDs, stories of a PRD, and agents over all PRDs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from msgspec import Struct

from ..values import replace


def free_places(running: int, limit: int) -> int | None:
    """How many more may start; None where the limit is 0, which means no bound."""
    return None if limit == 0 else max(0, limit - running)


SPARES_MAX = 4


def spares_wanted(waiting: int, running: int, limit: int) -> int:
    """How many workers to keep warm: as many as could be needed at once, and not many.

    What runs may need one: its worker can die. A worker costs some 70 ms of processor time to
    start, best spent while agents think.
    """
    return min(max(waiting, min(running, 1)), limit or SPARES_MAX, SPARES_MAX)


class Lease(Struct, frozen=True, kw_only=True):
    """The right to run one agent. `holder` is the PRD whose death gives it back."""

    holder: str
    name: str


class Leases(Struct, frozen=True, kw_only=True):
    """Who holds a lease and who waits for one, in the order in which they asked."""

    limit: int
    held: tuple[Lease, ...] = ()
    waiting: tuple[Lease, ...] = ()


def ask(leases: Leases, lease: Lease) -> Leases:
    """Queue a request. Asking twice is asking once: a question may be repeated after a crash."""
    if lease in leases.held or lease in leases.waiting:
        return leases
    return replace(leases, waiting=(*leases.waiting, lease))


def give_back(leases: Leases, lease: Lease) -> Leases:
    """Take a lease back, or a request that nobody wants any longer."""
    return replace(
        leases,
        held=tuple(other for other in leases.held if other != lease),
        waiting=tuple(other for other in leases.waiting if other != lease),
    )


def holder_died(leases: Leases, holder: str) -> Leases:
    """Take back everything that a dead holder had or wanted."""
    return replace(
        leases,
        held=tuple(lease for lease in leases.held if lease.holder != holder),
        waiting=tuple(lease for lease in leases.waiting if lease.holder != holder),
    )


Excludes = Callable[[Lease, Lease], bool]


def _nobody(_one: Lease, _other: Lease) -> bool:
    return False


class Door(Protocol):
    """What else a lease needs, such as an agent that may be started now."""

    def admits(self, lease: Lease) -> bool:
        """Say whether this one may have it, as things stand."""

    def let_in(self, lease: Lease) -> None:
        """Know that it has it."""


def grant(
    leases: Leases,
    excludes: Excludes = _nobody,
    working: Sequence[Lease] = (),
    door: Door | None = None,
) -> tuple[Leases, tuple[Lease, ...]]:
    """Hand out what is free: to the holder that has fewest first, else in the order of asking.

    So a PRD with many ready stories cannot starve the others. Nobody gets one beside a holder, or
    one of `working`, that it excludes; nor does it overtake somebody who asked before it and whom
    it excludes: so nobody waits for ever. Who does not get past the door keeps nobody else back
    but those whom it excludes.
    """
    granted: list[Lease] = []
    held, waiting = list(leases.held), list(leases.waiting)
    while waiting and free_places(len(held), leases.limit) != 0:
        free = waiting if excludes is _nobody else _free(waiting, (*held, *working), excludes)
        if door is not None:
            free = [lease for lease in free if door.admits(lease)]
        if not free:
            break
        counts = {lease.holder: 0 for lease in free}
        for lease in held:
            counts[lease.holder] = counts.get(lease.holder, 0) + 1
        chosen = min(free, key=lambda lease: counts[lease.holder])
        waiting.remove(chosen)
        held.append(chosen)
        granted.append(chosen)
        if door is not None:
            door.let_in(chosen)
    return replace(leases, held=tuple(held), waiting=tuple(waiting)), tuple(granted)


def _free(waiting: Sequence[Lease], taken: Sequence[Lease], excludes: Excludes) -> list[Lease]:
    """Those that nobody stands in the way of."""
    return [
        lease
        for at, lease in enumerate(waiting)
        if not any(excludes(lease, other) for other in (*taken, *waiting[:at]))
    ]

"""max_workers = "auto": root decides, for it sees the host and all PRDs; PRDs say how they fare.

A PRD whose supervisor dies keeps its number: what is known of the host and of its stories' needs
has not died with it.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from ....policies.scheduling.admission import Leases
from ....policies.scheduling.concurrency import Pace, PaceRules, Seen, begin, first_places, paced
from ....policies.values import replace
from ....workers.messages.pace import Faring, PlacesChanged


class HostFigures(Struct, frozen=True, kw_only=True):
    """What the monitor saw of the host, and the most that a story of each PRD took."""

    cores: int = 1
    available_bytes: int = 0
    reserve_bytes: int = 0
    cpu_some: float = 0.0
    story_bytes: Mapping[str, int] = field(default_factory=dict)


class Circumstances(Struct, frozen=True, kw_only=True):
    """What else there is at a moment; `shortage` is what the host is short of."""

    leases: Leases
    now_s: float
    shortage: str = ""


class Runner(Struct, frozen=True, kw_only=True):
    """A PRD that goes by it: how it fares, and its pace."""

    faring: Faring
    pace: Pace


class Pacing(Struct, frozen=True, kw_only=True):
    """All that decisions are made from."""

    rules: PaceRules = PaceRules()
    host: HostFigures = HostFigures()
    runners: Mapping[str, Runner] = field(default_factory=dict)

    def places_of(self, prd_id: str, leases: Leases) -> int:
        """With how many places a PRD's supervisor begins, the first one or a later one."""
        runner = self.runners.get(prd_id)
        if runner is not None:
            return runner.pace.places
        now = Circumstances(leases=leases, now_s=0.0)
        return first_places(_seen(self.host, prd_id, Faring(), now))


Told = tuple[str, PlacesChanged, str]  # a PRD, what it is told, and a line for people


def fared(
    pacing: Pacing, prd_id: str, faring: Faring, now: Circumstances
) -> tuple[Pacing, tuple[Told, ...]]:
    """Hear how a PRD fares; the first word is answered by its first number."""
    runner = pacing.runners.get(prd_id)
    if runner is not None:
        runners = {**pacing.runners, prd_id: replace(runner, faring=faring)}
        return decided(replace(pacing, runners=runners), now)
    seen = _seen(pacing.host, prd_id, faring, now)
    pace, why = begin(seen, now.now_s)
    runners = {**pacing.runners, prd_id: Runner(faring=faring, pace=pace)}
    word = PlacesChanged(max_workers=pace.places, reason=why)
    return replace(pacing, runners=runners), ((prd_id, word, f"{pace.places}: {why}"),)


def decided(pacing: Pacing, now: Circumstances) -> tuple[Pacing, tuple[Told, ...]]:
    """Look at every PRD again: who may run more stories at once, and who fewer."""
    told: list[Told] = []
    runners = dict(pacing.runners)
    for prd_id, runner in pacing.runners.items():
        seen = _seen(pacing.host, prd_id, runner.faring, now)
        pace, why = paced(runner.pace, seen, now.now_s, pacing.rules)
        if pace != runner.pace:
            runners[prd_id] = replace(runner, pace=pace)
        if why:
            word = PlacesChanged(max_workers=pace.places, reason=why)
            told.append((prd_id, word, f"{runner.pace.places} -> {pace.places}: {why}"))
    return replace(pacing, runners=runners), tuple(told)


def without(pacing: Pacing, prd_id: str) -> Pacing:
    """After the end of a PRD."""
    if prd_id not in pacing.runners:
        return pacing
    left = {name: runner for name, runner in pacing.runners.items() if name != prd_id}
    return replace(pacing, runners=left)


def _seen(host: HostFigures, prd_id: str, faring: Faring, now: Circumstances) -> Seen:
    return Seen(
        width=faring.width,
        running=faring.running,
        cores=host.cores,
        available_bytes=host.available_bytes,
        reserve_bytes=host.reserve_bytes,
        story_bytes=host.story_bytes.get(prd_id, 0),
        shortage=now.shortage,
        cpu_some=host.cpu_some,
        merged=faring.merged,
        conflicts=faring.conflicts,
        agents_max=now.leases.limit,
        agent_waits=any(lease.holder == prd_id for lease in now.leases.waiting),
    )

"""What root's core is told of the host for max_workers = "auto", and what a PRD begins with."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from ....policies.ceilings.pressure import HostSample
from ....policies.ceilings.verdicts import Sample
from ....policies.values import replace
from ....workers.messages.prd import Begin
from ...core.root.pacing import HostFigures, Pacing
from ...core.root.state import Root
from ..run_settings import RootSettings
from .sampling import read_host


def with_host(root: Root, settings: RootSettings) -> Root:
    """Root as it begins, with the host as it is before any story runs."""
    figures = figures_of(read_host(), {}, settings.ceilings.memory_reserve)
    return replace(root, pacing=Pacing(rules=settings.pace, host=figures))


def figures_of(host: HostSample, most: Mapping[str, int], reserve_bytes: int) -> HostFigures:
    """The host in the words of the core."""
    pressure = host.pressure
    return HostFigures(
        cores=_cores(),
        available_bytes=host.available_bytes,
        reserve_bytes=reserve_bytes,
        cpu_some=0.0 if pressure is None else pressure.cpu_some,
        story_bytes=dict(most),
    )


def paced(begin: Begin, root: Root) -> Begin:
    """What a PRD's supervisor is told of its places, if root decides on them."""
    if not begin.limits.auto_workers:
        return begin
    places = root.pacing.places_of(begin.prd_id, root.leases)
    return replace(begin, limits=replace(begin.limits, max_workers=places))


class Most:
    """The most that a story of each PRD took."""

    def __init__(self) -> None:
        self.bytes_of: dict[str, int] = {}

    def see(self, samples: Sequence[Sample]) -> None:
        """Take a pass of the monitor into account."""
        for sample in samples:
            prd_id = sample.attempt.prd_id
            self.bytes_of[prd_id] = max(self.bytes_of.get(prd_id, 0), sample.memory_bytes)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

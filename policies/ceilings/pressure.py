"""What a host in need means: nothing new starts, then a story goes; and patience is longer."""

from __future__ import annotations

from msgspec import Struct

from ..sizes import size_text
from ..values import replace

MEMORY_FULL_MAX = 10.0  # percent of the time in which everybody waited for memory
CALM_FULL_MAX = 5.0
CALM_FACTOR = 1.25  # of the reserve: what is nearly short again is not calm
SHORT_SAMPLES = 5  # before a story goes, and again before the next one
CALM_SAMPLES = 10  # before anything starts again
STALLED_FULL_MAX = 20.0
BUSY_SOME_MAX = 80.0
STRETCH = 4.0


class Pressure(Struct, frozen=True, kw_only=True):
    """Linux's pressure stall information: percent of the last 10 s, 0 where it is not told.

    `full` is the time in which nobody could go on; for the processor a host has no such thing, so
    `some` is the time in which anybody waited.
    """

    memory_full: float = 0.0
    io_full: float = 0.0
    cpu_some: float = 0.0


def stretch(pressure: Pressure | None) -> float:
    """By what to multiply the patience with somebody who is silent: a starved host slows all."""
    if pressure is None:
        return 1.0
    stalled = max(pressure.memory_full, pressure.io_full) > STALLED_FULL_MAX
    return STRETCH if stalled or pressure.cpu_some > BUSY_SOME_MAX else 1.0


class HostSample(Struct, frozen=True, kw_only=True):
    """The memory that the host could still give, and its pressure where that is known."""

    available_bytes: int
    pressure: Pressure | None = None


class Host(Struct, frozen=True, kw_only=True):
    """What is remembered from sample to sample: how often in a row it was short, or calm."""

    is_admitting: bool = True
    short_samples: int = 0
    calm_samples: int = 0
    why: str = ""  # the shortage of the last sample, for people

    @property
    def wants_victim(self) -> bool:
        """Say whether nothing new is not enough: a story has to go."""
        return self.short_samples >= SHORT_SAMPLES


def judge_host(host: Host, sample: HostSample, reserve_bytes: int) -> Host:
    """Take one more sample. The first short one ends admission; only a calm while restores it."""
    why = _shortage(sample, reserve_bytes)
    if why:
        short = host.short_samples + 1
        return Host(is_admitting=False, short_samples=short, why=why)
    calm = host.calm_samples + 1 if _is_calm(sample, reserve_bytes) else 0
    is_admitting = host.is_admitting or calm >= CALM_SAMPLES
    return Host(is_admitting=is_admitting, calm_samples=calm)


def victim_gone(host: Host) -> Host:
    """Count anew: what has become free shows in the samples to come."""
    return replace(host, short_samples=0)


def _shortage(sample: HostSample, reserve_bytes: int) -> str:
    if sample.available_bytes < reserve_bytes:
        free, reserve = size_text(sample.available_bytes), size_text(reserve_bytes)
        return f"the host has {free} of memory left, below memory_reserve ({reserve})"
    if sample.pressure is not None and sample.pressure.memory_full > MEMORY_FULL_MAX:
        full = sample.pressure.memory_full
        return f"everything on the host waited for memory {full:.0f} % of the last 10 s"
    return ""


def _is_calm(sample: HostSample, reserve_bytes: int) -> bool:
    full = 0.0 if sample.pressure is None else sample.pressure.memory_full
    return sample.available_bytes >= CALM_FACTOR * reserve_bytes and full <= CALM_FULL_MAX

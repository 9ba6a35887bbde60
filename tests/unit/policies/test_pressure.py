from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.policies.ceilings.pressure import (
    CALM_SAMPLES,
    SHORT_SAMPLES,
    Host,
    HostSample,
    Pressure,
    judge_host,
    stretch,
    victim_gone,
)

RESERVE = 1000
SHORT = HostSample(available_bytes=999)
ENOUGH = HostSample(available_bytes=1000)  # neither short nor calm
CALM = HostSample(available_bytes=1250)


def after(*samples: HostSample, host: Host | None = None) -> Host:
    host = host or Host()
    for sample in samples:
        host = judge_host(host, sample, RESERVE)
    return host


@pytest.mark.parametrize(
    ("pressure", "factor"),
    [
        (None, 1),
        (Pressure(), 1),
        (Pressure(memory_full=20, io_full=20, cpu_some=80), 1),
        (Pressure(memory_full=20.1), 4),
        (Pressure(io_full=20.1), 4),
        (Pressure(cpu_some=80.1), 4),
    ],
)
def test_patience_is_stretched_only_over_the_marks(
    pressure: Pressure | None, factor: float
) -> None:
    assert stretch(pressure) == factor


def test_the_first_short_sample_ends_admission_and_says_why() -> None:
    host = after(SHORT)
    assert not host.is_admitting
    assert not host.wants_victim
    assert host.why == "the host has 999 B of memory left, below memory_reserve (1000 B)"


def test_pressure_alone_is_a_shortage_too() -> None:
    stalled = HostSample(available_bytes=9999, pressure=Pressure(memory_full=10.1))
    assert after(stalled).why == "everything on the host waited for memory 10 % of the last 10 s"
    at_the_mark = HostSample(available_bytes=9999, pressure=Pressure(memory_full=10))
    assert after(at_the_mark).is_admitting


def test_a_story_has_to_go_only_after_enough_short_samples_in_a_row() -> None:
    assert not after(*[SHORT] * (SHORT_SAMPLES - 1)).wants_victim
    assert after(*[SHORT] * SHORT_SAMPLES).wants_victim
    assert not after(*[SHORT] * (SHORT_SAMPLES - 1), ENOUGH, SHORT).wants_victim


def test_the_next_story_goes_only_after_as_many_samples_again() -> None:
    host = victim_gone(after(*[SHORT] * SHORT_SAMPLES))
    assert not after(*[SHORT] * (SHORT_SAMPLES - 1), host=host).wants_victim
    assert after(*[SHORT] * SHORT_SAMPLES, host=host).wants_victim


def test_only_a_calm_while_lets_anything_start_again() -> None:
    host = after(SHORT, *[CALM] * (CALM_SAMPLES - 1))
    assert not host.is_admitting
    assert after(CALM, host=host).is_admitting
    assert not after(ENOUGH, CALM, host=host).is_admitting  # nearly short: not calm


def test_pressure_that_is_falling_is_not_calm_yet() -> None:
    falling = HostSample(available_bytes=9999, pressure=Pressure(memory_full=5.1))
    assert not after(SHORT, *[falling] * 2 * CALM_SAMPLES).is_admitting


def test_without_a_reserve_and_without_pressure_nothing_is_ever_short() -> None:
    assert judge_host(Host(), HostSample(available_bytes=0), 0).is_admitting


@given(st.lists(st.sampled_from([SHORT, ENOUGH, CALM]), max_size=60))
def test_admission_and_victims_follow_from_the_last_samples_alone(
    samples: list[HostSample],
) -> None:
    host = after(*samples)
    assert host.wants_victim == (
        len(samples) >= SHORT_SAMPLES and samples[-SHORT_SAMPLES:] == [SHORT] * SHORT_SAMPLES
    )
    rest = samples[len(samples) - samples[::-1].index(SHORT) :] if SHORT in samples else None
    calm_run = [CALM] * CALM_SAMPLES
    recovered = rest is None or any(
        rest[start : start + CALM_SAMPLES] == calm_run for start in range(len(rest))
    )
    assert host.is_admitting == recovered

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.policies.supervising.backoff import delay_s
from prd_supervise.policies.supervising.reachable import unreachable
from prd_supervise.policies.supervising.restart import add_restart
from prd_supervise.policies.supervising.spec import Backoff, Intensity

EIGHTHS = st.integers(1, 8 * 1000).map(lambda eighths: eighths / 8)  # their sums are exact


def limit(max_restarts: int, period_s: float) -> Intensity:
    return Intensity(max_restarts=max_restarts, period_s=period_s)


@pytest.mark.parametrize(
    ("intensity", "backoff"),
    [
        (limit(5, 300.0), Backoff()),  # the default of PRD supervisors and of root
        (limit(3, 600.0), Backoff()),
        (limit(0, 0.1), Backoff(base_s=60.0)),  # the first death is too many: nothing waits
        (limit(5, 15.6), Backoff()),
        (limit(10_000, 1.0), Backoff(base_s=0.0)),
        (limit(10_000, 1.0), Backoff(cap_s=0.0)),
    ],
)
def test_an_intensity_that_can_be_reached_is_let_pass(
    intensity: Intensity, backoff: Backoff
) -> None:
    assert unreachable(intensity, backoff) == ""


def test_an_intensity_that_cannot_be_reached_is_refused_with_the_arithmetic() -> None:
    assert unreachable(limit(5, 15.0), Backoff()) == (
        "intensity 5 in 15 s can never be reached by one child: "
        "5 of its restarts wait at least 0.5+1+2+4+8 = 15.5 s"
    )


def test_delays_that_fill_the_window_to_its_edge_are_too_long() -> None:
    assert unreachable(limit(5, 15.5), Backoff())


def test_a_long_sum_is_shortened_and_ends_where_the_window_is_full() -> None:
    assert unreachable(limit(50, 200.0), Backoff()).endswith(
        "12 of its restarts wait at least 0.5+1+2+4+...+30 = 211.5 s"
    )


@given(
    max_restarts=st.integers(0, 12),
    period_s=EIGHTHS,
    base_s=EIGHTHS,
    cap_s=EIGHTHS,
)
def test_it_agrees_with_the_window_itself(
    max_restarts: int, period_s: float, base_s: float, cap_s: float
) -> None:
    """A child that dies as soon as it is started, with the smallest delays, against the window."""
    intensity, backoff = limit(max_restarts, period_s), Backoff(base_s=base_s, cap_s=cap_s)
    restarts: tuple[float, ...] = ()
    is_within, now_s, count = True, 0.0, 0
    while is_within and count < 40:
        restarts, is_within = add_restart(restarts, now_s, intensity)
        count += 1
        now_s += delay_s(count, backoff, 0.0) + 1e-6  # a run takes time
    assert is_within == bool(unreachable(intensity, backoff))

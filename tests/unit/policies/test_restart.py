from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.policies.supervising.restart import (
    add_restart,
    affected_children,
    is_stable,
    should_restart,
)
from prd_supervise.policies.supervising.spec import (
    ExitClass,
    ExitReason,
    Intensity,
    Restart,
    Strategy,
)

LIMIT = Intensity(max_restarts=1, period_s=5.0)


@pytest.mark.parametrize(
    ("restart", "normal", "shutdown", "abnormal"),
    [
        (Restart.PERMANENT, True, True, True),
        (Restart.TRANSIENT, False, False, True),
        (Restart.TEMPORARY, False, False, False),
    ],
)
def test_who_comes_back_is_otps_table(
    restart: Restart,
    normal: bool,  # noqa: FBT001  a column of the table
    shutdown: bool,  # noqa: FBT001  the next
    abnormal: bool,  # noqa: FBT001  the last
) -> None:
    wanted = dict(zip(ExitClass, (normal, shutdown, abnormal), strict=True))
    found = {
        kind: should_restart(restart, ExitReason(exit_class=kind, detail="")) for kind in ExitClass
    }
    assert found == wanted


def test_each_strategy_names_who_is_restarted_in_start_order() -> None:
    assert affected_children(Strategy.ONE_FOR_ONE, "abc", "b") == ("b",)
    assert affected_children(Strategy.REST_FOR_ONE, "abc", "b") == ("b", "c")
    assert affected_children(Strategy.ONE_FOR_ALL, "abc", "b") == ("a", "b", "c")


def test_a_restart_at_the_edge_of_the_period_still_counts() -> None:
    assert add_restart((100.0,), 105.0, LIMIT) == ((100.0, 105.0), False)


def test_a_restart_just_beyond_the_period_counts_no_more() -> None:
    assert add_restart((99.999,), 105.0, LIMIT) == ((105.0,), True)


def test_as_many_as_max_restarts_are_within_the_limit_and_one_more_is_not() -> None:
    three = Intensity(max_restarts=3, period_s=60.0)
    assert add_restart((1.0, 2.0), 3.0, three) == ((1.0, 2.0, 3.0), True)
    assert add_restart((1.0, 2.0, 3.0), 4.0, three)[1] is False


def test_with_no_restart_allowed_the_first_is_too_many() -> None:
    assert add_restart((), 0.0, Intensity(max_restarts=0, period_s=60.0)) == ((0.0,), False)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=20), st.integers(0, 4))
def test_the_window_holds_exactly_the_restarts_that_are_young_enough(
    moments: list[float], most: int
) -> None:
    limit = Intensity(max_restarts=most, period_s=10.0)
    kept: tuple[float, ...] = ()
    for now_s in sorted(moments):
        kept, is_within = add_restart(kept, now_s, limit)
        young = [at_s for at_s in sorted(moments) if now_s - 10.0 <= at_s <= now_s]
        assert set(kept) <= set(young)
        assert is_within == (len(kept) <= most)


@pytest.mark.parametrize(
    ("ready_s", "last_delay_s", "is_so"),
    [(59.9, 0.0, False), (60.0, 0.0, True), (60.0, 31.0, False), (62.0, 31.0, True)],
)
def test_a_run_is_stable_after_a_minute_and_twice_the_last_delay(
    ready_s: float,
    last_delay_s: float,
    is_so: bool,  # noqa: FBT001  a column of the table
) -> None:
    assert is_stable(ready_s, last_delay_s) is is_so

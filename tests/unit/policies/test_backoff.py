from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.policies.supervising.backoff import delay_s, jitter_of
from prd_supervise.policies.supervising.spec import Backoff

BACKOFFS = st.builds(
    Backoff, base_s=st.floats(0.001, 10.0), cap_s=st.floats(10.0, 1000.0, allow_nan=False)
)
ATTEMPTS = st.integers(1, 5000)
JITTERS = st.floats(0.0, 1.0, exclude_max=True)


@given(ATTEMPTS, BACKOFFS, JITTERS)
def test_a_delay_lies_between_half_and_all_of_its_step(
    attempt: int, backoff: Backoff, jitter: float
) -> None:
    longest_s = min(backoff.cap_s, backoff.base_s * 2.0 ** min(attempt - 1, 60))
    found = delay_s(attempt, backoff, jitter)
    assert 0.499 * longest_s <= found <= 1.001 * longest_s
    assert found <= backoff.cap_s


@given(ATTEMPTS, BACKOFFS, JITTERS)
def test_a_later_restart_never_waits_less(attempt: int, backoff: Backoff, jitter: float) -> None:
    assert delay_s(attempt, backoff, jitter) <= delay_s(attempt + 1, backoff, jitter)


def test_the_steps_double_up_to_the_cap() -> None:
    backoff = Backoff(base_s=1.0, cap_s=60.0)
    assert [delay_s(n, backoff, 1.0) for n in range(1, 9)] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert delay_s(1, backoff, 0.0) == 0.5


@given(st.integers(), st.text(), st.integers(0, 10**6))
def test_jitter_depends_on_nothing_but_its_arguments(seed: int, name: str, attempt: int) -> None:
    found = jitter_of(seed, name, attempt)
    assert 0.0 <= found < 1.0
    assert found == jitter_of(seed, name, attempt)


def test_jitter_spreads_children_that_died_together() -> None:
    assert len({jitter_of(0, f"story/{n}", 1) for n in range(100)}) == 100
    assert jitter_of(0, "git", 1) == jitter_of(0, "git", 1) != jitter_of(1, "git", 1)

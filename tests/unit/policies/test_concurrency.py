"""max_workers = "auto": up one by one, down by half, in virtual time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.policies.scheduling.concurrency import (
    CALM_STEPS,
    OF_CORES,
    Pace,
    PaceRules,
    Seen,
    begin,
    first_places,
    paced,
)
from prd_supervise.policies.values import replace

STEP_S = 20.0
RULES = PaceRules(step_s=STEP_S)
GIB = 1 << 30
CALM = Seen(width=20, running=20, cores=4, available_bytes=64 * GIB, reserve_bytes=GIB)


def begun(seen: Seen = CALM) -> Pace:
    return begin(seen, 0.0)[0]


def after(pace: Pace, seen: Seen, now_s: float) -> tuple[int, str]:
    """The number that follows, and why."""
    next_pace, why = paced(pace, seen, now_s, RULES)
    return next_pace.places, why


def run(pace: Pace, seen: Seen, *, from_s: float, steps: int) -> tuple[Pace, list[int]]:
    """A second a look, as the monitor takes them."""
    numbers = []
    for second in range(int(steps * STEP_S)):
        pace, why = paced(pace, seen, from_s + second, RULES)
        if why:
            numbers.append(pace.places)
    return pace, numbers


def test_it_starts_with_the_least_of_width_cores_memory_and_three() -> None:
    assert begun().places == 3
    assert begun(replace(CALM, width=2)).places == 2
    assert begun(replace(CALM, cores=1)).places == 1
    assert begun(replace(CALM, available_bytes=3 * GIB)).places == 2
    assert begun(replace(CALM, available_bytes=0)).places == 1
    assert begun(replace(CALM, agents_max=2)).places == 2
    assert first_places(replace(CALM, width=0)) == 3


def test_calm_grows_by_one_a_step_up_to_what_the_cores_bear() -> None:
    _, numbers = run(begun(), CALM, from_s=1.0, steps=30)
    assert numbers == list(range(4, OF_CORES * CALM.cores + 1))


def test_it_grows_no_further_than_stories_can_run() -> None:
    _, numbers = run(begun(), replace(CALM, width=5, running=5), from_s=1.0, steps=10)
    assert numbers == [4, 5]


def test_it_does_not_grow_while_places_are_free_or_agents_wait() -> None:
    assert after(begun(), replace(CALM, running=2), 50.0) == (3, "")
    assert after(begun(), replace(CALM, running=3, agent_waits=True), 50.0) == (3, "")
    assert after(begun(), replace(CALM, cpu_some=80.0), 50.0) == (3, "")


def test_it_does_not_grow_where_no_further_story_fits_into_memory() -> None:
    heavy = replace(CALM, story_bytes=8 * GIB, available_bytes=8 * GIB)
    assert after(begun(), heavy, 50.0) == (3, "")
    assert after(begun(), replace(heavy, available_bytes=10 * GIB), 50.0)[0] == 4


def test_a_gate_story_at_the_start_costs_the_wide_rest_no_time() -> None:
    pace = begun(replace(CALM, width=1, running=1))
    assert pace.places == 1
    assert after(pace, replace(CALM, width=6, running=1), STEP_S)[0] == 3


def test_a_storm_of_conflicts_halves_and_is_not_counted_twice() -> None:
    pace = replace(begun(), places=8)
    storm = replace(CALM, merged=2, conflicts=3)
    pace, why = paced(pace, storm, 30.0, RULES)
    assert pace.places == 4
    assert why == "3 went again for a conflict, 2 were merged"
    pace, numbers = run(pace, storm, from_s=31.0, steps=2)
    assert numbers == []
    assert after(pace, replace(storm, conflicts=6), 100.0)[0] == 2


def test_conflicts_that_are_rare_or_long_ago_do_not_slow_anything() -> None:
    pace, _ = paced(begun(), replace(CALM, merged=9, conflicts=2), 30.0, RULES)
    assert pace.places == 4
    old, _ = paced(begun(), replace(CALM, conflicts=1), 1.0, RULES)
    late = replace(CALM, conflicts=2)
    assert paced(old, late, 5_000.0, RULES)[0].places == 4


def test_a_host_that_is_short_halves_until_one_is_left() -> None:
    short = replace(CALM, shortage="the host has 100 MiB of memory left")
    pace, numbers = run(replace(begun(), places=9), short, from_s=1.0, steps=6)
    assert numbers == [4, 2, 1]
    assert pace.places == 1


def test_after_trouble_it_takes_its_time_to_grow_again() -> None:
    pace, _ = paced(begun(), replace(CALM, shortage="short"), 20.0, RULES)
    assert pace.places == 1
    pace, numbers = run(pace, CALM, from_s=21.0, steps=CALM_STEPS - 1)
    assert numbers == []
    assert after(pace, CALM, 20.0 + CALM_STEPS * STEP_S)[0] == 2


def test_a_bound_that_is_lowered_holds_at_once() -> None:
    pace, why = paced(replace(begun(), places=6), replace(CALM, agents_max=2), 0.1, RULES)
    assert (pace.places, why) == (2, "no more than 2 agents may run")


def test_fewer_stories_count_as_fewer_only_after_a_while() -> None:
    narrow = replace(CALM, width=1, running=1)
    pace, numbers = run(begun(), narrow, from_s=1.0, steps=CALM_STEPS)
    assert numbers == []
    assert run(pace, narrow, from_s=1.0 + CALM_STEPS * STEP_S, steps=1)[1] == [1]


def test_a_width_that_comes_and_goes_changes_nothing() -> None:
    pace = replace(begun(), places=3)
    for second in range(1, 400):
        seen = replace(CALM, width=2 if second % 10 else 3, running=2)
        pace, why = paced(pace, seen, float(second), RULES)
        assert not why


def test_another_supervisor_counts_from_nothing() -> None:
    pace, _ = paced(begun(), replace(CALM, merged=5, conflicts=1), 1.0, RULES)
    pace, _ = paced(pace, CALM, 2.0, RULES)
    assert pace.marks[0].conflicts == 0
    assert after(pace, replace(CALM, merged=0, conflicts=2), 40.0)[0] == 1


SEEN = st.builds(
    Seen,
    width=st.integers(0, 40),
    running=st.integers(0, 40),
    cores=st.integers(1, 16),
    available_bytes=st.integers(0, 64 * GIB),
    reserve_bytes=st.just(GIB),
    story_bytes=st.sampled_from((0, GIB // 4, 4 * GIB)),
    shortage=st.sampled_from(("", "", "short")),
    cpu_some=st.sampled_from((0.0, 90.0)),
    merged=st.integers(0, 30),
    conflicts=st.integers(0, 30),
    agents_max=st.integers(0, 12),
    agent_waits=st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(first=SEEN, looks=st.lists(st.tuples(st.floats(0.1, 60.0), SEEN), max_size=40))
def test_it_stays_in_its_bounds_and_changes_no_more_often_than_it_may(
    first: Seen, looks: list[tuple[float, Seen]]
) -> None:
    pace, _ = begin(first, 0.0)
    now_s = changed_s = 0.0
    for wait_s, seen in looks:
        now_s += wait_s
        before = pace.places
        pace, why = paced(pace, seen, now_s, RULES)
        bound = max(1, min(OF_CORES * seen.cores, seen.agents_max or 10**6))
        assert 1 <= pace.places <= bound
        assert bool(why) == (pace.places != before)
        if pace.places > before:
            assert pace.places <= seen.width
            assert not seen.shortage
        if why:
            assert now_s - changed_s >= STEP_S or pace.places == bound < before
            changed_s = now_s
        assert len(pace.marks) < 300

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.policies.supervising.liveness import (
    BEAT_S,
    EXTEND_S_MAX,
    LADDER,
    HangStep,
    Patience,
    Pulse,
    check,
    excused,
    heard,
    is_punctual,
)

PATIENCE = Patience()


def checks(pulse: Pulse, count: int, *, stretch: float = 1.0) -> tuple[Pulse, dict[int, HangStep]]:
    """Check so many times in silence: the pulse, and which check led to which step."""
    steps: dict[int, HangStep] = {}
    for number in range(1, count + 1):
        pulse, step = check(pulse, PATIENCE, beat_s=BEAT_S, stretch=stretch)
        if step is not None:
            steps[number] = step
    return pulse, steps


def silent_since_a_word() -> Pulse:
    """A child that was heard before the last check."""
    return check(Pulse(), PATIENCE, beat_s=BEAT_S, stretch=1)[0]


def test_a_silent_child_is_taken_up_the_ladder_step_by_step_and_each_once() -> None:
    pulse, steps = checks(silent_since_a_word(), 100)
    assert steps == dict(zip((5, 10, 15, 25, 30), LADDER, strict=True))
    assert pulse.silent_s == 100


def test_under_pressure_everything_takes_four_times_as_long() -> None:
    _, steps = checks(silent_since_a_word(), 100, stretch=4)
    assert steps == dict(zip((20, 40, 60, 100), LADDER[:4], strict=True))


def test_pressure_that_ends_does_not_make_up_for_what_it_forgave() -> None:
    pulse, steps = checks(silent_since_a_word(), 40, stretch=4)
    assert list(steps) == [20, 40]
    _, later = checks(pulse, 19)
    assert later == {5: HangStep.TERMINATE, 15: HangStep.KILL}


def test_any_word_ends_the_silence() -> None:
    pulse, _ = checks(silent_since_a_word(), 24)
    assert pulse.is_suspect
    again, step = check(heard(pulse), PATIENCE, beat_s=BEAT_S, stretch=1)
    assert step is None
    assert not again.is_suspect
    assert list(checks(again, 25)[1]) == [5, 10, 15, 25]


def test_a_child_that_has_only_just_started_has_one_check_more() -> None:
    assert list(checks(Pulse(), 6)[1]) == [6]


def test_a_child_that_announced_to_be_busy_is_silent_only_after_that() -> None:
    assert list(checks(excused(Pulse(), 30), 60)[1]) == [
        1 + 30 + limit for limit in (5, 10, 15, 25)
    ]


def test_its_next_word_ends_what_it_was_excused_for() -> None:
    assert list(checks(heard(excused(Pulse(), 30)), 10)[1]) == [6]


@pytest.mark.parametrize("for_s", [-5.0, 0.0, EXTEND_S_MAX, 1e300])
def test_nobody_is_excused_for_ever_or_backwards(for_s: float) -> None:
    assert 0 <= excused(Pulse(), for_s).excused_s <= EXTEND_S_MAX


@pytest.mark.parametrize(
    ("since_last_s", "counts"), [(0.5, True), (1.0, True), (1.99, True), (2.0, False), (9e9, False)]
)
def test_a_check_that_came_late_does_not_count(since_last_s: float, counts: bool) -> None:  # noqa: FBT001
    assert is_punctual(since_last_s, BEAT_S) is counts


def test_a_patience_of_nothing_still_takes_one_step_a_check() -> None:
    hasty = Patience(warn_s=0, dump_s=0, terminate_s=0, kill_s=0)
    pulse = silent_since_a_word()
    taken = []
    for _ in range(6):
        pulse, step = check(pulse, hasty, beat_s=BEAT_S, stretch=1)
        taken.append(step)
    assert taken == [*LADDER, None]


@given(st.lists(st.sampled_from(["word", "silence"]), max_size=200))
def test_nobody_is_killed_who_spoke_within_the_patience(life: Iterable[str]) -> None:
    pulse, silence = Pulse(), 0
    for each in life:
        if each == "word":
            pulse, silence = heard(pulse), 0
            continue
        pulse, step = check(pulse, PATIENCE, beat_s=BEAT_S, stretch=1)
        silence += 1
        if step is not None:
            assert silence > PATIENCE.after(step)

from __future__ import annotations

from itertools import product

import pytest

from prd_supervise.policies.outcomes.failure import FailureType, type_of
from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.policies.outcomes.setbacks import (
    PASSING_MAX,
    Circumstances,
    Course,
    course_of,
    ends_conversation,
    pause_s,
)
from prd_supervise.policies.supervising.spec import Backoff

BACKOFF = Backoff(base_s=1.0, cap_s=60.0)


def course(kind: OutcomeKind, *, is_agents_fault: bool = False, **run: bool | int) -> Course:
    outcome = Outcome(kind=kind, detail="", is_agents_fault=is_agents_fault)
    return course_of(outcome, Circumstances(**run))  # type: ignore[arg-type]  # its fields


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (OutcomeKind.FAILED, Course.COUNT),
        (OutcomeKind.CRASHED, Course.COUNT),
        (OutcomeKind.TIMED_OUT, Course.COUNT),
        (OutcomeKind.STALLED, Course.COUNT),
        (OutcomeKind.OUT_OF_MEMORY, Course.COUNT),
        (OutcomeKind.OVER_LIMIT, Course.COUNT),
        (OutcomeKind.INCOMPLETE, Course.COUNT),
        (OutcomeKind.RUNAWAY, Course.COUNT),
        (OutcomeKind.INTERRUPTED, Course.STOP),
        (OutcomeKind.RATE_LIMITED, Course.LIMIT),
        (OutcomeKind.TRANSIENT, Course.AGAIN),
        (OutcomeKind.AUTH, Course.CLOSE),
        (OutcomeKind.BILLING, Course.CLOSE),
        (OutcomeKind.MISSING, Course.CLOSE),
        (OutcomeKind.PERMANENT, Course.BAR),
        (OutcomeKind.CONTEXT, Course.SHORTEN),
    ],
)
def test_each_end_has_its_course(kind: OutcomeKind, expected: Course) -> None:
    assert course(kind) is expected


def test_every_end_that_is_a_failure_has_a_name_and_a_course() -> None:
    flags = product([False, True], repeat=5)
    for kind, (fault, short, resumed, answered, wish) in product(OutcomeKind, flags):
        found = course(
            kind,
            is_agents_fault=fault,
            is_short=short,
            is_resumed=resumed,
            is_answered=answered,
            is_wish=wish,
            passed=PASSING_MAX,
        )
        assert found not in {Course.AGAIN, Course.CLOSE}  # after so many in a row it counts
        assert kind is OutcomeKind.NORMAL or type_of(kind) in FailureType
        if kind is OutcomeKind.RATE_LIMITED:
            assert found is Course.LIMIT  # a limit never does


def test_a_setting_that_is_refused_closes_the_agent_unless_it_is_the_story_s_own() -> None:
    assert course(OutcomeKind.PERMANENT, is_agents_fault=True) is Course.CLOSE
    assert course(OutcomeKind.PERMANENT, is_agents_fault=True, is_wish=True) is Course.BAR


def test_less_is_tried_once() -> None:
    assert course(OutcomeKind.CONTEXT, is_short=True) is Course.BAR


@pytest.mark.parametrize(
    "kind", [OutcomeKind.FAILED, OutcomeKind.INCOMPLETE, OutcomeKind.PERMANENT]
)
def test_a_conversation_in_which_no_model_answers_is_begun_afresh(kind: OutcomeKind) -> None:
    assert course(kind, is_resumed=True) is Course.AFRESH
    assert course(kind, is_resumed=True, is_answered=True) is not Course.AFRESH


def test_a_conversation_ends_where_going_on_with_it_helps_nobody() -> None:
    def ends(which: Course, kind: OutcomeKind, *, is_resumed: bool = False) -> bool:
        return ends_conversation(which, kind, is_resumed=is_resumed)

    assert ends(Course.SHORTEN, OutcomeKind.CONTEXT)
    assert ends(Course.AFRESH, OutcomeKind.FAILED)
    assert ends(Course.COUNT, OutcomeKind.RUNAWAY)
    assert ends(Course.COUNT, OutcomeKind.CRASHED, is_resumed=True)
    assert not ends(Course.COUNT, OutcomeKind.CRASHED)
    assert not ends(Course.LIMIT, OutcomeKind.RATE_LIMITED, is_resumed=True)
    assert not ends(Course.AGAIN, OutcomeKind.TRANSIENT, is_resumed=True)


def test_an_outage_is_given_more_time_than_other_pauses() -> None:
    times = range(1, PASSING_MAX + 1)
    waits = [pause_s(Course.AGAIN, each, BACKOFF, 0.0) for each in times]
    assert waits == sorted(waits)
    assert waits[-1] == 300.0  # half of ten times the cap: jitter is 0
    assert sum(waits) > 3000.0
    assert pause_s(Course.LIMIT, 100, BACKOFF, 0.0) == 30.0
    assert pause_s(Course.BAR, 1, BACKOFF, 0.0) == 0.0

"""An account's gate: parked, on trial, open again, or closed for people."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.policies.accounts.parking import (
    IN_A_ROW,
    LIMIT_PAUSES_S,
    SPREAD,
    SPREAD_S_MAX,
    STORM_PAUSES_S,
    STRAIN_S,
    UNTIL_S_MAX,
    Gate,
    Refusal,
    Standing,
    answered,
    at_once,
    looked_at,
    refused,
    released,
    strained,
)
from prd_supervise.policies.outcomes.outcome import OutcomeKind

NOON_S = 1_795_262_400.0
HOUR_S = 3600.0
OPEN = Gate(account="work")
PEOPLE = (OutcomeKind.AUTH, OutcomeKind.BILLING)
HOPELESS = (OutcomeKind.PERMANENT, OutcomeKind.MISSING)


def limit(until_s: float | None = None, story: str = "P/S") -> Refusal:
    return Refusal(
        agent="claude", kind=OutcomeKind.RATE_LIMITED, reason="limit", story=story, until_s=until_s
    )


def of(kind: OutcomeKind, story: str = "P/S", until_s: float | None = None) -> Refusal:
    return Refusal(agent="claude", kind=kind, reason=kind.value, story=story, until_s=until_s)


def parked(until_s: float | None = None) -> Gate:
    return refused(OPEN, limit(until_s), at_s=NOON_S)


def on_trial(gate: Gate) -> Gate:
    tried = looked_at(gate, gate.until_s)
    assert tried.standing is Standing.TRIAL
    return tried


def test_a_limit_parks_until_the_moment_that_was_told_and_a_little_more() -> None:
    gate = parked(NOON_S + HOUR_S)

    assert gate.standing is Standing.PARKED
    assert NOON_S + HOUR_S <= gate.until_s <= NOON_S + HOUR_S + SPREAD_S_MAX
    assert looked_at(gate, NOON_S + HOUR_S - 1).standing is Standing.PARKED


def test_hosts_with_one_account_come_back_apart() -> None:
    moments = {
        refused(OPEN, limit(NOON_S + HOUR_S), at_s=NOON_S, seed=seed).until_s for seed in range(20)
    }
    assert len(moments) == 20


def test_a_pause_that_nobody_told_grows_from_trial_to_trial_up_to_an_hour() -> None:
    gate, at_s, pauses = OPEN, NOON_S, []
    for _ in range(10):
        gate = refused(gate, limit(), at_s=at_s)
        pauses.append(gate.until_s - at_s)
        at_s = gate.until_s
        gate = on_trial(gate)

    for pause, least in zip(pauses, (*LIMIT_PAUSES_S, *[LIMIT_PAUSES_S[-1]] * 3), strict=True):
        assert least <= pause <= least * (1 + SPREAD)


@pytest.mark.parametrize("told_s", [NOON_S - 5, NOON_S, NOON_S + UNTIL_S_MAX + 1, -1.0, 1e18])
def test_a_moment_that_is_past_or_beyond_belief_is_as_none(told_s: float) -> None:
    gate = parked(told_s)
    assert LIMIT_PAUSES_S[0] <= gate.until_s - NOON_S <= LIMIT_PAUSES_S[0] * (1 + SPREAD)


def test_a_reset_that_proved_wrong_is_tried_later_and_later() -> None:
    gate = on_trial(parked(NOON_S + 60))
    again = refused(gate, limit(NOON_S + 60), at_s=gate.until_s + 1)
    assert again.until_s - gate.until_s > LIMIT_PAUSES_S[1]
    moved = refused(gate, limit(NOON_S + 5 * HOUR_S), at_s=gate.until_s + 1)
    assert moved.until_s >= NOON_S + 5 * HOUR_S


def test_runs_that_were_at_work_and_meet_the_same_limit_change_nothing() -> None:
    gate = parked(NOON_S + HOUR_S)
    assert refused(gate, limit(NOON_S + HOUR_S, "P/T"), at_s=NOON_S + 1).until_s == gate.until_s
    assert refused(gate, limit(None, "P/T"), at_s=NOON_S + 1) == gate
    guessed = parked()
    assert refused(guessed, limit(None, "P/T"), at_s=NOON_S + 1) == guessed


def test_of_two_limits_the_later_one_holds_and_what_is_told_goes_before_a_guess() -> None:
    weekly = refused(parked(NOON_S + HOUR_S), limit(NOON_S + 50 * HOUR_S), at_s=NOON_S + 1)
    assert weekly.until_s >= NOON_S + 50 * HOUR_S
    sooner = refused(weekly, limit(NOON_S + 2 * HOUR_S), at_s=NOON_S + 2)
    assert sooner.until_s == weekly.until_s
    told = refused(parked(), limit(NOON_S + 20), at_s=NOON_S + 1)
    assert told.until_s < NOON_S + 30


def test_only_an_answer_on_trial_opens_the_gate() -> None:
    gate = parked(NOON_S + HOUR_S)
    assert answered(gate) == gate, "a run from before the limit may go on under it"
    assert answered(on_trial(gate)) == OPEN
    closed = refused(OPEN, of(OutcomeKind.AUTH), at_s=NOON_S)
    assert answered(closed) == closed


@pytest.mark.parametrize("kind", PEOPLE)
def test_what_only_people_can_mend_closes_until_they_say_so(kind: OutcomeKind) -> None:
    gate = refused(OPEN, of(kind), at_s=NOON_S)

    assert gate.standing is Standing.CLOSED
    assert looked_at(gate, NOON_S + 1e9) == gate
    assert refused(gate, limit(NOON_S + 60), at_s=NOON_S) == gate
    tried = looked_at(released(gate, NOON_S + 5), NOON_S + 5)
    assert tried.standing is Standing.TRIAL
    assert refused(tried, of(kind), at_s=NOON_S + 9).standing is Standing.CLOSED


def test_a_spending_limit_with_a_moment_is_a_limit() -> None:
    gate = refused(OPEN, of(OutcomeKind.BILLING, until_s=NOON_S + HOUR_S), at_s=NOON_S)
    assert gate.standing is Standing.PARKED


def test_no_ordinary_failure_says_anything_of_the_account() -> None:
    for kind in set(OutcomeKind) - {
        OutcomeKind.RATE_LIMITED,
        OutcomeKind.TRANSIENT,
        *PEOPLE,
        *HOPELESS,
    }:
        assert refused(OPEN, of(kind), at_s=NOON_S) == OPEN


def overloaded(*stories: str, gate: Gate = OPEN) -> Gate:
    for story in stories:
        gate = refused(gate, of(OutcomeKind.TRANSIENT, story), at_s=NOON_S)
    return gate


def test_overloads_of_several_stories_in_a_row_slow_all_of_them_down() -> None:
    assert overloaded("P/A", "P/A", "P/A", "P/B").standing is Standing.OPEN
    gate = overloaded(*(f"P/{number}" for number in range(IN_A_ROW)))
    assert gate.standing is Standing.PARKED
    assert STORM_PAUSES_S[0] <= gate.until_s - NOON_S <= STORM_PAUSES_S[0] * (1 + SPREAD)


@pytest.mark.parametrize("kind", HOPELESS)
def test_an_agent_that_does_nothing_for_several_stories_is_closed(kind: OutcomeKind) -> None:
    gate = OPEN
    for story in ("P/A", "P/A", "P/B"):
        gate = refused(gate, of(kind, story), at_s=NOON_S)
        assert gate.standing is Standing.OPEN, "it may be the story's own model or prompt"
    other = refused(gate, of(OutcomeKind.TRANSIENT, "P/C"), at_s=NOON_S)
    assert other.standing is Standing.OPEN, "that is another thing"
    closed = refused(gate, of(kind, "P/C"), at_s=NOON_S)
    assert closed.standing is Standing.CLOSED
    tried = looked_at(released(closed, NOON_S), NOON_S)
    assert refused(tried, of(kind, "P/A"), at_s=NOON_S).standing is Standing.CLOSED


def test_an_answer_between_overloads_begins_the_row_anew() -> None:
    gate = overloaded("P/C", "P/D", gate=answered(overloaded("P/A", "P/B")))
    assert gate.standing is Standing.OPEN


def test_a_storm_that_goes_on_is_met_with_pauses_that_grow_to_minutes() -> None:
    gate, at_s, pauses = overloaded("P/A", "P/B", "P/C"), NOON_S, []
    for _ in range(8):
        at_s = gate.until_s
        gate = refused(on_trial(gate), of(OutcomeKind.TRANSIENT), at_s=at_s)
        pauses.append(gate.until_s - at_s)
    growing = [pause for pause, longest in zip(pauses, STORM_PAUSES_S[1:], strict=False) if longest]
    assert growing == sorted(growing)
    assert STORM_PAUSES_S[-1] <= pauses[-1] <= STORM_PAUSES_S[-1] * (1 + SPREAD)


def test_a_limit_within_a_storm_is_a_limit() -> None:
    gate = refused(overloaded("P/A", "P/B", "P/C"), limit(NOON_S + HOUR_S), at_s=NOON_S + 1)
    assert gate.kind is OutcomeKind.RATE_LIMITED
    assert gate.until_s >= NOON_S + HOUR_S


@pytest.mark.parametrize("told_s", [None, NOON_S + HOUR_S])
def test_a_clock_that_is_set_back_makes_no_wait_longer_than_it_was(told_s: float | None) -> None:
    before = parked(told_s)
    gate = looked_at(before, NOON_S - 24 * HOUR_S)
    assert gate.until_s == pytest.approx(before.until_s - 24 * HOUR_S)
    assert looked_at(gate, NOON_S).standing is Standing.TRIAL, "which was no clock to go by"


def test_a_clock_that_is_set_forward_only_tries_earlier() -> None:
    assert looked_at(parked(NOON_S + 60), NOON_S + 10 * HOUR_S).standing is Standing.TRIAL


def test_an_account_near_its_limit_runs_half_as_many_until_its_reset() -> None:
    gate = strained(OPEN, 0.92, NOON_S + HOUR_S, at_s=NOON_S)

    assert [at_once(gate, limit) for limit in (10, 3, 2, 1)] == [5, 1, 1, 1]
    assert looked_at(gate, NOON_S + HOUR_S) == OPEN
    assert strained(gate, 0.3, None, at_s=NOON_S) == OPEN
    assert released(gate, NOON_S) == OPEN
    lasting = strained(OPEN, 0.92, None, at_s=NOON_S)
    assert looked_at(lasting, NOON_S + STRAIN_S - 1) == lasting
    assert looked_at(lasting, NOON_S + STRAIN_S) == OPEN


SOON = st.floats(min_value=-2 * HOUR_S, max_value=60 * HOUR_S)
REFUSED = st.builds(
    of,
    st.sampled_from(OutcomeKind),
    st.sampled_from(["P/A", "P/B", "P/C", "P/D"]),
    st.one_of(st.none(), SOON.map(lambda ahead_s: NOON_S + ahead_s)),
)
WORDS = st.lists(st.one_of(REFUSED, st.sampled_from(["answer", "release"]), SOON), max_size=30)


@given(WORDS)
def test_whatever_is_said_a_parked_gate_has_a_moment_and_opens_by_an_answer(
    words: list[Refusal | str | float],
) -> None:
    gate, at_s = OPEN, NOON_S
    for word, before in zip(words, itertools.count(), strict=False):
        if isinstance(word, Refusal):
            gate = refused(gate, word, at_s=at_s, seed=before)
        elif isinstance(word, str):
            gate = answered(gate) if word == "answer" else released(gate, at_s)
        else:
            at_s = NOON_S + word
            gate = looked_at(gate, at_s)
        if gate.standing is Standing.PARKED and isinstance(word, Refusal):
            assert gate.until_s <= max(at_s, NOON_S + 60 * HOUR_S) + UNTIL_S_MAX
    if gate.standing is Standing.CLOSED:
        gate = released(gate, at_s)
    if gate.standing is Standing.PARKED:
        gate = looked_at(gate, gate.until_s)
    if gate.standing is Standing.TRIAL:
        gate = answered(gate)
    assert gate.standing is Standing.OPEN

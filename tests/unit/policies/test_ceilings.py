from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.policies.ceilings.judging import GONE_S_MAX
from prd_supervise.policies.ceilings.memory import needs_exact
from prd_supervise.policies.ceilings.pressure import SHORT_SAMPLES, HostSample
from prd_supervise.policies.ceilings.verdicts import Ceilings, End, Sample
from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.values import replace
from tests.support.ceilings_night import MIB, NONE, PLENTY, Night, attempt, sample

STORY = replace(NONE, memory_high=100 * MIB, memory_max=200 * MIB)
SHORT = HostSample(available_bytes=0)


def end_of(night: Night, *samples: Sample) -> End:
    (end,) = night.see(*samples)
    assert isinstance(end, End)
    return end


# --- memory_high --------------------------------------------------------------------------------


def test_a_story_at_its_ceiling_is_within_it() -> None:
    night = Night(run=STORY)
    assert [night.events(sample("A1", 100)) for _ in range(5)] == [[]] * 5


def test_over_high_is_told_at_once_and_ends_the_attempt_at_the_third_sample() -> None:
    night = Night(run=STORY)
    assert night.events(sample("A1", 101)) == ["memory_high A1"]
    assert night.events(sample("A1", 101)) == []
    end = end_of(night, sample("A1", 101.5, processes=3))
    assert (end.event, end.kind, end.at_once) == (
        "memory_stopped",
        OutcomeKind.OUT_OF_MEMORY,
        False,
    )
    assert end.text == "102 MiB in 3 processes, over memory_high (100 MiB) in 3 samples in a row"


def test_a_sample_below_breaks_the_row() -> None:
    night = Night(run=STORY)
    for mib in (101, 101, 99, 101, 101):
        assert not any(isinstance(each, End) for each in night.see(sample("A1", mib)))
    assert night.events(sample("A1", 101)) == ["memory_stopped A1"]


def test_who_hovers_at_the_ceiling_is_told_once_and_again_after_it_was_well_below() -> None:
    night = Night(run=STORY)
    told = [bool(night.see(sample("A1", mib))) for mib in (101, 95, 101, 90, 101, 89, 101)]
    assert told == [True, False, False, False, False, False, True]


def test_another_attempt_of_the_story_begins_with_a_clean_slate() -> None:
    night = Night(run=STORY)
    for _ in range(3):
        night.see(sample("A1", 101))
    again = replace(sample("A1", 101), attempt=attempt("A1", 2))
    assert night.events(again) == ["memory_high A1"]


# --- memory_max ---------------------------------------------------------------------------------


def test_over_max_kills_at_the_second_sample() -> None:
    night = Night(run=STORY)
    assert night.events(sample("A1", 201)) == ["memory_high A1"]
    end = end_of(night, sample("A1", 201))
    assert (end.event, end.kind, end.at_once) == (
        "memory_killed",
        OutcomeKind.OUT_OF_MEMORY,
        True,
    )
    assert end.text == "201 MiB in 1 process, over memory_max (200 MiB) in 2 samples in a row"


@pytest.mark.parametrize(("mib", "kills"), [(250, False), (251, True)])
def test_far_over_max_one_sample_is_enough(mib: int, kills: bool) -> None:  # noqa: FBT001
    assert ("memory_killed A1" in Night(run=STORY).events(sample("A1", mib))) == kills


def test_an_attempt_is_ended_once_however_long_it_takes() -> None:
    night = Night(run=STORY)
    events = [event for _ in range(20) for event in night.events(sample("A1", 300))]
    assert events == ["memory_high A1", "memory_killed A1"]


def test_one_that_was_asked_to_end_and_grows_on_is_killed() -> None:
    night = Night(run=STORY)
    for _ in range(3):
        night.see(sample("A1", 150))
    assert night.events(sample("A1", 150)) == []
    assert night.events(sample("A1", 260)) == ["memory_killed A1"]


def test_what_is_still_there_after_a_while_is_ended_again() -> None:
    night = Night(run=STORY)
    night.see(sample("A1", 300))
    night.see(sample("A1", 300), after_s=GONE_S_MAX - 1)
    assert night.events(sample("A1", 300)) == ["memory_killed A1"]


def test_one_victim_of_a_prd_at_a_time_the_largest_first_another_prd_s_beside_it() -> None:
    night = Night(run=STORY)
    first = night.events(sample("A1", 300), sample("A2", 400), sample("B1", 300))
    assert [event for event in first if "killed" in event] == [
        "memory_killed A2",
        "memory_killed B1",
    ]
    assert night.events(sample("A1", 300), sample("A2", 400), sample("B1", 300)) == []
    assert night.events(sample("A1", 300)) == ["memory_killed A1"]


def test_no_ceiling_ends_nobody() -> None:
    assert Night(run=NONE).events(sample("A1", 1 << 20, processes=9999, cpu_s=99)) == []


def test_a_prd_s_own_ceilings_hold_for_it_alone() -> None:
    night = Night(run=STORY, of={"B": NONE})
    for _ in range(2):
        night.see(sample("A1", 150), sample("B1", 999))
    assert night.events(sample("A1", 150), sample("B1", 999)) == ["memory_stopped A1"]


# --- processes ----------------------------------------------------------------------------------


def test_a_fork_bomb_is_killed_at_once_also_while_another_goes() -> None:
    night = Night(run=replace(STORY, processes=10))
    night.see(sample("A1", 300))
    end = end_of(night, sample("A1", 300), sample("A2", processes=11), sample("A3", processes=10))
    assert (end.attempt, end.kind, end.at_once) == (attempt("A2"), OutcomeKind.OVER_LIMIT, True)
    assert end.text == "11 processes, over the ceiling (10)"


# --- totals -------------------------------------------------------------------------------------

PRD_TOTAL = replace(NONE, prd_memory_max=300 * MIB)
RUN_TOTAL = replace(NONE, run_memory_max=300 * MIB)


def test_over_a_prd_s_total_its_newest_story_goes_at_the_second_sample() -> None:
    night = Night(run=PRD_TOTAL)
    stories = sample("A1", 150), sample("A3", 100), sample("A2", 60), sample("B9", 290)
    assert night.events(*stories) == []
    end = end_of(night, *stories)
    assert (end.attempt, end.at_once) == (attempt("A3"), True)
    assert end.text == (
        "A uses 310 MiB, over prd_memory_max (300 MiB): the newest story that can be tried again"
        " goes (100 MiB in 1 process)"
    )


def test_who_goes_for_the_others_sake_does_not_pay_but_who_is_too_much_alone_does() -> None:
    night = Night(run=PRD_TOTAL)
    both = sample("A1", 200), sample("A2", 200)
    night.events(*both)
    assert end_of(night, *both).is_for_others
    alone = Night(run=PRD_TOTAL)
    alone.events(sample("A1", 400))
    assert not end_of(alone, sample("A1", 400)).is_for_others


def test_the_next_one_goes_only_when_the_first_is_gone_and_two_more_samples_show_the_need() -> None:
    night = Night(run=PRD_TOTAL)
    stories = [sample(f"A{number}", 200) for number in (1, 2, 3)]
    assert [night.events(*stories) for _ in range(4)] == [[], ["memory_killed A3"], [], []]
    assert [night.events(*stories[:2]) for _ in range(2)] == [[], ["memory_killed A2"]]
    assert [night.events(*stories[:1]) for _ in range(9)] == [[]] * 9


def test_a_story_on_its_last_chance_goes_last() -> None:
    night = Night(run=PRD_TOTAL)
    stories = sample("A1", 200), replace(sample("A2", 200), is_last_chance=True)
    assert [night.events(*stories) for _ in range(2)] == [[], ["memory_killed A1"]]
    assert [night.events(replace(stories[1], memory_bytes=400 * MIB)) for _ in range(2)] == [
        [],
        ["memory_killed A2"],
    ]


def test_a_story_whose_end_frees_nothing_is_spared() -> None:
    night = Night(run=PRD_TOTAL)
    stories = sample("A1", 310), sample("A2", 5)
    assert [night.events(*stories) for _ in range(2)] == [[], ["memory_killed A1"]]


def test_over_the_run_s_total_the_newest_of_all_goes_one_at_a_time() -> None:
    night = Night(run=RUN_TOTAL)
    stories = sample("A1", 200), sample("B2", 200), sample("C3", 200)
    assert [night.events(*stories) for _ in range(5)] == [[], ["memory_killed C3"], [], [], []]


def test_a_victim_anywhere_is_waited_for_before_the_run_s_total_takes_another() -> None:
    night = Night(run=replace(RUN_TOTAL, memory_max=500 * MIB))
    night.see(sample("A1", 700), sample("B2", 200))
    assert [night.events(sample("A1", 700), sample("B2", 200)) for _ in range(5)] == [[]] * 5


# --- the host -----------------------------------------------------------------------------------

RESERVE = replace(NONE, memory_reserve=1)


def test_a_short_host_stops_admission_first_then_the_newest_goes_and_is_waited_for() -> None:
    night = Night(run=RESERVE)
    stories = sample("A1", 10), sample("B2", 10)
    told = [night.events(*stories, host=SHORT) for _ in range(SHORT_SAMPLES + 5)]
    assert told[0] == ["host_short"]
    assert told[1 : SHORT_SAMPLES - 1] == [[]] * (SHORT_SAMPLES - 2)
    assert told[SHORT_SAMPLES - 1] == ["memory_killed B2"]
    assert told[SHORT_SAMPLES:] == [[]] * 5
    again = [night.events(stories[0], host=SHORT) for _ in range(SHORT_SAMPLES)]
    assert again == [[]] * (SHORT_SAMPLES - 1) + [["memory_killed A1"]]


def test_a_short_host_without_stories_has_no_victim_and_recovers() -> None:
    night = Night(run=RESERVE)
    told = [night.events(host=SHORT) for _ in range(20)]
    assert told == [["host_short"], *[[]] * 19]
    assert [night.events() for _ in range(10)] == [*[[]] * 9, ["host_recovered"]]


# --- what is measured exactly -------------------------------------------------------------------


def test_shared_pages_are_looked_at_only_near_a_ceiling() -> None:
    near = {attempt("A1"): 81 * MIB, attempt("A2"): 80 * MIB, attempt("B1"): 1}
    assert needs_exact(near, {}, STORY) == {attempt("A1")}
    assert needs_exact(near, {}, NONE) == set()
    prd = replace(NONE, prd_memory_max=200 * MIB)
    assert needs_exact(near, {}, prd) == {attempt("A1"), attempt("A2")}
    assert needs_exact(near, {"A": NONE}, prd) == set()
    assert needs_exact(near, {}, replace(NONE, run_memory_max=200 * MIB)) == set(near)


# --- whatever happens ---------------------------------------------------------------------------

ALL = Ceilings(
    memory_high=100 * MIB,
    memory_max=200 * MIB,
    processes=5,
    prd_memory_max=300 * MIB,
    run_memory_max=400 * MIB,
    memory_reserve=1,
)
Uses = dict[str, tuple[int, int] | None]
USES = st.fixed_dictionaries(
    {
        name: st.none() | st.tuples(st.sampled_from([1, 99, 150, 210, 260]), st.integers(1, 6))
        for name in ("A1", "A2", "B1", "B2")
    }
)


@given(st.lists(st.tuples(USES, st.booleans()), max_size=40))
def test_nobody_is_ended_twice_and_a_prd_has_one_memory_victim_at_a_time(
    passes: list[tuple[Uses, bool]],
) -> None:
    night = Night(run=ALL)
    going: dict[str, bool] = {}
    for uses, is_short in passes:
        samples = [
            sample(name, use[0], processes=use[1]) for name, use in uses.items() if use is not None
        ]
        going = {name: hard for name, hard in going.items() if uses[name] is not None}
        verdicts = night.see(*samples, host=SHORT if is_short else PLENTY)
        for end in (each for each in verdicts if isinstance(each, End)):
            name = end.attempt.prd_id + end.attempt.story_id
            assert uses[name] is not None, "only who is there is ended"
            assert name not in going or (end.at_once and not going[name]), "ended twice"
            if end.kind is OutcomeKind.OUT_OF_MEMORY and name not in going:
                assert not any(other[0] == name[0] for other in going), "a second victim"
            going[name] = end.at_once
            assert end.text


@given(st.lists(st.integers(0, 100), max_size=30))
def test_who_keeps_to_every_ceiling_is_never_judged(mibs: list[int]) -> None:
    night = Night(run=ALL)
    for mib in mibs:
        stories = [sample(name, mib, processes=5) for name in ("A1", "A2", "B1", "B2")]
        assert night.see(*stories) == ()

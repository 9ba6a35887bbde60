from __future__ import annotations

from prd_supervise.policies.supervising.liveness import UNDEAD_S, Patience
from prd_supervise.policies.supervising.watchdog import given_up_on, ping_every_s, silences_after

PATIENCE = Patience(kill_s=25.0)


def test_a_manager_hears_of_us_twice_in_the_time_that_it_waits() -> None:
    assert ping_every_s(60.0) == 30.0


def test_silence_adds_up_over_looks_and_a_word_ends_it() -> None:
    silences = silences_after({}, {"a", "b"}, since_s=10.0, every_s=10.0)
    silences = silences_after(silences, {"a"}, since_s=11.0, every_s=10.0)
    assert silences == {"a": 21.0}
    assert silences_after(silences, (), since_s=10.0, every_s=10.0) == {}


def test_a_look_after_a_sleep_counts_nothing_against_anybody() -> None:
    silences = silences_after({"a": 10.0}, {"a"}, since_s=3600.0, every_s=10.0)
    assert silences == {"a": 10.0}


def test_only_who_was_silent_for_longer_than_the_whole_ladder_takes_is_given_up_on() -> None:
    whole_s = PATIENCE.kill_s + UNDEAD_S
    silences = {"b": whole_s + 0.1, "a": whole_s + 5, "c": whole_s}
    assert given_up_on(silences, PATIENCE, stretch=1.0) == ("a", "b")


def test_on_a_pressed_host_everybody_may_take_longer() -> None:
    assert given_up_on({"a": 40.0}, PATIENCE, stretch=1.0) == ("a",)
    assert given_up_on({"a": 40.0}, PATIENCE, stretch=4.0) == ()

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow

Play = Callable[[str], Any]


@pytest.fixture
def play(act: Callable[..., Any]) -> Play:
    return lambda name: act("heartbeat_acts.py", name)


def events(told: list[list[str]]) -> list[str]:
    return [event for event, _ in told]


def test_a_child_that_hangs_is_warned_of_dumped_terminated_and_killed(play: Play) -> None:
    facts = play("goes_up_the_ladder")
    told, exits = facts["told"], facts["exits"]
    # Nobody can dump what is stopped; it wakes up for its SIGTERM.
    assert events(told["stopped"])[0] == "stopped_by_somebody"
    assert [each for each in events(told["stopped"]) if "hang" in each] == [
        "hang_warned",
        "hang_terminated",
    ]
    assert told["stopped"][1][1].endswith("(it is stopped)")
    for name in ("stick in C", "sleep"):
        assert events(told[name]) == [
            "hang_warned",
            "hang_dumped",
            "hang_terminated",
            "hang_killed",
        ]
        assert re.fullmatch(r"no heartbeat for [\d.]+ s, killed", exits[name][1])
    assert re.fullmatch(r"no heartbeat for [\d.]+ s, terminated", exits["stopped"][1])
    assert {cause for cause, _ in exits.values()} == {"hang"}
    assert facts["dumped"] == 2
    assert facts["lives"]
    assert told["well"] == []


def test_a_child_that_said_that_it_will_be_silent_is_left_alone(play: Play) -> None:
    assert play("is_excused") == {"heard": [["a", 1, "back"]], "told": []}


def test_a_child_that_is_stopped_has_no_excuse(play: Play) -> None:
    facts = play("is_stopped_while_excused")
    assert facts["heard"][0][1] == "hang"
    assert facts["told"][:3] == ["stopped_by_somebody", "hang_warned", "hang_terminated"]


def test_a_stop_of_supervisor_and_child_for_longer_than_all_patience_kills_nobody(
    play: Play,
) -> None:
    assert play("was_stopped_itself") == {"heard": [], "steps": [], "lives": True}


def test_a_supervisor_that_is_late_itself_blames_nobody(play: Play) -> None:
    assert play("was_busy_itself") == {"heard": [], "steps": []}


def test_under_pressure_patience_is_four_times_as_long_and_a_beat_ends_it(play: Play) -> None:
    facts = play("is_pressed")
    assert facts["late"]
    assert facts["told"] == ["stopped_by_somebody", "hang_warned", "continued", "hang_over"]


def test_a_child_that_even_sigkill_does_not_end_is_told_of_and_still_waited_for(play: Play) -> None:
    facts = play("cannot_be_killed")
    if "skip" in facts:
        pytest.skip(f"needs the freezer of cgroup v1: {facts['skip']}")
    assert facts["told"] == [
        "hang_warned",
        "hang_dumped",
        "hang_terminated",
        "hang_killed",
        "undead",
    ]
    assert facts["before"] == []
    ((child, cause, detail),) = facts["after"]
    assert (child, cause) == ("a", "hang")
    assert detail.endswith("killed")


def test_no_timer_runs_while_there_is_nobody_to_watch(play: Play) -> None:
    facts = play("is_idle_without_children")
    assert facts["idle"] == [True, False, True]
    assert facts["heard"] == [["a", "ordinary", "signal SIGKILL"]]

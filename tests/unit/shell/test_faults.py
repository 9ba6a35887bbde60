from __future__ import annotations

import errno
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow

Play = Callable[[str], Any]


@pytest.fixture
def play(act: Callable[..., Any]) -> Play:
    return lambda name: act("fault_acts.py", name)


def test_without_descriptors_a_start_fails_cleanly_and_works_again_later(play: Play) -> None:
    facts = play("has_no_descriptors")
    assert facts["errors"] == [errno.EMFILE] * 3
    assert facts["clean"]
    assert facts["heard"] == [["second", 2, "ready"]]


def test_a_child_that_says_what_is_no_message_is_ended_and_nobody_else(play: Play) -> None:
    facts = play("hears_nonsense")
    assert len(facts["exits"]) == 5
    for detail in facts["exits"].values():
        assert detail.startswith("said what is no message; killed: ")
    assert facts["exits"]["two megabytes"].endswith("1048576 are allowed")
    assert facts["well"] == [["well", 1, "ready"], ["well", 1, "shutdown", "ended"]]


def test_a_child_that_floods_its_pipe_does_not_starve_the_others(play: Play) -> None:
    assert play("is_flooded") == {
        "all": True,
        "turns_are_short": True,
    }


def test_the_death_of_multiprocessing_s_tracker_is_nobody_else_s(play: Play) -> None:
    facts = play("loses_the_tracker")
    assert facts["heard"] == [["first", 1, "ready"], ["second", 1, "ready"]]
    assert facts["another"]


def test_a_child_whose_exit_code_somebody_took_is_gone_all_the_same(play: Play) -> None:
    assert play("loses_an_exit_code") == [
        ["a", 1, "abnormal", "gone, and its exit code is lost"],
    ]


def test_what_cannot_be_killed_is_told_of_and_makes_nobody_wait_or_spin(play: Play) -> None:
    facts = play("leaves_what_cannot_be_killed")
    if "skip" in facts:
        pytest.skip(f"needs the freezer of cgroup v1: {facts['skip']}")
    assert facts == {
        "heard": [["parent", 1, "abnormal", "signal SIGKILL"]],
        "told": [["", "undead"]],
        "names_it": True,
        "spins": False,
    }


def test_without_descriptors_the_control_socket_lets_nobody_in_for_a_while(play: Play) -> None:
    facts = play("has_no_descriptors_at_the_door")
    assert facts["answer"]["ok"]
    assert not facts["spins"]


def test_a_number_that_is_used_again_is_not_swept(play: Play) -> None:
    assert play("meets_a_number_that_is_used_again") == {"lives": True}

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow

Play = Callable[[str], Any]
EXITS = {
    "exit 0": ["abnormal", "exit 0 without a last word"],
    "exit 3": ["abnormal", "exit 3"],
    "signal": ["abnormal", "signal SIGKILL"],
    "torn": [
        "abnormal",
        "said what is no message; killed: a frame of 4294967295 bytes; 1048576 are allowed",
    ],
    "said": ["normal", "ended"],
}
AFTER_OUR_SIGNALS = {
    "terminated": ["shutdown", "signal SIGKILL after our SIGTERM"],
    "killed": ["shutdown", "signal SIGKILL after our SIGKILL"],
    "killed unasked": ["abnormal", "signal SIGKILL"],
    "fell by itself": ["abnormal", "signal SIGSEGV"],
}


@pytest.fixture
def play(act: Callable[..., Any]) -> Play:
    return lambda name: act("process_acts.py", name)


def test_a_child_says_ready_serves_and_ends_when_asked(play: Play) -> None:
    facts = play("serves")
    assert facts["heard"] == [["a", 1, "ready"], ["a", 1, "shutdown", "ended"]]
    assert facts["gone"]
    assert facts["fds"] == []


def test_the_marker_survives_the_title_and_signals_are_open_again(play: Play) -> None:
    assert play("serves")["about"] == {
        "marker": True,
        "title": "prd-supervise: test a",
        "own_session": True,
        "blocked": 0,
    }


def test_an_exit_is_told_by_its_code_and_the_last_word(play: Play) -> None:
    assert play("ends") == {"exits": EXITS, "heard_before_the_exit": True}


def test_an_exit_after_our_stop_is_a_shutdown_if_our_signal_ended_it(play: Play) -> None:
    assert play("ends_after_our_signals") == AFTER_OUR_SIGNALS


def test_a_child_that_closed_its_pipe_and_lives_on_is_killed(play: Play) -> None:
    assert play("closes_its_pipe") == [
        ["mute", 1, "abnormal", "closed its pipe and lived on; killed"]
    ]


def test_what_a_dead_child_left_behind_is_killed_and_its_siblings_are_not(play: Play) -> None:
    facts = play("dies_with_strays")
    assert facts == {
        "heard": [
            ["parent", 1, "strays"],
            ["parent", 1, "abnormal", "signal SIGKILL"],
            ["other", 1, "shutdown", "ended"],
        ],
        "rest": 0,
    }


def test_multiprocessing_does_not_reap_behind_our_back(play: Play) -> None:
    assert play("is_reaped_once") == {
        "is_there": True,
        "heard": [
            ["first", 1, "abnormal", "exit 3"],
            ["second", 1, "abnormal", "exit 0 without a last word"],
        ],
    }


def test_a_stopped_child_blocks_no_send_and_is_killed_at_the_bound(play: Play) -> None:
    facts = play("is_stopped")
    ((child, incarnation, kind, detail),) = facts["heard"]
    assert (child, incarnation, kind) == ("stopped", 1, "abnormal")
    assert re.fullmatch(r"does not read what it is told: \d+ bytes wait to be read; killed", detail)
    assert facts["sent"]


def test_a_stopped_child_wakes_up_to_be_terminated(play: Play) -> None:
    ((child, incarnation, kind, detail),) = play("is_terminated_while_stopped")
    assert (child, incarnation, kind) == ("stopped", 1, "abnormal")
    assert detail == "exit 143"


def test_children_that_die_at_once_are_all_told_of(play: Play) -> None:
    assert play("dies_in_numbers") == {"exits": 6, "fds": []}


@pytest.mark.parametrize("how", ["does_without_pidfds", "does_with_kqueues"])
def test_where_there_are_no_pidfds_the_same_is_told(play: Play, how: str) -> None:
    assert play(how) == {
        "ends": {"exits": EXITS, "heard_before_the_exit": True},
        "after our signals": AFTER_OUR_SIGNALS,
    }

"""Limits of a job, by a clock that stands still while the machine is slow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow

Play = Callable[..., dict[str, Any]]


@pytest.fixture
def play(act: Callable[..., dict[str, Any]]) -> Play:
    return lambda name, *words: act(name, *words, script="job_acts.py")


def test_time_in_which_a_job_is_held_still_does_not_count_for_its_limits(play: Play) -> None:
    facts = play("is_held_still")
    assert facts["early"]
    assert facts["outcome"][0] == "timed_out"


@pytest.mark.parametrize(
    ("limit", "how"),
    [
        ("timeout_s", " before its timeout"),
        ("idle_timeout_s", " for 10 s"),  # its grace bounds it, though it may be silent for less
        ("none", " for 10 s"),
    ],
)
def test_a_limit_that_strikes_after_the_result_does_not_undo_it(
    play: Play, limit: str, how: str
) -> None:
    facts = play("has_its_result", limit)
    assert facts["early"]
    detail = f"its result was there, but it did not exit{how}: killed"
    assert facts["outcome"] == ["normal", detail]


def test_an_agent_that_only_tries_its_server_again_is_no_hang_of_the_story(play: Play) -> None:
    facts = play("only_waits")
    outcome = ["transient", "it did nothing but wait for its server for 8 s: overloaded"]
    assert facts == {"early": True, "outcome": outcome}

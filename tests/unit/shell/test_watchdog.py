from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.slow

Play = Callable[[str], Any]


@pytest.fixture
def play(act: Callable[..., Any]) -> Play:
    return lambda name: act("watchdog_acts.py", name)


def test_a_root_that_never_comes_to_end_what_hangs_feeds_no_watchdog(play: Play) -> None:
    facts = play("is_late_for_everything")
    assert facts["steps"] == []  # it has blamed nobody
    assert facts["while_well"] >= 2
    assert facts["renewed"] == [1, 0]  # no long step of root's own makes up for who is lost
    assert facts["told"] == ["no answer, and not ended: a"]
    assert facts["late_by_s"] > 0  # the ladder would have been over by then
    assert facts["before"] >= 4  # and until then all was said to be well
    assert facts["again"] >= 2


def test_a_root_that_ends_what_hangs_goes_on_feeding_it(play: Play) -> None:
    facts = play("ends_what_hangs")
    assert facts["heard"] == [["a", "hang"]]
    assert facts["told"] == []
    assert facts["pings"] >= 2


def test_nobody_waits_for_who_is_excused_or_killed(play: Play) -> None:
    assert play("is_no_child_to_wait_for") == ["silent"]

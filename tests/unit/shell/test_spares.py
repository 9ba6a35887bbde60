from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from prd_supervise.supervisor.shell.children.processes import Processes
from prd_supervise.supervisor.shell.children.spares import Spares
from prd_supervise.supervisor.shell.storage.locks import lock_for_child
from prd_supervise.workers.process.eventloop import EventLoop

pytestmark = pytest.mark.slow

Play = Callable[[str], Any]


@pytest.fixture
def play(act: Callable[..., Any]) -> Play:
    return lambda name: act("spare_acts.py", name)


def test_a_spare_becomes_a_story_s_worker_and_holds_its_lock_to_the_end(play: Play) -> None:
    facts = play("is_taken")
    assert facts["heard"] == [["story/S", 7, "ready"], ["story/S", 7, "shutdown", "ended"]]
    assert facts["titles"] == ["prd-supervise: spare P", "prd-supervise: story P/S"]
    assert facts["held"] == [True, True, False]
    assert facts["same"]


def test_where_no_spare_is_warm_a_worker_is_started(play: Play) -> None:
    assert play("is_not_ready_yet") == [["story/A", 1, "ready"], ["story/B", 2, "ready"]]


def test_a_spare_that_died_is_made_up_for_and_given_to_nobody(play: Play) -> None:
    assert play("dies_before") == {"alive": 2, "second": True}


def test_a_spare_that_somebody_stopped_is_given_to_nobody(play: Play) -> None:
    assert play("is_stopped_before") == {"second": True, "gone": True}


def test_a_spare_that_dies_when_it_is_wanted_is_made_up_for(play: Play) -> None:
    heard = play("dies_at_the_door")
    assert [each[0] for each in heard] == ["spare/1", "story/S"]
    assert heard[1] == ["story/S", 3, "ready"]


def test_spares_die_with_their_supervisor_and_cost_no_time_before(play: Play) -> None:
    facts = play("is_left_by_its_supervisor")
    assert facts == {"stopped one goes": True, "is idle": True}


def test_where_no_worker_can_be_started_the_lock_is_free_again(
    loop: EventLoop, tmp_path: Path
) -> None:
    def fail(*_: object) -> None:
        raise OSError("Resource temporarily unavailable")

    processes = Processes(loop, lambda *_: None, lambda *_: None, ())
    with pytest.raises(OSError, match="temporarily"):
        Spares(processes, fail).become("story/S", 1, lock_for_child(tmp_path / "lock"))
    lock_for_child(tmp_path / "lock").close()

"""What is concluded of the words for states goes with those that the core says."""

from __future__ import annotations

from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.view import AWAITED, LIVE_STATES, ROLLED_BACK
from prd_supervise.supervisor.core.root.records import PrdState
from prd_supervise.supervisor.shell import board
from prd_supervise.supervisor.shell.status import states


def test_a_story_of_which_something_lives_is_at_work_or_waits_for_its_turn() -> None:
    assert LIVE_STATES - {"queued", "backing off"} == states.AT_WORK


def test_what_is_lost_is_what_the_core_gives_up() -> None:
    given_up = {each.value for each in StoryState} - {"pending", "done"}
    assert {*given_up, ROLLED_BACK} == states.LOST


def test_a_prd_has_ended_unless_it_runs_or_waits_for_its_turn() -> None:
    everything = {each.value for each in PrdState} | {board.INTERRUPTED, board.DAMAGED}
    assert everything - {"active", "queued"} == states.ENDED


def test_the_word_for_what_waits_for_people_is_the_cores() -> None:
    assert states.AWAITED == AWAITED


def test_unverified_work_is_done_as_well() -> None:
    assert states.is_done("done")
    assert states.is_done("done (unverified)")
    assert not states.is_done("failed")


def test_what_did_not_land_is_kept_back_and_what_was_not_asked_to_is_neither() -> None:
    assert states.is_kept_back("not landed: somebody moved main")
    assert not states.has_landed("not landed: somebody moved main")
    assert states.has_landed("landed in main")
    assert not states.has_landed(None)
    assert not states.is_kept_back(None)

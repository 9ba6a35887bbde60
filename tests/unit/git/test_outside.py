"""What changed outside of a story's worktree, as the integrator sees it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prd_supervise.workers.messages.git import Commit, Committed, Prepare, Prepared, Resting

if TYPE_CHECKING:
    from tests.unit.git.conftest import Driver

BRANCH = "refs/heads/prd-supervise/PRD-1/"


def begin(driver: Driver, story_id: str, slot: int, *, looks_anew: bool = True) -> Prepared:
    request = Prepare(story_id=story_id, title="t", attempt=1, slot=slot, looks_anew=looks_anew)
    return driver.repository.prepare(request)


def end(
    driver: Driver, begun: Prepared, *beside: str, resting: tuple[Resting, ...] = ()
) -> Committed:
    Path(begun.worktree, f"{begun.story_id}.txt").write_text("x\n")
    request = Commit(
        story_id=begun.story_id,
        title="t",
        attempt=1,
        base=begun.base,
        worktree=begun.worktree,
        partial=False,
        beside=beside,
        resting=resting,
    )
    return driver.repository.commit(request)


def test_work_in_its_own_worktree_and_our_own_moves_are_no_news(driver: Driver) -> None:
    first = begin(driver, "US-1", 1)
    second = begin(driver, "US-2", 2, looks_anew=False)
    driver.users.git("commit", "-q", "--allow-empty", "-m", "own", cwd=Path(second.worktree))
    assert end(driver, first, "US-2").outside == ()
    third = begin(driver, "US-3", 1, looks_anew=False)
    assert end(driver, second, "US-3").outside == ()
    assert end(driver, third).outside == ()


def test_refs_that_move_are_told_once(driver: Driver) -> None:
    first = begin(driver, "US-1", 1)
    head = driver.users.git("rev-parse", "HEAD")
    driver.users.git("branch", "mine")
    second = begin(driver, "US-2", 2, looks_anew=False)
    assert end(driver, first, "US-2").outside == (f"refs/heads/mine was made, at {head[:10]}",)
    driver.users.git("branch", "-q", "-D", "mine")
    assert end(driver, second).outside == (f"refs/heads/mine was deleted, from {head[:10]}",)


def test_who_begins_alone_is_not_blamed_for_what_was_before(driver: Driver) -> None:
    end(driver, begin(driver, "US-1", 1))
    driver.users.git("branch", "mine")
    begun = begin(driver, "US-2", 1)
    assert end(driver, begun).outside == ()
    driver.users.git("branch", "-q", "-D", "mine")


def test_a_worktree_in_which_nobody_works_is_watched(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("prd_supervise.workers.git.outside.QUICK_S", 60.0)  # on a busy machine
    first = begin(driver, "US-1", 1)
    end(driver, first)
    rests = (Resting(story_id="US-1", worktree=first.worktree),)
    assert end(driver, begin(driver, "US-2", 2), resting=rests).outside == ()
    third = begin(driver, "US-3", 3, looks_anew=False)
    Path(first.worktree, "US-1.txt").write_text("spoilt\n")
    (line,) = end(driver, third, resting=rests).outside
    assert line == "files changed in the worktree of US-1: US-1.txt"


def test_a_story_branch_that_moves_without_its_agent_is_told(driver: Driver) -> None:
    first = begin(driver, "US-1", 1)
    end(driver, first)
    second = begin(driver, "US-2", 2, looks_anew=False)
    driver.users.git("update-ref", f"{BRANCH}US-1", first.base)
    (line,) = end(driver, second).outside
    assert line.startswith(f"{BRANCH}US-1 moved from ")

from __future__ import annotations

import signal
import time

import pytest

from tests.support.e2e_processes import is_alive, kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree
from tests.support.tree_run import Run

pytestmark = pytest.mark.chaos

TITLES = {"prd": "prd ALPHA", "git": "git ALPHA", "worker": "story ALPHA/US-1"}
# Shorter than in life. A host under pressure makes it four times as long.
PATIENCE = {"warn_s": 3, "dump_s": 4, "terminate_s": 5, "kill_s": 12}
HEALED_S = 180.0


def begin_and_hold(repo: Repo, tree: Tree) -> Run:
    """Run a PRD until the agent of its first story is at work."""
    steps = [write("US-1.txt", "x\n"), {"say": "at work"}, HOLD]
    repo.prd(story("US-1", *steps), story("US-2", dependsOn=["US-1"]))
    repo.configure(liveness=PATIENCE)
    repo.commit()
    run = tree.begin()
    tree.wait_said("US-1", "at work")
    return run


@pytest.mark.parametrize("who", ["worker", "git", "prd"])
def test_a_process_of_the_tree_that_is_stopped_is_replaced(
    repo: Repo, tree: Tree, who: str
) -> None:
    run = begin_and_hold(repo, tree)
    victim = tree.pid_of(TITLES[who])

    kill(victim, signal.SIGSTOP)
    tree.wait(lambda: not is_alive(victim), "the end of what is stopped", run, HEALED_S)
    tree.go()

    run.wait_exit(0)
    told = [event["event"] for event in tree.events()]
    assert [each for each in told if "hang" in each] == ["hang_warned", "hang_terminated"]
    assert told.count("stopped_by_somebody") == 1
    if who == "worker":
        journal = (repo.state / "prds" / "ALPHA" / "journal.log").read_text(encoding="utf-8")
        lost = [line for line in journal.splitlines() if "AttemptLost" in line]
        assert ['"cause":"hang"' in line for line in lost] == [True]
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]
    tree.wait_gone()


@pytest.mark.parametrize("who", ["worker", "git", "prd"])
def test_a_process_that_a_stranger_terminates_is_replaced(repo: Repo, tree: Tree, who: str) -> None:
    run = begin_and_hold(repo, tree)
    victim = tree.pid_of(TITLES[who])

    kill(victim, signal.SIGTERM)
    tree.wait(lambda: not is_alive(victim), "the end of what was terminated", run)
    tree.go()

    run.wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]
    tree.wait_gone()


def test_a_whole_tree_that_sleeps_for_longer_than_all_patience_wakes_up_whole(
    repo: Repo, tree: Tree
) -> None:
    run = begin_and_hold(repo, tree)
    before = tree.processes()

    for pid in sorted(before.values()):  # whoever watches first, for he may be watched himself
        kill(pid, signal.SIGSTOP)
    time.sleep(PATIENCE["kill_s"] + 1)  # the time is what is tested
    for pid in sorted(before.values(), reverse=True):
        kill(pid, signal.SIGCONT)
    # Whoever was taken for hung is warned of first, and ends much later.
    time.sleep(PATIENCE["terminate_s"] + 1)

    assert tree.processes() == before
    assert not [event for event in tree.events() if "hang" in event["event"]]
    tree.go()
    run.wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]

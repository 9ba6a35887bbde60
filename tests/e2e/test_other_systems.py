"""What holds on a system that has not all that Linux has: macOS, as near as Linux can play it."""

from __future__ import annotations

import re
import signal
from pathlib import Path

import psutil
import pytest

from prd_supervise.workers.process.lineage import LINEAGE
from tests.support.e2e_processes import is_alive, kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

HOOK = Path(__file__).resolve().parents[1] / "support" / "lacking"
STRAY = {"fork": {"setsid": True, "ignore_term": True}}
# What has closed its output and its session, and cannot be waited for by anybody of ours.
FIRST = [write("half.txt", "half\n"), STRAY, {"say": "at work"}, {"hang": True}]
SYSTEMS = {
    "macOS": {"PRD_TEST_LACKS": "all", "PRD_TEST_KQUEUE": "1"},
    "nothing at all": {"PRD_TEST_LACKS": "all"},
    "no family": {"PRD_TEST_LACKS": "subreaper,death_signal"},
    "no pidfd": {"PRD_TEST_LACKS": "pidfd,waitid"},
}


def on(system: str, tree: Tree) -> Tree:
    tree.env |= {"PYTHONPATH": str(HOOK), **SYSTEMS[system]}
    return tree


def stray_of(tree: Tree, story_id: str, attempt: int = 1) -> int:
    tree.wait_said(story_id, "at work")
    found = re.search(r"left behind: (\d+)", tree.said(story_id, attempt))
    assert found is not None
    return int(found.group(1))


def test_the_hook_takes_away_what_it_is_told(repo: Repo, tree: Tree) -> None:
    """Else these tests would try Linux."""
    told = f'env | sed -n "s/^{LINEAGE}=/line /p"'
    repo.prd(story("US-1", {"run": ["sh", "-c", told]}, write("US-1.txt", "x\n")))
    repo.commit()
    on("macOS", tree).begin().wait_exit(0)
    line = re.search(r"^line ([0-9.]+)$", tree.said("US-1"), re.MULTILINE)
    assert line is not None
    assert line.group(1).count(".") == 2  # root, PRD supervisor, worker


@pytest.mark.parametrize("system", SYSTEMS)
def test_a_night_with_deaths_ends_as_it_should(repo: Repo, tree: Tree, system: str) -> None:
    """What an agent detached goes with its attempt; a worker, then root are killed; all is done."""
    done = write("US-1.txt", "x\n")
    repo.prd(
        story("US-1", replay=[FIRST, [done, HOLD], [done]]),
        story("US-2", STRAY, write("US-2.txt", "x\n")),
        story("US-3", dependsOn=["US-1", "US-2"]),
    )
    repo.configure(restart={"backoff_base_s": 0.05, "backoff_cap_s": 0.2, "max_attempts": 4})
    repo.commit()
    run = on(system, tree).begin()
    stray = stray_of(tree, "US-1")

    tree.wait_event("merged", story="US-2")
    left = re.search(r"left behind: (\d+)", tree.said("US-2"))
    assert left is not None
    assert not is_alive(int(left.group(1)))

    kill(tree.pid_of("story ALPHA/US-1"))
    tree.wait(lambda: not is_alive(stray), "the stray's end", run)
    tree.wait(lambda: tree.attempt("US-1", 2).exists(), "another attempt", run)
    assert tree.prd()["stories"]["US-1"]["attempt"] == 2

    kill(run.pid)
    run.wait_exit(-signal.SIGKILL)
    tree.wait_gone()
    tree.go()
    tree.begin("resume").wait_exit(0)

    assert sorted(repo.merged("feature/ALPHA")) == [f"ALPHA/US-{n}" for n in (1, 2, 3)]
    assert repo.show("feature/ALPHA", "half.txt") == "half\n"
    assert tree.prd()["state"] == "completed"
    tree.wait_gone()


@pytest.mark.parametrize("system", ["macOS"])
def test_a_stop_leaves_nobody_and_a_resume_goes_on(repo: Repo, tree: Tree, system: str) -> None:
    repo.prd(story("US-1", replay=[FIRST, [write("US-1.txt", "x\n")]]))
    repo.configure(grace_s=5)
    repo.commit()
    run = on(system, tree).begin()
    stray = stray_of(tree, "US-1")

    assert tree.run("stop", "--now").code == 0
    run.wait_exit(75)

    assert not is_alive(stray)
    tree.wait_gone()
    tree.begin("resume").wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]


@pytest.mark.parametrize("system", ["macOS"])
def test_all_killed_at_once_leaves_no_agent_s_group_and_the_rest_to_resume(
    repo: Repo, tree: Tree, system: str
) -> None:
    """The group of each command has a guard; who has left it is swept when somebody resumes."""
    repo.prd(story("US-1", replay=[FIRST, [write("US-1.txt", "x\n")]]))
    repo.commit()
    run = on(system, tree).begin()
    stray = stray_of(tree, "US-1")
    below = psutil.Process(tree.pid_of("story ALPHA/US-1")).children()
    agent, guard = sorted(below, key=lambda each: "prd-guard" in each.cmdline())
    assert "prd-guard" in guard.cmdline()

    pids = sorted(tree.processes().values())
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            kill(pid, number)
    run.wait_exit(-signal.SIGKILL)

    tree.wait(lambda: not is_alive(agent.pid), "the agent's end")
    tree.wait(lambda: not is_alive(guard.pid), "the guard's end")
    assert is_alive(stray)
    tree.begin("resume").wait_exit(0)
    assert not is_alive(stray)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]

from __future__ import annotations

import re
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.support.e2e_processes import is_alive, kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree
from tests.support.tree_run import Run

pytestmark = pytest.mark.chaos

WHERE = ["agent", "story", "merged"]
TITLES = {"prd": "prd ALPHA", "git": "git ALPHA", "worker": "story ALPHA/US-1"}

# A shell function that names the parent of a process.
UP = "up() { awk '/^PPid:/ { print $2 }' /proc/$1/status; }"

# Holds where the test wants to kill; over the base alone it is red at once.
VERIFY = """
test -s US-1.txt || exit 1
case "$PRD_SUPERVISE_WORKTREE" in */ALPHA) here=merged;; *) here=story;; esac
test "$here" = "{where}" || exit 0
touch "$TMPDIR/reached"
until [ -e "$TMPDIR/go" ]; do sleep 0.02; done
"""


def begin_and_reach(repo: Repo, tree: Tree, where: str) -> Run:
    """Run a PRD of three stories until the first of them is where it is to be killed."""
    steps = [write("US-1.txt", "x\n"), write("half.txt", "half\n")]
    if where == "agent":
        steps += [{"run": ["sh", "-c", 'touch "$TMPDIR/reached"']}, HOLD]
    repo.prd(
        story("US-1", replay=[steps, steps[:1]], verify=[VERIFY.format(where=where)]),
        story("US-2", dependsOn=["US-1"]),
        story("US-3"),
    )
    repo.configure(restart={"backoff_base_s": 0.05, "backoff_cap_s": 0.2, "max_attempts": 2})
    repo.commit()
    run = tree.begin()
    tree.wait(Path(tree.env["TMPDIR"], "reached").exists, f"a hold in {where}", run)
    tree.wait_event("merged", story="US-3") if where == "agent" else None
    return run


def kill_at_once(tree: Tree) -> None:
    """Kill the whole tree; who is stopped before cannot do anything about the others' deaths."""
    pids = sorted(tree.processes().values())
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            kill(pid, number)


def assert_complete(repo: Repo, tree: Tree) -> None:
    assert Counter(repo.merged("feature/ALPHA")) == Counter(
        f"ALPHA/{name}" for name in ("US-1", "US-2", "US-3")
    )
    assert repo.flags("feature/ALPHA") == [True, True, True]
    assert repo.show("feature/ALPHA", "half.txt") == "half\n"
    assert tree.prd()["state"] == "completed"
    tree.wait_gone()


@pytest.mark.parametrize("where", WHERE)
@pytest.mark.parametrize("who", ["prd", "git", "worker"])
def test_the_tree_heals_itself_when_one_of_it_is_killed(
    repo: Repo, tree: Tree, who: str, where: str
) -> None:
    run = begin_and_reach(repo, tree, where)
    victim = tree.pid_of(TITLES[who])

    kill(victim)
    tree.wait(lambda: not is_alive(victim), "the victim's end", run)
    tree.go()

    run.wait_exit(0)
    assert_complete(repo, tree)


@pytest.mark.parametrize("where", WHERE)
def test_when_root_is_killed_nobody_is_left_and_a_resume_goes_on(
    repo: Repo, tree: Tree, where: str
) -> None:
    run = begin_and_reach(repo, tree, where)

    kill(run.pid)
    tree.wait_gone()
    run.wait_exit(-9)
    tree.go()

    assert tree.prd()["state"] == "interrupted"
    assert tree.prd()["runtime_s"] == tree.prd()["runtime_s"]  # it does not run, nor does its clock
    assert "`prd-supervise resume`" in tree.run("status").out
    tree.begin("resume").wait_exit(0)
    assert_complete(repo, tree)


@pytest.mark.parametrize("where", WHERE)
def test_when_all_are_killed_at_once_a_resume_goes_on(repo: Repo, tree: Tree, where: str) -> None:
    run = begin_and_reach(repo, tree, where)

    kill_at_once(tree)
    run.wait_exit(-9)
    tree.go()

    tree.begin("resume").wait_exit(0)
    assert_complete(repo, tree)


def test_a_start_goes_on_where_a_killed_root_has_left(repo: Repo, tree: Tree) -> None:
    run = begin_and_reach(repo, tree, "agent")
    kill(run.pid)
    run.wait_exit(-9)
    tree.go()

    tree.begin("start").wait_exit(0)

    assert_complete(repo, tree)


def test_what_outlived_the_whole_tree_is_swept_by_the_next_one(repo: Repo, tree: Tree) -> None:
    stray = {"fork": {"setsid": True, "ignore_term": True}}
    first = [write("half.txt", "half\n"), stray, {"say": "at work"}, {"hang": True}]
    repo.prd(story("US-1", replay=[first, [write("US-1.txt", "x\n")]]))
    repo.commit()
    run = tree.begin()
    tree.wait_said("US-1", "at work")
    found = re.search(r"left behind: (\d+)", tree.said("US-1"))
    assert found is not None

    kill_at_once(tree)
    run.wait_exit(-9)
    again = tree.begin("resume")
    again.wait_exit(0)

    assert not is_alive(int(found.group(1)))
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    assert repo.show("feature/ALPHA", "half.txt") == "half\n"


@pytest.mark.parametrize("who", ["prd", "worker"])
def test_an_agent_s_strays_go_with_whoever_is_killed_above_it(
    repo: Repo, tree: Tree, who: str
) -> None:
    stray = {"fork": {"setsid": True, "ignore_term": True}}
    first = [write("half.txt", "half\n"), stray, {"say": "at work"}, {"hang": True}]
    repo.prd(story("US-1", replay=[first, [write("US-1.txt", "x\n"), HOLD]]))
    repo.commit()
    run = tree.begin()
    tree.wait_said("US-1", "at work")
    found = re.search(r"left behind: (\d+)", tree.said("US-1"))
    assert found is not None

    kill(tree.pid_of(TITLES[who]))
    tree.wait(lambda: not is_alive(int(found.group(1))), "the stray's end", run)
    tree.go()

    run.wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    assert repo.show("feature/ALPHA", "half.txt") == "half\n"


def test_a_worker_that_dies_again_and_again_costs_its_story_only(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 2})
    # The agent's parent is its worker: no launcher stands between them.
    murder = {"run": ["sh", "-c", f"{UP}; kill -9 $(up $PPID)"]}
    repo.prd(story("US-1", murder, {"hang": True}), story("US-2"))
    repo.commit()

    tree.begin().wait_exit(1)

    assert tree.prd()["stories"]["US-1"]["state"] == "failed"
    assert "the worker died: signal SIGKILL" in tree.prd()["stories"]["US-1"]["reason"]
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-2"]
    assert tree.prd()["stories"]["US-1"]["attempt"] == 2


def test_a_prd_whose_supervisor_dies_too_often_fails_and_the_others_go_on(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(restart={"intensity": 1, "max_attempts": 9})
    # The worker's parent is the PRD supervisor.
    murder = {"run": ["sh", "-c", f"{UP}; kill -9 $(up $(up $PPID)); sleep 60"]}
    repo.prd(story("US-1", murder))
    repo.prd(story("B-1"), name="tasks/b.json", project="BETA")
    repo.commit()

    tree.begin().wait_exit(1)

    assert len(tree.events("prd_restarting")) == 1
    assert tree.prd()["state"] == "failed"
    assert "its supervisor died too often" in tree.prd()["reasons"][0]
    assert tree.prd("BETA")["state"] == "completed"
    tree.wait_gone()


def test_a_stopped_process_cannot_keep_the_tree_from_ending(repo: Repo, tree: Tree) -> None:
    run = begin_and_reach(repo, tree, "agent")
    kill(tree.pid_of(TITLES["worker"]), signal.SIGSTOP)
    kill(run.pid)

    tree.wait_gone()
    tree.go()

    tree.begin("resume").wait_exit(0)
    assert_complete(repo, tree)

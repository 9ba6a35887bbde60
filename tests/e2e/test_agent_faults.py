from __future__ import annotations

import re

import pytest

from tests.support.e2e_processes import is_alive
from tests.support.e2e_repo import Repo, story, write
from tests.support.tree import Tree

WORK = write("US-1.txt", "x\n")
HALF = write("half.txt", "half\n")


def run_faulty(repo: Repo, tree: Tree, *steps: object) -> str:
    """Play the fault in the first attempt and the work in the second; tell why the first failed."""
    repo.prd(story("US-1", replay=[[HALF, *steps], [WORK]]))
    repo.commit()
    tree.begin().wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    # What the first attempt had done is in the branch: the second one went on from there.
    assert repo.show("feature/ALPHA", "half.txt") == "half\n"
    assert "US-1: make US-1.txt (attempt 1, partial)" in repo.subjects("feature/ALPHA")
    (lost,) = tree.events("attempt_failed")
    return str(lost["text"])


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSEGV", "SIGTERM"])
def test_an_agent_that_a_signal_ends_is_started_again(repo: Repo, tree: Tree, name: str) -> None:
    assert run_faulty(repo, tree, {"crash": name}) == f"the agent: killed by {name}"


def test_an_agent_s_last_line_is_in_the_reason(repo: Repo, tree: Tree) -> None:
    reason = run_faulty(repo, tree, {"say": "usage limit reached"}, {"exit": 12})

    assert reason == "the agent: exited with 12: usage limit reached"


def test_an_agent_that_works_too_long_is_ended(repo: Repo, tree: Tree) -> None:
    repo.configure(agent={"timeout_s": 0.7})

    assert run_faulty(repo, tree, {"hang": True}) == "the agent: ran longer than 0.7 s"


def test_an_agent_that_is_silent_too_long_is_ended(repo: Repo, tree: Tree) -> None:
    repo.configure(agent={"idle_timeout_s": 0.7})

    reason = run_faulty(repo, tree, {"say": "thinking"}, {"hang": True})

    assert reason == "the agent: no output and no changed file for 0.7 s"


@pytest.mark.parametrize("sign", ['echo "still here"', "echo x >> US-1.txt"])
def test_output_and_changed_files_are_signs_of_life(repo: Repo, tree: Tree, sign: str) -> None:
    repo.configure(agent={"idle_timeout_s": 1.5})
    busy = f"for _ in 1 2 3 4 5 6 7 8 9 10; do {sign}; sleep 0.25; done"
    repo.prd(story("US-1", {"run": ["sh", "-c", busy]}, WORK))
    repo.commit()

    tree.begin().wait_exit(0)

    assert not tree.events("attempt_failed")


def left_behind(tree: Tree) -> int:
    found = re.search(r"left behind: (\d+)", tree.said("US-1"))
    assert found is not None
    return int(found.group(1))


def test_an_agent_that_ignores_term_is_killed_with_all_that_it_started(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(agent={"timeout_s": 0.7})
    stray = {"fork": {"setsid": True, "ignore_term": True}}

    reason = run_faulty(repo, tree, {"ignore_term": True}, stray, {"hang": True})

    assert reason == "the agent: ran longer than 0.7 s"
    assert not is_alive(left_behind(tree))


def test_what_an_agent_leaves_behind_is_killed_before_its_work_is_judged(
    repo: Repo, tree: Tree
) -> None:
    # The one that is left behind would spoil the file as soon as the verify commands look at it.
    spoil = "until [ -e looked ]; do sleep 0.01; done; echo spoilt > US-1.txt"
    daemon = ["sh", "-c", f"setsid sh -c '{spoil}' > /dev/null 2>&1 &"]
    repo.prd(
        story(
            "US-1",
            WORK,
            {"run": daemon},
            {"fork": {"setsid": True}},
            verify=["touch looked; sleep 0.3; grep x US-1.txt"],
        )
    )
    repo.commit()

    tree.begin().wait_exit(0)

    (ended,) = tree.events("agent_ended")
    assert "left behind and killed" in ended["text"]
    assert not is_alive(left_behind(tree))


def test_what_a_verify_command_leaves_behind_is_killed(repo: Repo, tree: Tree) -> None:
    leaving = 'setsid sleep 600 > /dev/null 2>&1 & echo $! >> "$TMPDIR/pids"; test -s US-1.txt'
    repo.prd(story("US-1", verify=[leaving]))
    repo.commit()

    tree.begin().wait_exit(0)

    pids = (repo.path.parent / "tmp" / "pids").read_text().split()
    assert len(pids) == 3  # over the base, in the worktree, on the merged tree
    assert not any(is_alive(int(pid)) for pid in pids)


def test_three_bad_stories_do_not_burn_out_their_prd(repo: Repo, tree: Tree) -> None:
    # An outcome is no restart: 9 bad ends are more than the 2 restarts that are allowed.
    repo.configure(restart={"intensity": 2})
    bad = [{"crash": True}, {"exit": 1}, {"say": "done"}]
    repo.prd(*(story(f"bad-{n}", step) for n, step in enumerate(bad)), story("good"))
    repo.commit()

    tree.begin().wait_exit(1)

    assert repo.merged("feature/ALPHA") == ["ALPHA/good"]
    assert not tree.events("prd_restarting")


def test_a_story_whose_agent_cannot_be_scripted_fails_with_that_reason(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(restart={"max_attempts": 1})
    repo.prd(story("US-1", {"fly": True}), story("US-2"))
    repo.commit()

    tree.begin().wait_exit(1)

    assert "'fly' is not one of" in tree.prd()["stories"]["US-1"]["reason"]

from __future__ import annotations

import re

from tests.support.e2e_processes import is_alive
from tests.support.e2e_repo import Repo, story, write
from tests.support.tree import Tree

WORK = write("US-1.txt", "x\n")


STRAY = {"fork": {"setsid": True, "ignore_term": True}}
TALK = {"run": ["sh", "-c", "while :; do echo still here; sleep 0.5; done"]}


def run_faulty(repo: Repo, tree: Tree, faults: dict[str, list[object]]) -> dict[str, str]:
    """Play a fault in each story's first attempt, the work in its second; tell why it failed."""
    repo.prd(
        *(
            story(name, replay=[[write(f"{name}.half", "half\n"), *steps], [made(name)]])
            for name, steps in faults.items()
        )
    )
    repo.commit()
    tree.begin().wait_exit(0)
    assert sorted(repo.merged("feature/ALPHA")) == sorted(f"ALPHA/{name}" for name in faults)
    for name in faults:
        # What the first attempt had done is in the branch: the second one went on from there.
        assert repo.show("feature/ALPHA", f"{name}.half") == "half\n"
    told = repo.git("log", "--format=%s", "feature/ALPHA").splitlines()
    assert {f"{name}: make {name}.txt (attempt 1, partial)" for name in faults} <= set(told)
    lost = tree.events("attempt_failed")
    assert len(lost) == len(faults)
    return {event["story"]: event["text"] for event in lost}


def made(story_id: str) -> dict[str, object]:
    return write(f"{story_id}.txt", "x\n")


def test_an_agent_that_a_signal_or_a_code_ends_is_started_again(repo: Repo, tree: Tree) -> None:
    signals = ("SIGKILL", "SIGSEGV", "SIGTERM")
    faults: dict[str, list[object]] = {name: [{"crash": name}] for name in signals}

    found = run_faulty(repo, tree, faults | {"out": [{"say": "usage limit reached"}, {"exit": 12}]})

    assert found == {name: f"the agent: killed by {name}" for name in signals} | {
        "out": "the agent: exited with 12: usage limit reached"
    }


def test_an_agent_that_works_or_is_silent_too_long_is_ended_with_all_that_it_started(
    repo: Repo, tree: Tree
) -> None:
    """Far more time than agents take to start on a slow machine; output is a sign of life."""
    repo.configure(agent={"timeout_s": 12, "idle_timeout_s": 7})
    silent = "the agent: no output and no changed file for 7 s"

    found = run_faulty(
        repo,
        tree,
        {
            "busy": [TALK],
            "silent": [{"say": "thinking"}, {"hang": True}],
            "deaf": [{"ignore_term": True}, STRAY, {"hang": True}],
        },
    )

    assert found == {
        "busy": "the agent: ran longer than 12 s",
        "silent": silent,
        "deaf": silent,
    }
    assert not is_alive(left_behind(tree, "deaf"))


def left_behind(tree: Tree, story_id: str = "US-1") -> int:
    found = re.search(r"left behind: (\d+)", tree.said(story_id))
    assert found is not None
    return int(found.group(1))


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

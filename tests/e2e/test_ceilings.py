"""Ceilings on whole trees: agents that eat memory and fork."""

from __future__ import annotations

import pytest

from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree

pytestmark = pytest.mark.e2e

EATS = {
    "run": [
        "python3",
        "-c",
        "kept = b'x' * (80 << 20); import signal; print('eaten', flush=True); signal.pause()",
    ]
}
FORKS = {"run": ["sh", "-c", "for i in $(seq 30); do sleep 600 & done; wait"]}


def test_a_story_that_eats_memory_is_killed_tried_again_and_given_up_with_the_sample(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(story("US-1", EATS), story("US-2"))
    repo.configure(
        limits={"memory_high": "40MiB", "memory_max": "0B"},
        restart={"max_attempts": 5, "max_memory_kills": 2, "backoff_base_s": 0.05},
    )
    repo.commit()
    run = tree.begin()
    tree.wait_said("US-1", "eaten")
    run.wait_exit(1)
    assert len(tree.events("memory_high", story="US-1")) == 2
    ended = tree.events("memory_stopped", story="US-1")
    assert [event["attempt"] for event in ended] == [1, 2]
    assert "over memory_high (40 MiB) in 3 samples in a row" in ended[0]["text"]
    found = tree.prd()["stories"]
    assert found["US-1"]["state"] == "failed"
    assert "over memory_high (40 MiB)" in found["US-1"]["reason"]
    assert found["US-2"]["state"].startswith("done")


def test_a_fork_bomb_is_killed_and_nothing_of_it_is_left(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", FORKS))
    repo.configure(limits={"processes": 20}, restart={"max_attempts": 1})
    repo.commit()
    run = tree.begin()
    run.wait_exit(1)
    (killed,) = tree.events("processes_killed", story="US-1")
    assert killed["text"].endswith("over the ceiling (20)")
    assert killed["text"] in tree.prd()["stories"]["US-1"]["reason"]
    tree.wait_gone()


def test_what_a_story_uses_stands_in_the_status(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", EATS))
    repo.commit()
    run = tree.begin()
    tree.wait_said("US-1", "eaten")

    def usage() -> dict[str, float]:
        return tree.prd()["stories"].get("US-1", {}).get("usage") or {}

    tree.wait(lambda: usage().get("memory_bytes", 0) > 80 << 20, "its memory in the status", run)
    assert usage()["processes"] >= 1
    tree.run("stop", "--now", code=0)
    run.wait_exit(75)
    assert tree.prd()["stories"]["US-1"]["usage"] is None

"""A root that lives on: PRDs come and go, and what it holds is the same after each."""

from __future__ import annotations

import signal

import psutil

from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree

ROUNDS, STORIES = 5, 6
MIB = 1 << 20


def held_by(process: psutil.Process) -> tuple[int, int]:
    """Descriptors and threads."""
    return process.num_fds(), process.num_threads()


def test_descriptors_threads_and_children_of_root_are_as_before_once_a_prd_has_ended(
    repo: Repo, tree: Tree
) -> None:
    repo.commit()
    run = tree.begin("start", "--watch", "--max-workers", "3")
    tree.wait_event("watching")
    root = psutil.Process(run.pid)
    at_rest: list[tuple[int, int]] = []
    memory: list[int] = []
    for number in range(ROUNDS):
        names = [f"R{number}-{at}" for at in range(STORIES)]
        file = repo.prd(
            *(story(name) for name in names),
            name=f"prds/active/R{number}/prd.json",
            project=f"R{number}",
        )
        repo.seal()
        tree.wait_event("prd_completed", prd=f"R{number}")
        file.unlink()
        file.parent.rmdir()
        repo.seal()
        tree.wait(lambda: len(root.children()) <= 1, "root has no child but the tracker")
        at_rest.append(held_by(root))
        memory.append(root.memory_full_info().uss)

    assert len(set(at_rest[1:])) == 1, f"descriptors and threads: {at_rest}"
    assert memory[-1] - memory[1] < 2 * MIB, [each / MIB for each in memory]
    run.signal(signal.SIGTERM)
    run.wait_exit(0)
    assert sorted(repo.merged("feature/R4")) == [f"R4/R4-{at}" for at in range(STORIES)]

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.service_manager import ServiceManager
from tests.support.tree import Tree
from tests.support.tree_run import Run


@pytest.fixture
def manager(runtime_dir: Path, tree: Tree) -> Iterator[ServiceManager]:
    """A manager that has started the tree; it watches whether root is alive."""
    made = ServiceManager(runtime_dir)
    tree.env |= {"NOTIFY_SOCKET": made.address, "WATCHDOG_USEC": "400000"}
    yield made
    made.close()


def begin_held(repo: Repo, tree: Tree, manager: ServiceManager, *words: str) -> Run:
    """A service whose first agent is at work, until it is let go."""
    repo.prd(story("US-1", {"say": "at work"}, HOLD, write("US-1.txt", "x\n")), story("US-2"))
    repo.commit()
    run = tree.begin(*(words or ("start", "--watch", "--grace-s", "3")))
    tree.wait_said("US-1", "at work")
    tree.wait(lambda: "READY" in manager.turns(), "READY=1", run)
    return run


def test_a_service_is_ready_after_its_recovery_and_tells_how_far_it_is(
    repo: Repo, tree: Tree, manager: ServiceManager
) -> None:
    run = begin_held(repo, tree, manager)
    at_work = "1 PRD at work, 1 of 2 stories done, 1 agent"
    tree.wait(lambda: manager.status() == at_work, at_work, run)
    first = next(each.fields for each in manager.heard if "READY" in each.fields)
    assert first["STATUS"]

    tree.go()
    tree.wait(lambda: manager.status() == "idle: watching for PRDs; PRDs: 1 done", "idle", run)
    assert {each.pid for each in manager.heard} == {run.pid}

    run.signal(signal.SIGTERM)
    run.wait_exit(75)
    assert manager.turns() == ["READY", "STOPPING"]

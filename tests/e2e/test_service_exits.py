"""How a service ends, by which its manager decides whether to start it again."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.test_internal_errors import plant
from tests.support.e2e_repo import Repo, story
from tests.support.service_manager import ServiceManager
from tests.support.tree import Tree
from tests.support.tree_run import Run

WATCH = ("resume", "--watch")


@pytest.fixture
def manager(runtime_dir: Path, tree: Tree) -> Iterator[ServiceManager]:
    made = ServiceManager(runtime_dir)
    tree.env["NOTIFY_SOCKET"] = made.address
    yield made
    made.close()


def begin(repo: Repo, tree: Tree, manager: ServiceManager, *stories: dict[str, object]) -> Run:
    """A service that has come to the end of its PRD, and watches."""
    repo.configure(restart={"max_attempts": 1})
    if stories:
        repo.prd(*stories)
    repo.commit()
    run = tree.begin(*WATCH)
    tree.wait(lambda: manager.status().startswith("idle: watching"), "it is idle", run)
    return run


FAILS = story("US-1", verify=["false"])


@pytest.mark.parametrize("stories", [(), (story("US-1"),), (FAILS,)], ids=["none", "done", "bad"])
def test_who_was_terminated_is_started_again_unless_the_manager_did_it(
    repo: Repo, tree: Tree, manager: ServiceManager, stories: tuple[dict[str, object], ...]
) -> None:
    run = begin(repo, tree, manager, *stories)
    run.signal(signal.SIGTERM)
    run.wait_exit(75)
    assert [event["text"] for event in tree.events("root_ended")] == ["exit code 75"]


def test_a_configuration_that_is_invalid_ends_it_before_it_is_ready(
    repo: Repo, tree: Tree, manager: ServiceManager
) -> None:
    repo.put("prd-supervise.toml", "max_prds = 'many'\n")
    repo.commit()
    assert tree.run(*WATCH, code=78).err.startswith("prd-supervise.toml:1:1: ")
    assert "READY" not in manager.turns()


def test_what_is_typed_wrongly_in_a_unit_is_never_tried_again(
    repo: Repo, tree: Tree, manager: ServiceManager
) -> None:
    repo.commit()
    tree.run(*WATCH, "--nonsense", code=2)
    assert manager.heard == []


def test_a_manager_that_cannot_be_reached_costs_no_work(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    tree.env["NOTIFY_SOCKET"] = str(repo.path.parent / "nobody")
    tree.begin("start").wait_exit(0)
    (told,) = tree.events("manager_not_told")
    assert told["text"].endswith("/nobody: No such file or directory")


def test_what_a_terminal_has_left_in_the_environment_makes_no_service(
    repo: Repo, tree: Tree, manager: ServiceManager
) -> None:
    tree.env["SYSTEMD_EXEC_PID"] = "1"
    repo.commit()
    run = tree.begin("start", "--watch")
    run.wait_line("watching")
    tree.run("stop", code=0)
    run.wait_exit(0)
    assert manager.heard == []


def test_a_bug_of_ours_is_an_end_that_is_tried_again(
    repo: Repo, tree: Tree, manager: ServiceManager, tmp_path: Path
) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    plant(tree, tmp_path, "prd-supervise: root", at=2)
    tree.begin(*WATCH).wait_exit(70)
    tree.wait_gone()
    again = tree.begin(*WATCH)
    tree.wait(lambda: manager.status() == "idle: watching for PRDs; PRDs: 1 done", "all", again)
    tree.run("stop", code=0)
    again.wait_exit(0)

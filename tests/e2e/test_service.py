from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.e2e_processes import kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.service_manager import ServiceManager
from tests.support.tree import Tree
from tests.support.tree_run import Run

WATCHDOG_S = 0.4
TOLD = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}


@pytest.fixture
def manager(runtime_dir: Path, tree: Tree) -> Iterator[ServiceManager]:
    """A manager that starts the tree; it wants to hear that root is well."""
    made = ServiceManager(runtime_dir)
    tree.env |= {"NOTIFY_SOCKET": made.address, "WATCHDOG_USEC": f"{WATCHDOG_S * 1e6:.0f}"}
    yield made
    made.close()


def begin_service(tree: Tree, manager: ServiceManager, *words: str) -> Run:
    before = manager.turns().count("READY")
    run = tree.begin("resume", "--watch", *words)
    tree.wait(lambda: manager.turns().count("READY") > before, "READY=1", run)
    return run


def begin_held(repo: Repo, tree: Tree, manager: ServiceManager, *words: str) -> Run:
    """A service whose first agent is at work, until it is let go."""
    repo.prd(story("US-1", {"say": "at work"}, HOLD, write("US-1.txt", "x\n")), story("US-2"))
    repo.commit()
    run = begin_service(tree, manager, *words)
    tree.wait_said("US-1", "at work")
    return run


def wait_status(tree: Tree, manager: ServiceManager, text: str, run: Run) -> None:
    tree.wait(lambda: text in manager.status(), f"a status with {text!r}", run)


def test_a_service_tells_that_it_is_ready_how_far_it_is_and_that_it_stops(
    repo: Repo, tree: Tree, manager: ServiceManager
) -> None:
    run = begin_held(repo, tree, manager)
    wait_status(tree, manager, "1 PRD at work, 1 of 2 stories done, 1 agent", run)
    before = [each.fields for each in manager.heard]
    ready = next(at for at, fields in enumerate(before) if "READY" in fields)
    assert before[ready]["STATUS"]
    # Each step of the start may take its time; the opening is in the journal before the last word.
    assert [fields["STATUS"] for fields in before[:ready]] == [
        "starting: looks at the PRDs",
        "starting: reads the journals",
        "starting: ends what an earlier run has left",
    ]
    assert all("EXTEND_TIMEOUT_USEC" in fields for fields in before[:ready])

    tree.go()
    wait_status(tree, manager, "idle: watching for PRDs; PRDs: 1 done", run)
    run.signal(signal.SIGTERM)
    run.wait_exit(75)  # nobody has said that it is to end for good

    assert manager.turns() == ["READY", "STOPPING"]
    assert manager.status() == "ended; PRDs: 1 done"
    assert {each.pid for each in manager.heard} == {run.pid}


def test_a_stop_asks_its_manager_for_time_again_and_again(
    repo: Repo, tree: Tree, manager: ServiceManager
) -> None:
    run = begin_held(repo, tree, manager, "--grace-s", "600")

    run.signal(signal.SIGTERM)
    wait_status(tree, manager, "stopping: 1 agent, ", run)
    begun = len(manager.values("EXTEND_TIMEOUT_USEC"))
    tree.wait(lambda: len(manager.values("EXTEND_TIMEOUT_USEC")) > begun + 1, "more time", run)
    run.signal(signal.SIGTERM)
    run.wait_exit(75)

    assert set(manager.values("EXTEND_TIMEOUT_USEC")[begun:]) <= {"20000000"}
    left = [text for text in manager.values("STATUS") if text.startswith("stopping: ")]
    assert int(left[0].split()[-3]) > 500
    assert int(left[-1].split()[-3]) <= 5  # the second signal hurries


def test_nothing_but_root_hears_of_the_manager_or_is_heard_by_it(
    repo: Repo, tree: Tree, manager: ServiceManager
) -> None:
    run = begin_held(repo, tree, manager)

    # Root's own is what it was started with: the kernel keeps that.
    others = [each for each in tree.everybody() if each.pid != run.pid]
    assert len(others) >= 4
    for each in others:
        try:
            assert not TOLD & each.environ().keys(), each.cmdline()
        except psutil.NoSuchProcess:
            continue
    tree.go()
    tree.run("stop", code=0)
    run.wait_exit(0)


def test_the_watchdog_is_fed_by_the_loop_alone(
    repo: Repo, tree: Tree, manager: ServiceManager
) -> None:
    repo.commit()
    run = begin_service(tree, manager)
    tree.wait(lambda: len(manager.values("WATCHDOG")) >= 5, "pings", run)

    kill(run.pid, signal.SIGSTOP)
    tree.wait(lambda: psutil.Process(run.pid).status() == "stopped", "root stands still", run)
    fed = len(manager.values("WATCHDOG"))
    with pytest.raises(AssertionError, match="not within"):
        tree.wait(lambda: len(manager.values("WATCHDOG")) > fed, "a ping", run, 4 * WATCHDOG_S)
    kill(run.pid, signal.SIGCONT)
    tree.wait(lambda: len(manager.values("WATCHDOG")) > fed + 1, "pings again", run)

    pings = [each.at_s for each in manager.heard if "WATCHDOG" in each.fields]
    assert len(pings) == len(manager.values("WATCHDOG"))
    tree.run("stop", code=0)
    run.wait_exit(0)


def test_a_prd_supervisor_that_hangs_is_root_s_to_replace_and_starves_no_watchdog(
    repo: Repo, tree: Tree, manager: ServiceManager
) -> None:
    repo.configure(liveness={"warn_s": 3, "dump_s": 4, "terminate_s": 5, "kill_s": 12})
    run = begin_held(repo, tree, manager)
    victim = tree.pid_of("prd ALPHA")

    kill(victim, signal.SIGSTOP)
    tree.wait_event("hang_terminated")
    tree.go()
    wait_status(tree, manager, "idle: watching for PRDs; PRDs: 1 done", run)

    assert not tree.events("watchdog_withheld")
    tree.run("stop", code=0)
    run.wait_exit(0)


def test_a_reload_is_told_from_its_begin_to_its_end_with_what_came_of_it(
    repo: Repo, tree: Tree, manager: ServiceManager
) -> None:
    repo.commit()
    run = begin_service(tree, manager)

    run.signal(signal.SIGHUP)
    tree.wait(lambda: manager.turns() == ["READY", "RELOADING", "READY"], "a reload", run)
    heard = [each.fields for each in manager.heard]
    began, ended = [
        at for at, each in enumerate(heard) if "MONOTONIC_USEC" in each or "READY" in each
    ][1:]
    assert sum("WATCHDOG" in each for each in heard[began:ended]) >= 3  # each long step has its own
    assert manager.status() == "idle: watching for PRDs"
    repo.put("prd-supervise.toml", "max_prds = 'many'\n")
    repo.seal()
    run.signal(signal.SIGHUP)
    tree.wait(lambda: manager.turns()[3:] == ["RELOADING", "READY"], "another one", run)

    assert manager.status().startswith("reload failed: prd-supervise.toml:1:1: ")
    moments = [int(usec) for usec in manager.values("MONOTONIC_USEC")]
    assert moments == sorted(moments)
    tree.run("stop", code=0)
    run.wait_exit(0)


def test_a_manager_whose_watchdog_has_expired_gets_the_stacks_and_the_work_goes_on(
    repo: Repo, tree: Tree, manager: ServiceManager
) -> None:
    run = begin_held(repo, tree, manager)
    assert len(tree.everybody()) > 3

    run.signal(signal.SIGABRT)
    run.wait_exit(-signal.SIGABRT)
    tree.wait_gone()

    log = (repo.state / "supervise.log").read_text()
    assert "Fatal Python error: Aborted" in log
    assert "root/process.py" in log  # wherever in its loop root was
    tree.go()
    again = begin_service(tree, manager)
    assert "the root before this one: Aborted" in again.output
    assert "root/process.py" in again.output
    (told,) = tree.events("root_crashed")
    assert told["text"].startswith("the root before this one: Aborted; ")
    wait_status(tree, manager, "idle: watching for PRDs; PRDs: 1 done", again)
    assert not tree.events("attempt_failed")
    tree.run("stop", code=0)
    again.wait_exit(0)

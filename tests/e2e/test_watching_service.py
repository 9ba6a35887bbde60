"""`resume --watch` as a service manager starts it: what it takes, what it leaves, how it ends."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator

import pytest

from tests.support.e2e_processes import is_alive, kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree
from tests.support.tree_run import Run

SERVICE = ("resume", "--watch")


@pytest.fixture
def service(tree: Tree) -> Iterator[Tree]:
    """The command with what a manager gives it: its socket, and next to nothing else."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0prd-supervise-test-{os.getpid()}-{id(tree)}")
        address = manager.getsockname().decode().replace("\0", "@")
        tree.env["NOTIFY_SOCKET"] = address
        tree.env["PATH"] = "/usr/local/bin:/usr/bin:/bin"
        del tree.env["HOME"]
        yield tree


def begin(tree: Tree) -> Run:
    run = tree.begin(*SERVICE)
    tree.wait_event("watching", count=len(tree.events("watching")) + 1)
    return run


def end(run: Run, code: int = 0) -> str:
    run.signal(signal.SIGTERM)
    return run.wait_exit(code)


# --- what it takes ------------------------------------------------------------------------------


def test_an_empty_repository_is_watched_and_what_comes_is_taken(repo: Repo, service: Tree) -> None:
    repo.commit()
    run = begin(service)
    repo.prd(story("US-1"))  # a file at the top ...
    repo.prd(story("B-1"), name="prds/active/B/prd.json", project="B")  # ... and new folders
    repo.seal()
    service.wait_event("prd_completed", prd="ALPHA")
    service.wait_event("prd_completed", prd="B")
    end(run)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]


def test_what_came_while_nobody_watched_is_taken_at_the_start(repo: Repo, service: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    run = begin(service)
    service.wait_event("prd_completed", prd="ALPHA")
    end(run)
    repo.prd(story("US-1"), story("US-2"))
    repo.prd(story("B-1"), name="tasks/b.json", project="B")
    repo.seal()

    run = begin(service)
    service.wait_event("prd_completed", prd="B")
    service.wait_event("prd_completed", prd="ALPHA", count=2)
    end(run)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]


def test_fifty_prds_of_one_checkout_are_taken_and_one_that_is_half_written(
    repo: Repo, service: Tree
) -> None:
    repo.commit()
    repo.git("checkout", "-q", "-b", "more")
    for number in range(50):
        name = f"prds/active/P-{number}/prd.json"
        repo.prd(story("US-1", passes=True), name=name, project=f"P-{number}")
    repo.prd(story("Z-1"), name="tasks/z.json", project="Z")
    repo.commit("fifty")
    repo.git("checkout", "-q", "main")
    run = begin(service)

    repo.git("checkout", "-q", "more")
    whole = repo.prd(story("H-1"), name="elsewhere.txt", project="H").read_text()
    half = repo.put("tasks/half.json", whole[: len(whole) // 2])
    service.wait_event("prd_completed", prd="Z")
    half.write_text(whole)
    (repo.path / "elsewhere.txt").unlink()
    repo.seal()
    service.wait_event("prd_completed", prd="H")

    assert {prd["id"] for prd in service.status()["prds"]} == {"Z", "H"}  # the others are done
    end(run)


def test_a_prd_that_waits_and_is_deleted_or_moved_harms_nobody(repo: Repo, service: Tree) -> None:
    repo.configure(max_prds=1)
    repo.commit()
    run = begin(service)
    repo.prd(story("A-1", {"say": "at work"}, HOLD, write("A-1.txt", "x\n")))
    service.wait_said("A-1", "at work")
    gone = repo.prd(story("B-1"), name="tasks/b.json", project="B")
    moves = repo.prd(story("C-1"), name="tasks/c.json", project="C")
    service.wait(lambda: {"B", "C"} <= {prd["id"] for prd in service.status()["prds"]}, "both")
    gone.unlink()
    moves.rename(repo.path / "plans-c.json")
    (repo.path / "plans").mkdir()
    (repo.path / "plans-c.json").rename(repo.path / "plans" / "c.json")
    repo.seal()
    service.go()
    service.wait_event("prd_completed", prd="ALPHA")
    service.wait_event("prd_completed", prd="C")
    service.wait_event("prd_completed", prd="B")  # what was accepted is run; `stop B` takes it back
    end(run)


# --- what it leaves -----------------------------------------------------------------------------


def test_what_failed_is_begun_again_by_a_retry_alone(repo: Repo, service: Tree) -> None:
    repo.configure(restart={"max_attempts": 1})
    repo.prd(story("US-1", {"exit": 1}), story("US-2", dependsOn=["US-1"]))
    repo.commit()
    run = begin(service)
    service.wait_event("prd_failed")
    end(run)  # that a PRD has failed is no failure of the service

    for _ in range(2):
        run = begin(service)
        repo.prd(story("B-1"), name="tasks/b.json", project="B")
        repo.seal()
        service.wait_event("prd_completed", prd="B")  # by then all others would have begun
        end(run)
    assert len(service.events("attempt_started", story="US-1")) == 1

    run = begin(service)
    service.run("retry", "ALPHA", code=0)
    service.wait_event("attempt_started", story="US-1", count=2)
    service.wait_event("prd_failed", count=2)
    end(run)


def test_a_prd_whose_supervisor_died_too_often_is_not_begun_by_a_service(
    repo: Repo, service: Tree
) -> None:
    up = "up() { awk '/^PPid:/ { print $2 }' /proc/$1/status; }"
    murder = {"run": ["sh", "-c", f"{up}; kill -9 $(up $(up $PPID)); sleep 60"]}
    repo.configure(restart={"intensity": 1, "max_attempts": 9})
    repo.prd(story("US-1", murder))
    repo.commit()
    run = begin(service)
    service.wait_event("prd_failed")
    attempts = len(service.events("attempt_started"))
    end(run)

    run = begin(service)
    repo.prd(story("B-1"), name="tasks/b.json", project="B")
    repo.seal()
    service.wait_event("prd_completed", prd="B")
    end(run)
    assert len(service.events("attempt_started", prd="ALPHA")) == attempts


def test_what_an_operator_has_stopped_or_holds_stays_so(repo: Repo, service: Tree) -> None:
    work = [{"say": "at work"}, HOLD, write("US-1.txt", "x\n")]
    repo.prd(story("US-1", *work))
    repo.prd(story("B-1"), name="tasks/b.json", project="B")
    repo.configure(max_prds=1, grace_s=2)
    repo.commit()
    run = begin(service)
    service.wait_said("US-1", "at work")
    service.run("hold", "B", code=0)
    service.run("stop", "ALPHA", code=0)
    end(run, 75)

    run = begin(service)
    repo.prd(story("C-1"), name="tasks/c.json", project="C")
    repo.seal()
    service.wait_event("prd_completed", prd="C")
    assert service.prd("ALPHA")["state"] == "stopped"
    assert service.prd("B")["held"]
    assert not service.events("attempt_started", prd="B")
    service.go()
    service.run("resume", "ALPHA", code=0)
    service.run("release", "B", code=0)
    service.wait_event("prd_completed", prd="B")
    end(run)


# --- what is broken -----------------------------------------------------------------------------


def test_a_broken_prd_is_set_aside_and_taken_when_it_is_mended(repo: Repo, service: Tree) -> None:
    work = [{"say": "at work"}, HOLD, write("US-1.txt", "x\n")]
    path = repo.prd(story("US-1", *work))
    repo.configure(grace_s=2)
    repo.commit()
    run = begin(service)
    service.wait_said("US-1", "at work")
    end(run, 75)
    whole = path.read_text()
    path.write_text(whole[:-20])
    repo.prd(story("B-1"), name="tasks/b.json", project="B")
    repo.seal()
    service.go()

    run = begin(service)
    service.wait_event("prd_completed", prd="B")
    assert "prd.json:" in run.output
    path.write_text(whole)
    repo.seal()
    service.wait_event("prd_completed", prd="ALPHA")
    end(run)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]


def test_a_broken_configuration_is_refused_at_the_start_and_passed_over_later(
    repo: Repo, service: Tree
) -> None:
    repo.put("prd-supervise.toml", "max_prds = 'many'\n")
    repo.commit()
    refused = service.run(*SERVICE, code=78)
    assert "prd-supervise.toml:1:" in refused.err

    repo.configure()
    run = begin(service)
    for broken in ("[agent\n", '[agent]\nuse = "command"\ncommand = ["./no-such-agent"]\n'):
        told = len(service.events("reload_failed"))
        repo.put("prd-supervise.toml", broken)
        repo.seal()
        service.wait_event("reload_failed", count=told + 1)
    repo.prd(story("US-1"))
    repo.configure()
    repo.seal()
    service.wait_event("prd_completed")
    end(run)


def test_without_an_agent_it_says_so_at_once(repo: Repo, service: Tree) -> None:
    repo.put("prd-supervise.toml", "max_prds = 2\n")
    repo.commit()
    refused = service.run(*SERVICE, code=78)
    assert "no agent is set; write use = " in refused.err
    assert not repo.state.exists()


# --- who else is there --------------------------------------------------------------------------


def test_a_service_waits_while_a_person_has_the_repository(repo: Repo, service: Tree) -> None:
    repo.prd(story("US-1", {"say": "at work"}, HOLD, write("US-1.txt", "x\n")))
    repo.commit()
    address = service.env.pop("NOTIFY_SOCKET")
    typed = service.begin("start")
    service.wait_said("US-1", "at work")
    service.env["NOTIFY_SOCKET"] = address
    run = service.begin(*SERVICE)
    run.wait_line(f"waits: root already runs here: pid {typed.pid} ")

    kill(typed.pid)
    service.wait_event("watching")
    service.go()
    service.wait_event("prd_completed")
    end(run)


def test_a_service_that_waits_for_its_turn_can_be_stopped(repo: Repo, service: Tree) -> None:
    repo.prd(story("US-1", {"say": "at work"}, HOLD, write("US-1.txt", "x\n")))
    repo.commit()
    address = service.env.pop("NOTIFY_SOCKET")
    typed = service.begin("start")
    service.wait_said("US-1", "at work")
    service.env["NOTIFY_SOCKET"] = address
    run = service.begin(*SERVICE)
    run.wait_line("waits: root already runs here")
    end(run, 75)
    assert is_alive(typed.pid)
    service.go()
    typed.wait_exit(0)


def test_a_person_is_told_that_a_service_has_the_repository(repo: Repo, service: Tree) -> None:
    repo.commit()
    run = begin(service)
    del service.env["NOTIFY_SOCKET"]
    refused = service.run(*SERVICE, code=1)
    assert f"root already runs here: pid {run.pid} since " in refused.err
    assert ", a service" in refused.err or ", the service " in refused.err
    end(run)


# --- how it ends --------------------------------------------------------------------------------


@pytest.mark.parametrize("work", ["none", "done", "failed", "left"])
def test_an_operator_s_stop_ends_it_for_good(repo: Repo, service: Tree, work: str) -> None:
    steps = {"failed": [{"exit": 1}], "left": [{"say": "at work"}, {"hang": True}]}
    if work != "none":
        repo.prd(story("US-1", *steps.get(work, [])))
    repo.configure(restart={"max_attempts": 1}, grace_s=2)
    repo.commit()
    run = begin(service)
    if work == "left":
        service.wait_said("US-1", "at work")
    elif work != "none":
        service.wait_event("prd_completed" if work == "done" else "prd_failed")
    service.run("stop", code=0)
    run.wait_exit(0)

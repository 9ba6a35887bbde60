"""`resume --watch` as a service: who else has the repository, and what its end means."""

from __future__ import annotations

import signal
import socket

import pytest

from tests.support.as_service import SERVICE, begin, end, manager, service
from tests.support.e2e_processes import is_alive, kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

__all__ = ["manager", "service"]


# --- who else is there --------------------------------------------------------------------------


def test_a_service_waits_while_a_person_has_the_repository(
    repo: Repo, service: Tree, manager: socket.socket
) -> None:
    repo.prd(story("US-1", {"say": "at work"}, HOLD, write("US-1.txt", "x\n")))
    repo.commit()
    address = service.env.pop("NOTIFY_SOCKET")
    typed = service.begin("start")
    service.wait_said("US-1", "at work")
    service.env["NOTIFY_SOCKET"] = address
    run = service.begin(*SERVICE)
    run.wait_line(f"waits: root already runs here: pid {typed.pid} ")
    told = manager.recv(4096).decode()  # `systemctl start` does not wait as well
    assert "READY=1" in told
    assert f"STATUS=waits: root already runs here: pid {typed.pid} " in told

    kill(typed.pid)
    service.wait_event("watching")
    service.go()
    service.wait_event("prd_completed")
    end(run)


def test_a_reload_does_not_end_a_service_that_waits_for_its_turn(repo: Repo, service: Tree) -> None:
    repo.prd(story("US-1", {"say": "at work"}, HOLD, write("US-1.txt", "x\n")))
    repo.commit()
    address = service.env.pop("NOTIFY_SOCKET")
    typed = service.begin("start")
    service.wait_said("US-1", "at work")
    service.env["NOTIFY_SOCKET"] = address
    run = service.begin(*SERVICE)
    run.wait_line("waits: root already runs here")
    run.signal(signal.SIGHUP)
    service.go()
    typed.wait_exit(0)
    service.wait_event("watching")
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
    end(run)
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
    failing, working = [{"exit": 1}], [{"say": "at work"}, {"hang": True}]
    steps = failing if work == "failed" else working if work == "left" else []
    if work != "none":
        repo.prd(story("US-1", *steps))
    repo.configure(restart={"max_attempts": 1}, grace_s=2)
    repo.commit()
    run = begin(service)
    if work == "left":
        service.wait_said("US-1", "at work")
    elif work != "none":
        service.wait_event("prd_completed" if work == "done" else "prd_failed")
    service.run("stop", code=0)
    run.wait_exit(0)

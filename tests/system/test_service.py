"""The service in a real `systemd --user`: it starts, works, stops and starts again."""

from __future__ import annotations

import signal

from tests.support.e2e_processes import kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree
from tests.support.user_service import UserService

AT_WORK = story("US-1", {"say": "at work"}, HOLD, write("US-1.txt", "x\n"))


def test_a_prd_that_appears_is_run_to_its_end(repo: Repo, tree: Tree, service: UserService) -> None:
    repo.commit()
    service.install()
    service.systemctl("start")
    assert service.show()["ActiveState"] == "active"
    tree.wait_event("watching")

    repo.prd(story("US-1"))
    tree.wait_event("prd_completed", prd="ALPHA")
    service.systemctl("stop")
    assert service.wait(ActiveState="inactive")["Result"] == "success"
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    tree.wait_gone()


def test_a_stop_with_an_agent_at_work_leaves_nobody_and_a_start_goes_on(
    repo: Repo, tree: Tree, service: UserService
) -> None:
    repo.configure(grace_s=2)
    repo.prd(AT_WORK)
    repo.commit()
    service.install()
    tree.run("start", "--help", code=0)
    service.systemctl("start")
    tree.run("start", "prd.json", "--detach", code=0)
    tree.wait_said("US-1", "at work")
    service.systemctl("stop")
    assert service.wait(ActiveState="inactive")["Result"] == "success"
    assert not service.pids()
    tree.wait_gone(1)

    tree.go()
    service.systemctl("start")
    tree.wait_event("prd_completed", prd="ALPHA")
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]


def test_a_root_that_is_killed_is_started_again_and_goes_on(
    repo: Repo, tree: Tree, service: UserService
) -> None:
    repo.prd(AT_WORK)
    repo.commit()
    service.install(RestartSec="200ms")
    service.systemctl("start")
    tree.run("start", "prd.json", "--detach", code=0)
    tree.wait_said("US-1", "at work")
    kill(service.main_pid, signal.SIGKILL)
    service.wait(NRestarts="1", ActiveState="active")
    tree.go()
    tree.wait_event("prd_completed", prd="ALPHA")
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]

"""How the service ends, and whether systemd starts it again."""

from __future__ import annotations

import signal

import pytest

from tests.support.e2e_processes import is_alive, kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree
from tests.support.user_service import Note, UserService, timed

AT_WORK = story("US-1", {"say": "at work"}, HOLD, write("US-1.txt", "x\n"))


def begin(repo: Repo, tree: Tree, service: UserService, **settings: object) -> None:
    """Have an agent at work in the service."""
    repo.configure(grace_s=2)
    repo.prd(AT_WORK)
    repo.commit()
    service.install(**settings)
    tree.wait_said("US-1", "at work")


def check_ends_well(repo: Repo, tree: Tree) -> None:
    tree.go()
    tree.wait_event("prd_completed", prd="ALPHA")
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGABRT])
def test_a_root_that_somebody_kills_is_started_again_and_goes_on(
    repo: Repo, tree: Tree, service: UserService, number: signal.Signals, note: Note
) -> None:
    begin(repo, tree, service)
    kill(service.main_pid, number)
    took_s = timed(lambda: service.wait(NRestarts="1", ActiveState="active"))
    note(f"{number.name} to root -> active again, with RestartSec=200ms", took_s)
    check_ends_well(repo, tree)


def test_a_stop_that_an_operator_types_ends_the_service(
    repo: Repo, tree: Tree, service: UserService
) -> None:
    begin(repo, tree, service)
    tree.run("stop", code=0)
    service.check_stopped()
    found = service.show()
    assert (found["ExecMainStatus"], found["NRestarts"]) == ("0", "0")


def test_a_broken_configuration_is_told_and_not_tried_again(
    repo: Repo, tree: Tree, service: UserService
) -> None:
    repo.commit()
    service.install("--no-start")
    repo.put("prd-supervise.toml", "max_prds = 'many'\n")
    repo.seal()
    with pytest.raises(AssertionError, match="failed"):
        service.systemctl("start")
    found = service.wait(ActiveState="failed")
    assert (found["ExecMainStatus"], found["NRestarts"]) == ("78", "0")
    assert "prd-supervise.toml:1:" in service.log()
    assert "78" in tree.run("service", "status", code=1).out


def test_a_root_that_hangs_is_ended_by_the_watchdog_and_started_again(
    repo: Repo, tree: Tree, service: UserService, note: Note
) -> None:
    begin(repo, tree, service, WatchdogSec="4s", TimeoutAbortSec="5s")
    kill(service.main_pid, signal.SIGSTOP)
    took_s = timed(lambda: service.wait(NRestarts="1", ActiveState="active"))
    note("SIGSTOP of root -> active again, with WatchdogSec=4s", took_s)
    log = (repo.state / "supervise.log").read_text(encoding="utf-8")
    assert "most recent call first" in log, "the stacks of what hung"
    assert "supervise.log says where" in service.log()
    check_ends_well(repo, tree)


def test_a_prd_supervisor_that_hangs_is_roots_matter_and_not_the_watchdogs(
    repo: Repo, tree: Tree, service: UserService
) -> None:
    repo.configure(liveness={"warn_s": 2, "dump_s": 3, "terminate_s": 4, "kill_s": 5})
    repo.prd(AT_WORK)
    repo.commit()
    service.install()
    tree.wait_said("US-1", "at work")
    victim = tree.pid_of("prd ALPHA")
    kill(victim, signal.SIGSTOP)
    tree.wait(lambda: not is_alive(victim), "the end of what is stopped")
    check_ends_well(repo, tree)
    assert service.show()["NRestarts"] == "0"


def test_what_dies_again_and_again_is_given_up_until_somebody_looks(
    repo: Repo, tree: Tree, service: UserService
) -> None:
    begin(repo, tree, service, RestartSec="20ms", StartLimitBurst=3)
    for number in range(1, 3):
        kill(service.main_pid, signal.SIGKILL)
        service.wait(NRestarts=str(number), SubState="running")
    kill(service.main_pid, signal.SIGKILL)
    service.wait(ActiveState="failed")
    tree.run("service", "status", code=1)

    service.systemctl("reset-failed")
    service.systemctl("start")
    check_ends_well(repo, tree)


def test_an_agent_that_restarts_its_own_service_is_ended_and_works_on_afterwards(
    repo: Repo, tree: Tree, service: UserService
) -> None:
    restart = f"systemctl --user restart '{service.unit}'"
    once = f'[ -e "$TMPDIR/once" ] || {{ touch "$TMPDIR/once"; {restart}; }}'
    repo.configure(grace_s=2)
    repo.prd(
        story("US-1", write("half.txt", "x\n"), {"run": ["sh", "-c", once]}, AT_WORK["replay"][2])
    )
    repo.commit()
    service.install()
    tree.wait_event("prd_completed", prd="ALPHA")
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    assert len(tree.events("root_started")) == 2
    assert not tree.events("attempt_failed")
    assert service.show()["NRestarts"] == "0"

"""The service in a real `systemd --user`: it starts, works, reloads, stops and goes on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.e2e_processes import title_of
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree
from tests.support.user_service import Note, UserService, timed

WORK = write("US-1.txt", "x\n")
AT_WORK = story("US-1", {"say": "at work"}, HOLD, WORK)


def test_a_prd_that_appears_is_run_to_its_end_and_the_status_tells_of_it(
    repo: Repo, tree: Tree, service: UserService, note: Note
) -> None:
    repo.commit()
    service.install("--no-start")
    note("systemctl start -> active", timed(lambda: service.systemctl("start")))
    idle = service.wait(ActiveState="active", SubState="running", UnitFileState="enabled")
    assert "idle" in idle["StatusText"]

    repo.prd(AT_WORK, story("US-2", dependsOn=["US-1"]))
    repo.seal()
    tree.wait_said("US-1", "at work")
    tree.wait(lambda: "0 of 2 stories" in service.show()["StatusText"], "what is at work")
    tree.go()
    tree.wait_event("prd_completed", prd="ALPHA")
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]
    tree.wait(lambda: "idle" in service.show()["StatusText"], "it is idle again")

    note("systemctl stop of an idle one", timed(lambda: service.systemctl("stop")))
    service.check_stopped()


def test_a_reload_reads_the_configuration_again(
    repo: Repo, tree: Tree, service: UserService
) -> None:
    repo.commit()
    service.install()
    service.wait(ActiveState="active")
    repo.prd(story("B-1"), name="elsewhere/b.json", project="B")
    repo.configure(prds=["elsewhere/b.json"])
    service.systemctl("reload")
    tree.wait_event("prd_completed", prd="B")
    service.wait(ActiveState="active", SubState="running", NRestarts="0")

    repo.put("prd-supervise.toml", "nonsense = [\n")
    repo.seal()
    service.systemctl("reload")
    tree.wait_event("reload_failed")
    service.wait(ActiveState="active", SubState="running", NRestarts="0")


PHASES: dict[str, tuple[dict[str, Any], str]] = {
    "at work": (AT_WORK, "attempt_started"),
    "verifying": (
        story("US-1", WORK, verify=['until [ -e "$TMPDIR/go" ]; do sleep 0.02; done']),
        "agent_ended",
    ),
    "waiting for a limit": (
        story("US-1", replay=[[{"limit": {"in_s": 8}}], [WORK]]),
        "agent_parked",
    ),
    "waiting to go again": (story("US-1", replay=[[{"exit": 3}], [WORK]]), "attempt_failed"),
}


@pytest.mark.parametrize("phase", PHASES)
def test_a_stop_in_any_phase_leaves_nobody_and_a_start_goes_on(
    repo: Repo, tree: Tree, service: UserService, phase: str, note: Note
) -> None:
    wanted, event = PHASES[phase]
    repo.configure(grace_s=2, restart={"backoff_base_s": 5, "backoff_cap_s": 5})
    repo.prd(wanted)
    repo.commit()
    service.install()
    tree.wait_event(event)
    took_s = timed(lambda: service.systemctl("stop"))
    note(f"systemctl stop, {phase}, grace_s = 2", took_s)
    service.check_stopped()
    assert not repo.merged("feature/ALPHA")

    tree.go()
    service.systemctl("start")
    tree.wait_event("prd_completed", prd="ALPHA")
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]


def test_a_restart_comes_back_and_goes_on(repo: Repo, tree: Tree, service: UserService) -> None:
    repo.configure(grace_s=2)
    repo.prd(AT_WORK)
    repo.commit()
    service.install()
    tree.wait_said("US-1", "at work")
    before = service.main_pid
    service.systemctl("restart")
    assert service.wait(ActiveState="active")["NRestarts"] == "0"
    assert service.main_pid not in {before, 0}
    tree.go()
    tree.wait_event("prd_completed", prd="ALPHA")
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]


def test_what_an_agent_has_put_into_sessions_of_their_own_is_gone_after_a_stop(
    repo: Repo, tree: Tree, service: UserService
) -> None:
    flees = "trap '' TERM HUP; setsid sh -c 'trap \"\" TERM HUP; sleep 600' & echo fled; wait"
    repo.configure(grace_s=1)
    repo.prd(story("US-1", {"run": ["sh", "-c", flees]}))
    repo.commit()
    service.install()
    tree.wait(lambda: any("sleep" in title_of(each) for each in tree.everybody()), "one that fled")
    service.systemctl("stop")
    service.check_stopped()


def test_an_agent_knows_nothing_of_the_manager(
    repo: Repo, tree: Tree, service: UserService
) -> None:
    seen = {"run": ["sh", "-c", "env | grep -E 'NOTIFY|WATCHDOG|INVOCATION|JOURNAL' || echo none"]}
    repo.prd(story("US-1", seen, WORK))
    repo.commit()
    service.install()
    tree.wait_event("prd_completed", prd="ALPHA")
    assert "NOTIFY" not in tree.said("US-1")
    assert "WATCHDOG" not in tree.said("US-1")

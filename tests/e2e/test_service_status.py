"""`service status`, and surroundings in which no service can be."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from shlex import quote

import pytest

from prd_supervise.supervisor.ui.service.signing import signed
from tests.support.e2e_repo import Repo
from tests.support.mounts import SPACES, needs_mounts
from tests.support.service_typed import Services, said
from tests.support.tree import COMMAND, Tree


@pytest.fixture
def services(repo: Repo, tree: Tree, tmp_path: Path) -> Services:
    """The command on a repository with a commit."""
    repo.commit()
    return Services(repo, tree, tmp_path)


def test_status_says_how_it_stands(services: Services) -> None:
    services.install()
    services.fake.has(
        services.unit,
        ActiveState="active",
        SubState="running",
        MainPID="4711",
        NRestarts="2",
        StatusText="2 PRDs, 5 of 9 stories",
        ExecMainCode="0",
        WatchdogUSec="1min",
        Result="success",
    )

    text = services.type("status").out

    assert said(text, "service") == [services.unit]
    assert said(text, "state") == ["runs, pid 4711"]
    assert "2 PRDs, 5 of 9 stories" in text
    assert said(text, "restarts") == ["2 by the manager"]
    found = services.status()
    assert (found["pid"], found["restarts"], found["watchdog_s"]) == (4711, 2, 60.0)
    assert {each["state"] for each in found["files"]} == {"current"}


def test_status_tells_a_unit_of_an_older_version_and_a_program_that_is_gone(
    services: Services,
) -> None:
    services.install()

    services.template.write_text(signed("[Service]\nExecStart=/gone/prd-supervise resume\n"))

    found = services.status(code=1)

    assert found["program"] == "/gone/prd-supervise"
    texts = [each["text"] for each in found["faults"]]
    assert texts[0] == "its program is gone: /gone/prd-supervise"
    assert f"{services.template} is not what would be written now" in texts
    assert said(services.install(), "updated") == [str(services.template)]
    assert services.status()["files"][0]["state"] == "current"


def test_a_home_of_somebody_else_is_refused(services: Services) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(services.home, 12345, 12345)
    printed = services.install(code=2)
    assert "belongs to the user of number 12345, you are 0; type it as that user" in printed
    assert services.files() == set()


def test_a_home_that_is_not_there_is_refused(services: Services) -> None:
    assert "set HOME to yours" in services.install(code=2, env={"HOME": "/no/such/home"})


def test_a_folder_for_units_that_cannot_be_written_is_told(services: Services) -> None:
    services.units.parent.mkdir(parents=True)
    services.units.write_text("a file")

    printed = services.install(code=1)

    assert printed == f"{services.units}: cannot be used for units: File exists\n"


def test_a_folder_for_units_may_be_a_link(services: Services, tmp_path: Path) -> None:
    real = tmp_path / "dotfiles"
    real.mkdir()
    services.units.parent.mkdir(parents=True)
    services.units.symlink_to(real)

    services.install()

    assert (real / "prd-supervise@.service").exists()
    services.type("uninstall")
    assert services.units.is_symlink()
    assert [path for path in real.rglob("*") if path.is_file()] == []


def test_a_machine_without_a_service_manager_is_told(services: Services, tmp_path: Path) -> None:
    few = tmp_path / "few"
    few.mkdir()
    (few / "git").symlink_to(shutil.which("git") or "")

    printed = services.install(code=1, env={"PATH": str(few)})

    assert printed.startswith("neither systemctl nor launchctl is on PATH")
    assert services.files() == set()


def test_an_agent_of_ours_installs_nothing(services: Services) -> None:
    printed = services.install(code=2, env={"PRD_SUPERVISE_RUN": "abc"})
    assert "inside an agent" in printed


def test_a_second_worktree_of_one_repository_gets_no_second_service(
    services: Services, tmp_path: Path
) -> None:
    services.install()
    linked = tmp_path / "linked"
    services.repo.git("worktree", "add", "-q", "--detach", str(linked))

    refused = services.type("install", "-C", str(linked), code=2).err

    assert refused.startswith(f"{services.repo.path}: this checkout of the same repository has a")
    assert refused.rstrip().endswith(
        f"service uninstall -C {quote(str(services.repo.path))}` first"
    )
    assert said(services.type("status", "-C", str(linked)).out, "service") == [services.unit]
    services.repo.git("worktree", "remove", str(linked))


def test_settings_that_are_broken_are_told_before_anything(services: Services) -> None:
    services.repo.put("prd-supervise.toml", "max_prds = 'x'\n")
    assert "prd-supervise.toml:1:1" in services.install(code=78)
    assert services.files() == set()


def test_another_path_is_no_old_version(services: Services, tmp_path: Path) -> None:
    services.install(env={"PATH": f"{services.env['PATH']}:{tmp_path}"})

    found = services.status()

    assert found["files"][0]["state"] == "other PATH"
    assert "by another PATH than this shell" in found["faults"][0]["text"]


def test_doctor_says_what_is_wrong_with_a_service_that_is_installed(
    services: Services, tree: Tree
) -> None:
    def lines() -> list[tuple[str, str]]:
        done = tree.run("doctor", "--json", env=services.env)
        told = [each for each in json.loads(done.out)["lines"] if each["subject"] == "service"]
        return [(each["level"], each["text"]) for each in told]

    assert lines() == []
    services.install()
    assert lines() == [("ok", f"{services.unit}: active")]
    services.fake.has(services.unit, ActiveState="failed", Result="start-limit-hit")
    ((level, text),) = lines()
    assert level == "warn"
    assert text.startswith("it has failed: started too often within the window")
    services.template.write_text(signed("[Service]\nExecStart=/gone/prd-supervise resume\n"))
    assert lines()[0] == ("warn", "its program is gone: /gone/prd-supervise")


def test_two_at_once_are_one_after_the_other(services: Services) -> None:
    services.units.mkdir(parents=True)
    handle = os.open(services.units, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        printed = services.install(code=1)
    finally:
        os.close(handle)

    assert printed.startswith(f"{services.units}: another `prd-supervise service` is at work")
    assert services.files() == set()
    services.install()


@needs_mounts
def test_a_full_disk_leaves_no_half_unit(services: Services, tree: Tree) -> None:
    services.units.mkdir(parents=True)
    # One page: the first unit takes it.
    script = f"mount -t tmpfs -o size=4k none {services.units} && cd {services.repo.path} && "
    script += f"{COMMAND} service install; echo code $?; ls -A {services.units}"

    done = subprocess.run(
        [*SPACES, "sh", "-c", script],
        env=tree.env | services.env,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )

    unit = services.units / "prd.slice"
    assert done.stderr == f"{unit}: cannot be written: No space left on device\n"
    assert done.stdout.endswith("code 1\n"), "nothing is left"
    assert services.fake.calls("enable", "start") == []

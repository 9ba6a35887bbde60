"""`service install`, with service programs of the test's own on PATH."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

import pytest

from tests.support.e2e_repo import Repo
from tests.support.service_typed import CHANGES, Services, said
from tests.support.tree import COMMAND, Tree


@pytest.fixture
def services(repo: Repo, tree: Tree, tmp_path: Path) -> Services:
    """The command on a repository with a commit."""
    repo.commit()
    return Services(repo, tree, tmp_path)


def test_install_writes_enables_and_starts_it(services: Services) -> None:
    printed = services.install()

    assert said(printed, "wrote") == [str(services.template), str(services.units / "prd.slice")]
    assert said(printed, "program") == [str(COMMAND)]
    assert said(printed, "started") == ["idle"]
    assert services.fake.calls(*CHANGES) == [
        "daemon-reload",
        f"enable {services.unit}",
        f"reset-failed {services.unit}",
        f"start {services.unit}",
    ]
    text = services.template.read_text()
    assert f"\nExecStart={COMMAND} resume --watch\n" in text
    assert f"\nEnvironment=PATH={services.fake.bin}:" in text.replace('"', "")
    assert services.template.stat().st_mode & 0o777 == 0o644
    assert (services.units / "default.target.wants" / services.unit).is_symlink()


def test_a_second_install_changes_nothing_and_says_so(services: Services) -> None:
    services.install()
    before = {path: path.stat().st_mtime_ns for path in services.units.rglob("*")}
    services.fake.calls()

    printed = services.install()

    assert said(printed, "done") == ["nothing had to be changed: it was installed, and runs"]
    assert services.fake.calls(*CHANGES) == []
    assert {path: path.stat().st_mtime_ns for path in services.units.rglob("*")} == before


def test_a_path_that_has_changed_is_updated_and_a_restart_is_left_to_the_user(
    services: Services, tmp_path: Path
) -> None:
    services.install()
    services.fake.calls()
    more = tmp_path / "more programs"
    more.mkdir()

    printed = services.install(
        env={"PATH": f"{services.env['PATH']}:{more}:relative:{tmp_path}/none"}
    )

    assert said(printed, "updated") == [str(services.template)]
    assert f"systemctl --user restart '{services.unit}'" in printed
    assert services.fake.calls(*CHANGES) == ["daemon-reload"]
    (line,) = [each for each in services.template.read_text().splitlines() if "PATH=" in each]
    assert line.endswith(f':{more}"')


def test_a_newer_systemd_gets_pauses_that_grow(services: Services) -> None:
    (services.fake.bin.parent / "version").write_text("257")
    services.fake.put("systemd-analyze", "#!/bin/sh\nexit 0\n")  # this machine's may be older

    services.install()

    text = (services.units / "prd-supervise@.service.d/10-backoff.conf").read_text()
    assert "\nRestartSteps=6\n" in text
    services.type("uninstall")
    assert services.files() == set()


def test_a_dry_run_prints_the_units_and_writes_nothing(services: Services) -> None:
    printed = services.install("--dry-run")

    assert f"# --- {services.template}\n[Unit]\n" in printed
    assert services.files() == set()
    assert services.fake.calls(*CHANGES) == []


def test_what_is_not_to_be_started_is_only_enabled(services: Services) -> None:
    printed = services.install("--no-start")

    assert f"systemctl --user start '{services.unit}'" in said(printed, "not started")[0]
    assert services.fake.calls("enable", "start") == [f"enable {services.unit}"]


def test_a_file_of_somebody_else_is_refused_and_nothing_is_done(services: Services) -> None:
    services.units.mkdir(parents=True)
    (services.units / "prd.slice").write_text("[Slice]\nMemoryMax=1G\n")

    printed = services.install(code=1)

    assert printed.startswith(f"{services.units / 'prd.slice'}: this file is not ours, and stays;")
    assert services.files() == {".config/systemd/user/prd.slice"}
    assert services.fake.calls(*CHANGES) == []


def test_a_unit_that_the_user_has_changed_is_kept_unless_forced(services: Services) -> None:
    services.install()
    mine = services.template.read_text().replace("WatchdogSec=60s", "WatchdogSec=5min")
    services.template.write_text(mine)

    printed = services.install()
    assert said(printed, "kept") == [
        f"{services.template}: you have changed it; --force writes it anew"
    ]
    assert services.template.read_text() == mine
    assert any("changed by you" in each["text"] for each in services.status()["faults"])

    assert said(services.install("--force"), "updated") == [str(services.template)]
    assert "WatchdogSec=60s" in services.template.read_text()


def test_systemd_s_own_words_are_told_where_it_does_not_take_a_unit(services: Services) -> None:
    services.fake.put(
        "systemd-analyze", "#!/bin/sh\necho 'u:3: Unknown key, ignoring.' >&2; exit 1\n"
    )

    printed = services.install(code=1)

    assert printed == (
        "systemd does not take these units, and nothing was changed:\nu:3: Unknown key, ignoring.\n"
    )
    assert services.files() == set()


def test_a_program_that_hangs_is_not_waited_for(services: Services) -> None:
    services.fake.put("systemd-analyze", "#!/bin/sh\nexit 0\n")
    services.fake.behave({"verb": "is-system-running", "sleeps_s": 100})

    printed = services.install()

    assert "gave no answer within 10 s" in said(printed, "not started")[0] or (
        "not booted by systemd" in said(printed, "not started")[0]
    )
    assert said(printed, "enabled")


def test_a_start_that_fails_is_told_with_its_exit_code(services: Services) -> None:
    services.fake.behave({"verb": "start", "code": 1, "err": "Job failed."})
    services.fake.has(
        services.unit,
        ActiveState="failed",
        ExecMainCode="1",
        ExecMainStatus="78",
        Result="exit-code",
    )

    printed = services.install(code=1)

    (line,) = said(printed, "failed")
    assert line.startswith("it could not be started: exit code 78: the configuration or a PRD is")
    found = services.status(code=1)
    assert (found["state"], found["enabled"]) == ("failed", True)
    assert found["faults"][0]["bad"] is True
    assert "reset-failed" in found["faults"][0]["fix"]


def test_a_manager_that_looks_elsewhere_is_told(services: Services) -> None:
    services.fake.behave({"verb": "show", "code": 0, "out": "FragmentPath=\n"})

    printed = services.install(code=1)

    assert "your service manager does not look there" in printed
    assert services.fake.calls("enable", "start") == []


def test_a_key_of_this_shell_is_named_and_never_shown(services: Services) -> None:
    services.repo.configure(agent={"use": "claude", "secret_env": ["MY_OTHER_KEY"]})
    services.repo.commit()
    keys = {"ANTHROPIC_API_KEY": "sk-hidden-1", "MY_OTHER_KEY": "hidden-2"}
    services.fake.put("claude", "#!/bin/sh\n")

    printed = services.install(env=keys)

    (line,) = said(printed, "warning")
    assert line.startswith("MY_OTHER_KEY, ANTHROPIC_API_KEY")
    assert said(printed, "agent") == [f"claude: {services.fake.bin / 'claude'}"]
    assert "hidden" not in printed
    assert not any(
        b"hidden" in path.read_bytes() for path in services.units.rglob("*") if path.is_file()
    )

    kept = services.home / ".config/prd-supervise/env"
    kept.parent.mkdir()
    kept.write_text("# keys\nANTHROPIC_API_KEY=x\n MY_OTHER_KEY = y\n")
    kept.chmod(0o644)
    assert said(services.install(env=keys), "warning") == [
        f"{kept}: others can read it; `chmod 600 {quote(str(kept))}`"
    ]


def test_a_grace_beyond_what_a_logout_leaves_is_told(services: Services) -> None:
    services.repo.configure(grace_s=300)
    services.repo.commit()

    assert "logout and reboot at most 120 s" in said(services.install(), "warning")[0]


def test_beside_a_root_that_runs_it_waits_for_its_turn(services: Services, tree: Tree) -> None:
    run = tree.begin("start", "--watch", "--plain")
    tree.wait((services.repo.state / "control.sock").exists, "root serves")

    printed = services.install()

    assert f"root runs here already (pid {run.pid})" in said(printed, "waits")[0]
    assert services.fake.calls("start") == [f"start {services.unit}"]
    tree.run("stop", code=0)
    run.wait_exit(0)

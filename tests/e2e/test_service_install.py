"""`service install`, `uninstall` and `status` with service programs of the test's own on PATH."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.e2e_repo import Repo
from tests.support.fake_systemd import FakeSystemd
from tests.support.tree import COMMAND, Tree
from tests.support.tree_run import Done

CHANGES = ("daemon-reload", "enable", "disable", "start", "stop", "reset-failed")
LINGER = ("enable-linger", "disable-linger")


class Services:
    """The command in a home of its own, where it may write."""

    def __init__(self, repo: Repo, tree: Tree, folder: Path) -> None:
        self._tree = tree
        self.repo = repo
        self.fake = FakeSystemd(folder / "fake")
        self.home = folder / "user"
        self.home.mkdir()
        self.units = self.home / ".config/systemd/user"
        self.template = self.units / "prd-supervise@.service"
        escaped = str(repo.path).strip("/").replace("-", "\\x2d").replace("/", "-")
        self.unit = f"prd-supervise@{escaped}.service"
        self.env = {
            "HOME": str(self.home),
            "PATH": f"{self.fake.bin}:{tree.env['PATH']}",
            "USER": "somebody-else-than-any-other",
        }

    def type(self, *words: str, code: int = 0, **env: str) -> Done:
        """Type `service ...`."""
        return self._tree.run("service", *words, env=self.env | env, code=code)

    def install(self, *words: str, code: int = 0, **env: str) -> str:
        """Type `service install ...`; return what it prints."""
        done = self.type("install", *words, code=code, **env)
        return done.out + done.err

    def status(self, *, code: int = 0) -> dict[str, Any]:
        """The document."""
        found = json.loads(self.type("status", "--json", code=code).out)
        assert isinstance(found, dict)
        return found

    def files(self) -> set[str]:
        """All that lies in the user's home."""
        at = (Path(folder, name) for folder, _, names in os.walk(self.home) for name in names)
        return {path.relative_to(self.home).as_posix() for path in at}


@pytest.fixture
def services(repo: Repo, tree: Tree, tmp_path: Path) -> Services:
    """The command on a repository with a commit."""
    repo.commit()
    return Services(repo, tree, tmp_path)


def said(text: str, word: str) -> list[str]:
    """The lines with that word in front."""
    return [line[12:] for line in text.splitlines() if line[:11].strip() == word]


# --- install ------------------------------------------------------------------------------------


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

    printed = services.install(PATH=f"{services.env['PATH']}:{more}:relative:{tmp_path}/none")

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

    printed = services.install(code=0, **keys)

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
    assert said(services.install(code=0, **keys), "warning") == [
        f"{kept}: others can read it; `chmod 600 {kept}`"
    ]


def test_a_grace_beyond_what_a_logout_leaves_is_told(services: Services) -> None:
    services.repo.configure(grace_s=300)
    services.repo.commit()

    assert "logout and reboot at most 120 s" in said(services.install(), "warning")[0]


def test_a_root_that_runs_already_is_not_started_again(services: Services, tree: Tree) -> None:
    run = tree.begin("start", "--watch", "--plain")
    tree.wait((services.repo.state / "control.sock").exists, "root serves")

    printed = services.install()

    assert f"root runs here already (pid {run.pid})" in said(printed, "not started")[0]
    assert services.fake.calls("start") == []
    tree.run("stop", code=0)
    run.wait_exit(0)


# --- lingering ----------------------------------------------------------------------------------


def test_lingering_that_install_has_turned_on_is_turned_off_again(services: Services) -> None:
    printed = services.install("--linger")
    assert said(printed, "lingering")[0].startswith("turned on")
    assert services.fake.lingers

    printed = services.type("uninstall").out
    assert said(printed, "lingering") == ["was turned on by `service install`, and is turned off"]
    assert not services.fake.lingers
    assert services.files() == set()


def test_lingering_that_was_on_stays_on(services: Services) -> None:
    services.fake.linger()
    assert said(services.install("--linger"), "lingering")[0].startswith("on:")
    services.type("uninstall")
    assert services.fake.lingers
    assert services.fake.calls(*LINGER) == []


def test_lingering_that_is_refused_is_told_with_what_to_type(services: Services) -> None:
    services.fake.behave({"verb": "enable-linger", "code": 1, "err": "Access denied\n"})

    printed = services.install("--linger", code=1)

    assert said(printed, "lingering") == ["was refused: Access denied"]
    assert f"`sudo loginctl enable-linger {services.env['USER']}`" in printed
    assert said(printed, "started"), "the rest is done"


# --- uninstall ----------------------------------------------------------------------------------


def test_uninstall_takes_back_all_that_install_did(services: Services) -> None:
    services.install()
    services.fake.calls()

    printed = services.type("uninstall").out

    assert services.fake.calls(*CHANGES) == [
        f"stop {services.unit}",
        f"disable {services.unit}",
        "daemon-reload",
        f"reset-failed {services.unit}",
    ]
    assert services.files() == set()
    assert said(printed, "disabled") == [services.unit]
    assert services.type("uninstall").out == (
        f"nothing     is installed for {services.repo.path}\n"
    )
    assert services.status(code=1)["installed"] is False


def test_uninstall_keeps_what_a_user_has_changed_or_added(services: Services) -> None:
    services.install()
    with (services.units / "prd.slice").open("a") as file:
        file.write("MemoryMax=1G\n")
    drop_in = services.units / f"{services.unit}.d" / "mine.conf"
    drop_in.parent.mkdir()
    drop_in.write_text("[Service]\nRestartSec=1\n")

    printed = services.type("uninstall").out

    assert said(printed, "kept") == [
        f"{services.units / 'prd.slice'}: you have changed it",
        f"{drop_in}: it is yours",
    ]
    assert said(printed, "removed") == [str(services.template)]
    assert drop_in.exists()


def test_another_repository_keeps_its_template_and_its_lingering(
    services: Services, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(services.repo.path, other)
    services.install("--linger")
    services.type("install", "-C", str(other))

    printed = services.type("uninstall").out
    assert f"they serve {other}" in said(printed, "kept")[0]
    assert services.template.exists()
    assert services.fake.lingers

    services.type("uninstall", "-C", str(other))
    assert services.files() == set()
    assert not services.fake.lingers


def test_a_service_that_does_not_stop_is_not_taken_away(services: Services) -> None:
    services.install()
    services.fake.behave({"verb": "stop", "code": 1, "err": "Job canceled.\n"})

    refused = services.type("uninstall", code=1)

    assert refused.err == f"{services.unit}: cannot be stopped, and stays: Job canceled.\n"
    assert services.template.exists()


def test_the_service_of_a_repository_that_is_gone_can_be_taken_back(
    services: Services, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    shutil.copytree(services.repo.path, gone)
    services.type("install", "-C", str(gone))
    shutil.rmtree(gone)

    assert said(services.type("uninstall", "-C", str(gone)).out, "disabled")
    assert services.files() == set()
    assert "no such folder" in services.type("uninstall", "-C", str(gone), code=2).err


# --- status -------------------------------------------------------------------------------------


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
    from prd_supervise.supervisor.ui.service.signing import signed  # noqa: PLC0415

    services.template.write_text(signed("[Service]\nExecStart=/gone/prd-supervise resume\n"))

    found = services.status(code=1)

    assert found["program"] == "/gone/prd-supervise"
    texts = [each["text"] for each in found["faults"]]
    assert texts[0] == "its program is gone: /gone/prd-supervise"
    assert f"{services.template} is not what would be written now" in texts
    assert said(services.install(), "updated") == [str(services.template)]
    assert services.status()["files"][0]["state"] == "current"


# --- hostile surroundings -----------------------------------------------------------------------


def test_a_home_of_somebody_else_is_refused(services: Services) -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a folder away")
    os.chown(services.home, 12345, 12345)
    printed = services.install(code=2)
    assert "belongs to the user of number 12345, you are 0; type it as that user" in printed
    assert services.files() == set()


def test_a_home_that_is_not_there_is_refused(services: Services) -> None:
    assert "set HOME to yours" in services.install(code=2, HOME="/no/such/home")


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

    printed = services.install(code=1, PATH=str(few))

    assert printed.startswith("neither systemctl nor launchctl is on PATH")
    assert services.files() == set()


def test_an_agent_of_ours_installs_nothing(services: Services) -> None:
    printed = services.install(code=2, PRD_SUPERVISE_RUN="abc")
    assert "inside an agent" in printed


def test_a_second_worktree_of_one_repository_gets_no_second_service(
    services: Services, tmp_path: Path
) -> None:
    services.install()
    linked = tmp_path / "linked"
    services.repo.git("worktree", "add", "-q", "--detach", str(linked))

    refused = services.type("install", "-C", str(linked), code=2).err

    assert refused.startswith(f"{services.repo.path}: this checkout of the same repository has a")
    assert said(services.type("status", "-C", str(linked)).out, "service") == [services.unit]
    services.repo.git("worktree", "remove", str(linked))


def test_settings_that_are_broken_are_told_before_anything(services: Services) -> None:
    services.repo.put("prd-supervise.toml", "max_prds = 'x'\n")
    assert "prd-supervise.toml:1:1" in services.install(code=78)
    assert services.files() == set()

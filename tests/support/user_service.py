"""The service of one repository in a real user manager: what people type, what systemd says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from tests.support.e2e_processes import DEADLINE_S, wait_until
from tests.support.e2e_repo import Repo
from tests.support.tree import COMMAND
from tests.support.user_manager import UserManager

_PROPERTIES = (
    "ActiveState,SubState,Result,MainPID,NRestarts,StatusText,ExecMainCode,ExecMainStatus,"
    "ControlGroup"
)


class UserService:
    """`prd-supervise@….service` of one repository."""

    def __init__(self, manager: UserManager, repo: Repo, env: dict[str, str]) -> None:
        self._manager = manager
        self._repo = repo
        self._env = env
        escaped = manager.run(
            "systemd-escape", "-p", "--template=prd-supervise@.service", str(repo.path)
        )
        self.unit = escaped.stdout.rstrip("\n")
        self._folder = manager.home / ".config/systemd/user"
        self._log = manager.home / f"{repo.path.name}.log"

    # --- what people type -----------------------------------------------------------------------

    def install(self, *words: str, **settings: object) -> None:
        """Install it with `service install`; these settings are a drop-in's."""
        self.drop_in(StandardOutput=f"append:{self._log}", StandardError="inherit", **settings)
        self._manager.put(self._folder / "prd-supervise@.service", _UNIT)
        self.systemctl("daemon-reload")
        del words

    def drop_in(self, **settings: object) -> None:
        """Write a drop-in with these settings of [Service]."""
        lines = ["[Service]", *(f"{name}={value}" for name, value in settings.items()), ""]
        self._manager.put(self._folder / f"{self.unit}.d" / "test.conf", "\n".join(lines))

    def systemctl(self, verb: str, *words: str) -> str:
        """Run `systemctl --user` on it."""
        names = () if verb == "daemon-reload" else (self.unit,)
        return self._manager.systemctl(verb, *words, *names)

    def remove(self) -> None:
        """End it as it is, and forget it."""
        self._manager.run("systemctl", "--user", "kill", "-s", "KILL", self.unit)
        self._manager.run("systemctl", "--user", "stop", self.unit)
        self._manager.run("systemctl", "--user", "reset-failed", self.unit)
        shutil.rmtree(self._folder / f"{self.unit}.d", ignore_errors=True)

    # --- what systemd says ----------------------------------------------------------------------

    def show(self) -> dict[str, str]:
        """Its properties."""
        out = self.systemctl("show", "-p", _PROPERTIES)
        return dict(line.split("=", 1) for line in out.splitlines())

    def wait(self, within_s: float = DEADLINE_S, **wanted: str) -> dict[str, str]:
        """Wait until its properties are these; return all of them."""
        wait_until(
            lambda: wanted.items() <= self.show().items(),
            lambda: f"{wanted}: it is {self.show()}\n{self.log()}\n{self._manager.log()}",
            within_s,
        )
        return self.show()

    @property
    def main_pid(self) -> int:
        """Root's pid, as it is outside of the manager's namespace; 0: it does not run."""
        inside = self.show()["MainPID"]
        for pid in self.pids():
            status = Path(f"/proc/{pid}/status").read_text()
            line = next(each for each in status.splitlines() if each.startswith("NSpid:"))
            if line.split()[-1] == inside:
                return pid
        return 0

    def pids(self) -> list[int]:
        """The processes in its cgroup and in all below it."""
        at = self.show()["ControlGroup"]
        if not at:
            return []
        cgroup = self._manager.cgroup_of(at)
        return [
            int(pid) for file in cgroup.rglob("cgroup.procs") for pid in file.read_text().split()
        ]

    def log(self) -> str:
        """What it has printed, in all of its lives."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""


_UNIT = f"""\
[Unit]
Description=prd-supervise for %f
StartLimitIntervalSec=15min
StartLimitBurst=5
[Service]
Type=exec
WorkingDirectory=%f
EnvironmentFile=-%E/prd-supervise/env
ExecStart={COMMAND} resume --watch
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=5s
SuccessExitStatus=75
RestartForceExitStatus=75
RestartPreventExitStatus=2 78
TimeoutStopSec=90s
KillMode=mixed
Delegate=yes
OOMPolicy=continue
Slice=prd.slice
[Install]
WantedBy=default.target
"""


def quoted(value: str) -> str:
    """A value for an environment file."""
    return json.dumps(value)

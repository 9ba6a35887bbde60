"""The service of one repository in a real user manager: what people type, what systemd says."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.e2e_processes import DEADLINE_S, wait_until
from tests.support.tree import Tree
from tests.support.user_manager import UserManager

_PROPERTIES = (
    "ActiveState,SubState,Result,MainPID,NRestarts,StatusText,ExecMainCode,ExecMainStatus,"
    "ControlGroup,UnitFileState"
)
# A test waits for restarts, so they come soon. There is no journald: what is printed is a file.
_QUICK = {"RestartSec": "200ms"}


Note = Callable[[str, float], None]  # writes down how many seconds something took


class UserService:
    """`prd-supervise@….service` of one repository."""

    def __init__(self, manager: UserManager, tree: Tree) -> None:
        self._manager = manager
        self._tree = tree
        template = "--template=prd-supervise@.service"
        escaped = manager.run("systemd-escape", "-p", template, str(tree.repo.path))
        self.unit = escaped.stdout.rstrip("\n")
        self.units = manager.home / ".config/systemd/user"
        self._log = manager.home / f"{tree.repo.path.parent.name}.log"

    # --- what people type -----------------------------------------------------------------------

    def install(self, *words: str, **settings: object) -> str:
        """Install it, with a drop-in of these settings; return what that prints."""
        given = {"StandardOutput": f"append:{self._log}", "StandardError": "inherit"}
        given |= _QUICK | {name: str(value) for name, value in settings.items()}
        parts: dict[str, list[str]] = {"Unit": [], "Service": []}
        for name, value in given.items():
            parts["Unit" if name.startswith("StartLimit") else "Service"].append(f"{name}={value}")
        text = "".join(f"[{part}]\n" + "\n".join(lines) + "\n" for part, lines in parts.items())
        self._manager.put(self.units / f"{self.unit}.d" / "test.conf", text)
        return self._tree.run("service", "install", *words, code=0).out

    def uninstall(self) -> str:
        """Take it back; return what that prints."""
        return self._tree.run("service", "uninstall", code=0).out

    def systemctl(self, verb: str, *words: str) -> str:
        """Run `systemctl --user` on it, which has to succeed."""
        return self._manager.systemctl(verb, *words, self.unit)

    def remove(self) -> None:
        """End it as it is, and take everything away."""
        for verb in ("kill -s KILL", "stop", "disable", "reset-failed"):
            self._manager.run("systemctl", "--user", *verb.split(), self.unit)
        shutil.rmtree(self.units, ignore_errors=True)
        self._manager.systemctl("daemon-reload")

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

    def check_stopped(self) -> None:
        """It has ended as it was asked to, and nobody is left."""
        found = self.wait(ActiveState="inactive")
        assert found["Result"] == "success", (found, self.log())
        assert not self.pids()
        self._tree.wait_gone(1)

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
        files = self._manager.cgroup_of(at).rglob("cgroup.procs")
        return [int(pid) for file in files for pid in file.read_text().split()]

    def log(self) -> str:
        """What it has printed, in all of its lives."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""


def timed(act: Callable[[], object]) -> float:
    """Do it; return the seconds that it took."""
    began_s = time.monotonic()
    act()
    return time.monotonic() - began_s


def quoted(value: str) -> str:
    """A value for an environment file."""
    return json.dumps(value)

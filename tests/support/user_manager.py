"""A real `systemd --user` around a test, without systemd as PID 1 and with nothing of it outside.

It runs in namespaces of its own (`user_manager.sh`) as a user whom the machine does not know. It
needs root, a cgroup v2 and what `.ci/packages` installs; `why_no_manager()` says what lacks.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import psutil

from tests.support.cgroups import cgroup_mount, own_cgroup, own_folder, remove_cgroup
from tests.support.e2e_processes import wait_until

UID = 61971
MANAGER = Path("/lib/systemd/systemd")
_INSIDE = Path(__file__).with_suffix(".sh")
_CHECKOUT = Path(__file__).resolve().parents[2]
_UP_S = 30.0
_COMMAND_S = 100.0
_PROGRAMS = "unshare nsenter setpriv mount dbus-daemon systemctl".split()
_DBUS_SOCKET = Path("/usr/lib/systemd/user/dbus.socket")  # of dbus-user-session


@cache
def why_no_manager() -> str:
    """Why no user manager can be had here, for people; empty if one can."""
    if os.getuid() != 0:
        return "needs root, to give a user manager namespaces of its own; yours is left alone"
    lacking = [name for name in _PROGRAMS if shutil.which(name) is None]
    lacking += [str(path) for path in (MANAGER, _DBUS_SOCKET) if not path.exists()]
    if lacking:
        return f"needs {', '.join(lacking)}; `.ci/packages` installs it"
    if cgroup_mount() is None:
        return "needs a cgroup v2 that can be written to"
    mounts = "mount --make-rprivate / && umount -l /sys/fs/cgroup"
    mounts += " && mount -t cgroup2 cgroup2 /sys/fs/cgroup && mount -t tmpfs tmpfs /run"
    probe = ["unshare", "-m", "-C", "-p", "--fork", "--mount-proc", "sh", "-c", mounts]
    done = subprocess.run(probe, capture_output=True, text=True, check=False, timeout=60)
    return f"needs namespaces and mounts: {done.stderr.strip()}" if done.returncode else ""


class UserManager:
    """A user manager that runs until it is closed, or until the tests are killed."""

    def __init__(self) -> None:
        self.folder = own_folder()
        self.home = self.folder / "home"
        self.home.mkdir(mode=0o700)
        os.chown(self.home, UID, UID)
        self._cgroup = own_cgroup("user")
        self._process = self._begin()
        try:
            self._init = self._first_inside()
            wait_until(self._is_up, self.log, _UP_S)
        except BaseException:
            self.close()
            raise

    def words(self, folder: Path) -> tuple[str, ...]:
        """What stands before a command that the user runs in this folder."""
        inside = ("nsenter", "-t", str(self._init), "-m", "-C", "-p", "--")
        user = ("setpriv", "--reuid", str(UID), "--regid", str(UID), "--clear-groups", "--")
        return (*inside, *user, "env", "-C", str(folder))

    @property
    def env(self) -> dict[str, str]:
        """The environment of the user's own shell."""
        return {
            "HOME": str(self.home),
            "USER": "prd-test",
            "XDG_RUNTIME_DIR": f"/run/user/{UID}",
            "PATH": os.environ["PATH"],
            "SYSTEMD_COLORS": "0",
            "SYSTEMD_PAGER": "cat",
            "LANG": "C.UTF-8",
        }

    def run(
        self, *words: str, env: Mapping[str, str] | None = None, folder: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command as the user, to its end."""
        return subprocess.run(
            [*self.words(folder or self.home), *words],
            env=self.env if env is None else dict(env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_COMMAND_S,
            check=False,
        )

    def systemctl(self, *words: str) -> str:
        """Run `systemctl --user`, which has to succeed; return what it prints."""
        done = self.run("systemctl", "--user", *words)
        assert done.returncode == 0, f"systemctl {words}: {done.stdout}{done.stderr}\n{self.log()}"
        return done.stdout

    def put(self, path: Path, text: str) -> None:
        """Write a file of the user's, with the folders above it."""
        for folder in reversed(path.relative_to(self.folder).parents):
            if not (self.folder / folder).exists():
                (self.folder / folder).mkdir()
                os.chown(self.folder / folder, UID, UID)
        path.write_text(text)
        path.chmod(0o600)
        os.chown(path, UID, UID)

    def cgroup_of(self, name: str) -> Path:
        """A cgroup by the name that systemd has for it."""
        return self._cgroup / name.lstrip("/")

    def log(self) -> str:
        """What the manager has printed, its end."""
        path = self.folder / "manager.log"
        return path.read_text(errors="replace")[-8000:] if path.exists() else ""

    def close(self) -> None:
        """End it and everything below it; leave nothing."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=_UP_S)
        wait_until(lambda: remove_cgroup(self._cgroup), lambda: f"{self._cgroup} is empty", _UP_S)
        shutil.rmtree(self.folder)

    def _begin(self) -> subprocess.Popen[bytes]:
        seen = {str(_CHECKOUT), sys.base_prefix, str(Path(sys.executable).resolve().parents[1])}
        enter = 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"'
        spaces = ("unshare", "-m", "-C", "-p", "--fork", "--kill-child", "--mount-proc")
        inside = ("sh", str(_INSIDE), str(UID), str(self.folder), *sorted(seen))
        with (self.folder / "setup.log").open("wb") as log:
            return subprocess.Popen(
                ["sh", "-c", enter, "sh", str(self._cgroup), *spaces, *inside],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _first_inside(self) -> int:
        unshare = psutil.Process(self._process.pid)

        def is_there() -> bool:
            return unshare.name() == "unshare" and bool(unshare.children())

        wait_until(is_there, self._why_not_up, _UP_S)
        return unshare.children()[0].pid

    def _is_up(self) -> bool:
        assert self._process.poll() is None, self._why_not_up()
        if not (self.folder / "manager.log").exists():
            return False
        done = self.run("systemctl", "--user", "is-system-running")
        return done.stdout.strip() in {"running", "degraded"}

    def _why_not_up(self) -> str:
        return (self.folder / "setup.log").read_text(errors="replace") + self.log()

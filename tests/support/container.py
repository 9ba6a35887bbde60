"""A booted system in a container, that can be rebooted and whose power can be cut.

`tests/system/machines.sh` has made what it needs. Processes inside are reached by nsenter, because
there is no machined outside; a session of the user is made as a login makes one.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import zipfile
from contextlib import suppress
from pathlib import Path

import psutil

from tests.support.cgroups import own_cgroup, own_folder, remove_cgroup
from tests.support.e2e_processes import is_alive, kill, wait_until

USER, UID = "tester", 1000
HOME = Path("/home", USER)
UP_S = 60.0
_COMMAND_S = 150.0

# 133 is how systemd-nspawn says that the system inside wants to be rebooted. What it changes stands
# in a layer above the system that all tests share; homes and the program are folders of the test's.
_LOOP = """\
mount --make-rprivate /
umount -l /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/systemd/system
mount -t overlay -o "lowerdir=$2,upperdir=$3/changes,workdir=$3/work" overlay "$3/root"
code=133
while [ "$code" = 133 ]; do
    code=0
    "$1" -q -D "$3/root" --boot --register=no --keep-unit --machine=prd-test --console=read-only \\
        --private-network --link-journal=no --resolv-conf=off --timezone=off \\
        --bind="$3/home:/home" --bind-ro="$3/program/prd_supervise:$4" </dev/null || code=$?
    echo "ended with $code"
done
"""


class Container:
    """One system, on a disk of its own that outlives its boots."""

    def __init__(self, machines: Path, suite: str) -> None:
        self._nspawn = machines / "nspawn/usr/bin/systemd-nspawn"
        self._system = machines / suite
        self._folder = own_folder()
        self._log = self._folder / "console.log"
        self.home = self._folder / "home" / USER
        self._cgroup = own_cgroup(suite)
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("changes", "work", "root", "home"):
            (self._folder / name).mkdir(parents=True)
        self.home.mkdir()
        os.chown(self.home, UID, UID)
        (wheel,) = (machines / "wheels/own").glob("*.whl")
        zipfile.ZipFile(wheel).extractall(self._folder / "program")

    # --- power ----------------------------------------------------------------------------------

    def boot(self) -> None:
        """Switch it on; wait until the user can be logged in."""
        self._cgroup.mkdir(exist_ok=True)
        enter = 'echo $$ >"$1/cgroup.procs"; shift; exec "$@"'
        dies_with_us = ("setpriv", "--pdeathsig", "KILL")
        spaces = ("unshare", "-m", "-C", "-p", "--fork", "--kill-child", "--mount-proc")
        (packages,) = self._system.glob("opt/prd-supervise/lib/python3.*/site-packages")
        program = Path("/") / packages.relative_to(self._system) / "prd_supervise"
        places = (self._nspawn, self._system, self._folder, program)
        inside = ("sh", "-euc", _LOOP, "sh", *map(str, places))
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*dies_with_us, "sh", "-c", enter, "sh", str(self._cgroup), *spaces, *inside],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ["PATH"]},  # without the mark of whichever test is first
                start_new_session=True,
            )
        self.wait_booted()

    def reboot(self) -> None:
        """As `systemctl reboot` does; wait until it is up again."""
        before = self._init()
        self.as_root("systemctl", "reboot")
        wait_until(lambda: not is_alive(before), self.log, _COMMAND_S)
        self.wait_booted()

    def cut_power(self) -> None:
        """Everything in it is gone at once."""
        assert self._process is not None
        kill(self._init(), signal.SIGKILL)
        self._process.wait(_COMMAND_S)
        wait_until(lambda: remove_cgroup(self._cgroup), lambda: "the cgroup is empty", UP_S)

    def wait_booted(self) -> None:
        """Wait until logins are answered."""
        wait_until(self._is_booted, self.log, UP_S)

    def close(self) -> None:
        """Leave nothing of it."""
        if self._process is not None and self._process.poll() is None:
            with suppress(AssertionError):
                self.cut_power()
            self._process.kill()
            self._process.wait(_COMMAND_S)
        wait_until(lambda: remove_cgroup(self._cgroup), lambda: "the cgroup is empty", UP_S)
        shutil.rmtree(self._folder)

    # --- commands -------------------------------------------------------------------------------

    def as_root(self, *words: str) -> str:
        """Run a command inside, that has to succeed."""
        return self._run(words)

    def as_user(self, *words: str, folder: Path = HOME) -> str:
        """Run a command as the user, as cron would: in no session."""
        ids = ("--reuid", str(UID), "--regid", str(UID), "--clear-groups")
        env = (f"HOME={HOME}", f"USER={USER}", f"XDG_RUNTIME_DIR=/run/user/{UID}")
        path = "PATH=/usr/local/bin:/usr/bin:/bin"
        start = ("env", "-i", "-C", str(folder), *env, path, "LANG=C.UTF-8")
        return self._run(("setpriv", *ids, *start, *words))

    def in_session(self, *words: str, folder: Path = HOME) -> str:
        """Run a command in a session of the user's, as one who has logged in does."""
        session = ("-p", f"User={USER}", "-p", "PAMName=login", "-p", f"WorkingDirectory={folder}")
        return self.as_root("systemd-run", "-q", "--wait", "--pipe", *session, *words)

    def has(self, path: str) -> bool:
        """Say whether there is such a file inside."""
        return Path(f"/proc/{self._init()}/root", path.lstrip("/")).exists()

    def log(self) -> str:
        """What its console says, its end."""
        return self._log.read_text(errors="replace")[-6000:]

    def _run(self, words: tuple[str, ...]) -> str:
        inside = ("nsenter", "-t", str(self._init()), "-m", "-u", "-i", "-n", "-p", "-C", "--")
        return _run(*inside, *words)

    def _init(self) -> int:
        """Process 1 of the system inside, as it is seen outside; 0: there is none."""
        assert self._process is not None
        with suppress(psutil.NoSuchProcess):
            for each in psutil.Process(self._process.pid).children(recursive=True):
                if each.name() == "systemd-nspawn" and (inside := each.children()):
                    return inside[0].pid
        return 0

    def _is_booted(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, self.log()
        if not self._init():
            return False
        with suppress(AssertionError):
            return "active" in self.as_root("systemctl", "is-active", "systemd-logind").split()
        return False


def _run(*words: str) -> str:
    done = subprocess.run(
        words,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_COMMAND_S,
        check=False,
    )
    assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout

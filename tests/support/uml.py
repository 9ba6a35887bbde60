"""A machine with a kernel of its own, User-Mode Linux: its cgroups keep their limits.

`tests/system/machines.sh` has made what it needs. Its power is cut by killing the kernel: what that
had not written to its disk is lost, as it is in life.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import zipfile
from pathlib import Path

from tests.support.cgroups import own_folder
from tests.support.e2e_processes import wait_until

USER, UID = "tester", 1000
UP_S = 240.0
COMMAND_S = 240.0

# It needs a newer C library than this system may have: it runs in that of the newer system.
_START = """\
mount --make-rprivate /
mount --bind /dev "$1/dev"
mount -t proc proc "$1/proc"
mount -t tmpfs tmpfs "$1/dev/shm"
mount --bind "$2" "$1/uml"
mount --bind "$3" "$1/mnt"
exec chroot "$1" env -i HOME=/tmp PATH=/usr/bin:/bin TMPDIR=/dev/shm /mnt/uml/usr/bin/linux.uml \\
    umid=prd uml_dir=/dev/shm mem=1536M "ubda=/uml/disk.cow,/mnt/$4.ext4" root=/dev/ubda rw \\
    con=null con0=null,fd:1 con1=null ssl=null quiet loglevel=3 systemd.show_status=0 \\
    prd.channel=/uml
"""


class Uml:
    """One machine, on a disk of its own that outlives its boots."""

    def __init__(self, machines: Path, suite: str = "bookworm") -> None:
        self._machines = machines
        self._suite = suite
        self._folder = own_folder()
        for name in ("in", "out"):
            (self._folder / name).mkdir()
        (wheel,) = (machines / "wheels/own").glob("*.whl")
        zipfile.ZipFile(wheel).extractall(self._folder / "program")
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = 0

    def boot(self) -> None:
        """Switch it on, and wait until it answers."""
        spaces = ("unshare", "-m", "-p", "--fork", "--kill-child", "--mount-proc")
        places = (self._machines / "trixie", self._folder, self._machines, self._suite)
        with (self._folder / "console.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *spaces, "sh", "-euc", _START, "sh"]
                + [str(each) for each in places],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ["PATH"]},
                start_new_session=True,
            )
        self.run("true", within_s=UP_S)

    def cut_power(self) -> None:
        """Kill its kernel."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(COMMAND_S)
        for each in (self._folder / "in").iterdir():
            each.unlink()

    def close(self) -> None:
        """Leave nothing of it."""
        if self._process is not None and self._process.poll() is None:
            self.cut_power()
        shutil.rmtree(self._folder)

    def run(self, script: str, *, within_s: float = COMMAND_S, fails: bool = False) -> str:
        """Run a script as the superuser inside; it has to succeed, unless it may fail."""
        self._asked += 1
        name = f"{self._asked:04}"
        beside = self._folder / f"{name}.new"
        beside.write_text(script + "\n")
        beside.rename(self._folder / "in" / f"{name}.sh")
        code = self._folder / "out" / f"{name}.code"
        wait_until(lambda: self._is_answered(code), lambda: f"{script}\n{self.log()}", within_s)
        out = (self._folder / "out" / f"{name}.txt").read_text(errors="replace")
        assert fails or code.read_text().strip() == "0", f"{script}\n{out}\n{self.log()}"
        return out

    def as_user(self, script: str, *, fails: bool = False) -> str:
        """Run a script as the user, in no session."""
        ids = f"--reuid {UID} --regid {UID} --clear-groups"
        env = f"HOME=/home/{USER} XDG_RUNTIME_DIR=/run/user/{UID} LANG=C.UTF-8"
        words = f"setpriv {ids} env -C /home/{USER} {env} PATH=/usr/local/bin:/usr/bin:/bin"
        return self.run(f"{words} sh -euc {shlex.quote(script)}", fails=fails)

    def in_session(self, script: str) -> str:
        """Run a script in a session of the user's, as one who has logged in does."""
        session = f"-p User={USER} -p PAMName=login -p WorkingDirectory=/home/{USER}"
        return self.run(f"systemd-run -q --wait --pipe {session} sh -euc {shlex.quote(script)}")

    def put(self, path: str, text: str) -> None:
        """Write a file of the user's."""
        self.as_user(f"mkdir -p $(dirname {path}); printf %s {shlex.quote(text)} >{path}")

    def log(self) -> str:
        """What its console says, its end."""
        path = self._folder / "console.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    def _is_answered(self, code: Path) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"it has ended:\n{self.log()}"
        return code.exists()

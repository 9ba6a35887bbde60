"""Cgroups and folders of a run of the tests, by its pid: one that was killed has left its own."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import psutil

_NAME = "prd-test"
_PARENT = Path("/tmp")  # noqa: S108  pytest's own is closed to the user, and TMPDIR may be
_MOUNTS = (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup"))


def cgroup_mount() -> Path | None:
    """Where the cgroup v2 is mounted, if we may make groups there."""
    for mount in _MOUNTS:
        if (mount / "cgroup.procs").exists() and os.access(mount, os.W_OK):
            probe = mount / f"{_NAME}.{os.getpid()}.probe"
            with suppress(OSError):
                probe.mkdir()
                probe.rmdir()
                return mount
    return None


def remove_cgroup(cgroup: Path) -> bool:
    """Kill what is in a cgroup, remove it with all below it; say whether it is gone."""
    with suppress(OSError):
        (cgroup / "cgroup.kill").write_text("1")
    for folder, _, _ in os.walk(cgroup, topdown=False):
        with suppress(OSError):
            Path(folder).rmdir()
    return not cgroup.exists()


def own_cgroup(what: str) -> Path:
    """A cgroup of this run; those of runs that are no more are removed."""
    mount = cgroup_mount()
    assert mount is not None
    for left in mount.glob(f"{_NAME}.*"):
        if _is_of_the_dead(left.name):
            remove_cgroup(left)
    made = mount / f"{_NAME}.{os.getpid()}.{what}"
    made.mkdir(exist_ok=True)
    return made


def own_folder() -> Path:
    """A folder of this run that everybody may look into, with a short path; likewise."""
    for left in _PARENT.glob(f"{_NAME}.*"):
        if _is_of_the_dead(left.name):
            shutil.rmtree(left, ignore_errors=True)
    made = Path(tempfile.mkdtemp(prefix=f"{_NAME}.{os.getpid()}.", dir=_PARENT))
    made.chmod(0o755)
    return made


def _is_of_the_dead(name: str) -> bool:
    pid = name.split(".")[1]
    return pid.isdigit() and not psutil.pid_exists(int(pid))

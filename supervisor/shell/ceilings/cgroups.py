"""Ceilings that the kernel keeps: a sub-cgroup a story, where a cgroup v2 is delegated to us.

Root takes the cgroup that it was started in: it moves to a leaf, because a cgroup with controllers
for its children may hold no process itself, and its children follow by inheritance. The PRD
supervisors make the stories' cgroups, root removes them.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from ....policies.ceilings.verdicts import Attempt, Ceilings

LEAF = "prd-supervise"
STORY = "story."
MOUNTS = (Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/unified"))
OWN = Path("/proc/self/cgroup")
WANTED = ("memory", "cpu", "pids")
TASKS_A_PROCESS = 8  # pids.max counts threads, the ceiling counts processes
CPU_PERIOD_US = 100_000
END_S = 1.0
_NAP_S = 0.002
_PROBE_BYTES = 1 << 40  # far more than root needs while it stands
_DELEGATED = ("user.delegate", "trusted.delegate")  # what systemd writes on what it delegates


class NotDelegatedError(Exception):
    """Why the kernel keeps no ceilings here: one line for people."""


class Delegation(Struct, frozen=True, kw_only=True):
    """A cgroup of ours, and the controllers that its children have."""

    path: Path
    controllers: tuple[str, ...]


def take_delegation(
    mounts: tuple[Path, ...] = MOUNTS, own: Path = OWN, pid: int | None = None
) -> Delegation:
    """Take what is delegated to us, or raise NotDelegatedError and leave all as it was."""
    path = _own_cgroup(mounts, own)
    controllers = _words(path / "cgroup.controllers")
    if "memory" not in controllers:
        raise NotDelegatedError(f"{path}: no memory controller is delegated here")
    _check_right(path, mounts)
    wanted = tuple(name for name in WANTED if name in controllers)
    leaf, ours = path / LEAF, pid or os.getpid()
    try:
        leaf.mkdir(exist_ok=True)
        _write(leaf / "cgroup.procs", ours)
        _write(path / "cgroup.subtree_control", " ".join(f"+{name}" for name in wanted))
        _probe(leaf / "memory.max")
    except OSError as error:
        _give_back(path, wanted, ours)
        raise NotDelegatedError(f"{path}: {error.strerror or error}") from error
    delegation = Delegation(path=path, controllers=wanted)
    end_all_stories(delegation)  # of a root that was killed
    return delegation


def story_cgroup(base: Path, attempt: Attempt) -> Path:
    """Where the cgroup of an attempt lies; ids are names of folders already."""
    return base / f"{STORY}{attempt.prd_id}.{attempt.story_id}.{attempt.number}"


def open_story(path: Path, ceilings: Ceilings) -> bool:
    """Make a story's cgroup with its ceilings; False where that cannot be (then psutil's hold).

    Who is in it already is of the same attempt, before its PRD supervisor died: that goes first.
    """
    try:
        if path.exists():
            _write(path / "cgroup.kill", 1)
        path.mkdir(exist_ok=True)
        for name, value in _limits(ceilings).items():
            if (path / name).exists():
                _write(path / name, value)
    except OSError:
        end_story(path)
        return False
    return True


def end_story(path: Path, within_s: float = END_S) -> bool:
    """Kill whatever is left in a cgroup, and remove it; say whether it is gone."""
    deadline_s = time.monotonic() + within_s
    while path.exists():
        with suppress(OSError):
            _write(path / "cgroup.kill", 1)
        try:
            path.rmdir()
        except FileNotFoundError:
            break
        except OSError:  # EBUSY: those that are dead are not buried yet
            if time.monotonic() >= deadline_s:
                return False
            time.sleep(_NAP_S)
    return True


def end_all_stories(delegation: Delegation) -> None:
    """Kill whatever is in the cgroup of any story, and remove them all."""
    for path in sorted(delegation.path.glob(f"{STORY}*")):
        end_story(path)


def _limits(ceilings: Ceilings) -> dict[str, str | int]:
    """The files of a cgroup and what stands in them; the whole story dies, not a part of it."""
    quota = int(ceilings.cpu_percent * CPU_PERIOD_US / 100)
    return {
        "memory.high": ceilings.memory_high or "max",
        "memory.max": ceilings.memory_max or "max",
        "memory.oom.group": 1,
        "cpu.max": f"{quota or 'max'} {CPU_PERIOD_US}",
        "pids.max": TASKS_A_PROCESS * ceilings.processes or "max",
    }


def _own_cgroup(mounts: tuple[Path, ...], own: Path) -> Path:
    try:
        lines = own.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise NotDelegatedError("this system has no cgroups") from error
    path = next((line.removeprefix("0::") for line in lines if line.startswith("0::/")), None)
    mount = next((mount for mount in mounts if (mount / "cgroup.controllers").exists()), None)
    if path is None or mount is None:
        raise NotDelegatedError("this system has no cgroup v2")
    found = mount / path.lstrip("/")
    if not (found / "cgroup.procs").exists():
        raise NotDelegatedError(f"{found}: our cgroup is not visible here")
    return found


def _check_right(path: Path, mounts: tuple[Path, ...]) -> None:
    """What we could write as the superuser is not ours for that."""
    if not os.access(path, os.W_OK) or not os.access(path / "cgroup.procs", os.W_OK):
        raise NotDelegatedError(f"{path}: not delegated to us (no right to write there)")
    if os.getuid() == 0 and path not in mounts and not _is_marked(path):
        raise NotDelegatedError(f"{path}: not marked as delegated (systemd: Delegate=yes)")


def _is_marked(path: Path) -> bool:
    for name in _DELEGATED:
        with suppress(OSError, AttributeError):
            if os.getxattr(path, name) == b"1":
                return True
    return False


def _probe(limit: Path) -> None:
    """Believe in a limit only when it reads back: without the controller nothing is enforced."""
    _write(limit, _PROBE_BYTES)
    if _words(limit) != (str(_PROBE_BYTES),):
        raise OSError("memory.max does not read back what was written")
    _write(limit, "max")


def _give_back(path: Path, wanted: tuple[str, ...], pid: int) -> None:
    with suppress(OSError):
        _write(path / "cgroup.subtree_control", " ".join(f"-{name}" for name in wanted))
    with suppress(OSError):
        _write(path / "cgroup.procs", pid)
    with suppress(OSError):
        (path / LEAF).rmdir()


def _words(path: Path) -> tuple[str, ...]:
    try:
        return tuple(path.read_text(encoding="ascii").split())
    except FileNotFoundError:
        return ()


def _write(path: Path, value: object) -> None:
    # Not created: in a cgroup all files are there, or the controller is not.
    descriptor = os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC)
    try:
        os.write(descriptor, f"{value}".encode("ascii"))
    finally:
        os.close(descriptor)

"""What the kernel holds a job to: the story's cgroup, and what it has killed there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_OURS = Path("/proc/self/cgroup")


@contextmanager
def born_inside(cgroup: str) -> Iterator[None]:
    """Let what is started meanwhile be born in the cgroup, by being there ourselves for a moment.

    So nothing escapes by forking before it is moved. Our memory stays where it was counted. Where
    it cannot be (it is gone, not delegated any longer) the job runs without: the ceilings of the
    monitor hold all the same.
    """
    home = _home(Path(cgroup)) if cgroup else None
    if home is None or not _move_to(Path(cgroup)):
        yield
        return
    try:
        yield
    finally:
        _move_to(home)


def oom_kills(cgroup: str) -> int:
    """How often the kernel killed in this cgroup for want of memory; 0 where there is none."""
    if not cgroup:
        return 0
    with suppress(OSError):
        for line in Path(cgroup, "memory.events").read_text(encoding="ascii").splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return 0


def _home(cgroup: Path) -> Path | None:
    """The folder of the cgroup that we are in, found from the one that we were named."""
    with suppress(OSError):
        for line in _OURS.read_text(encoding="utf-8").splitlines():
            if line.startswith("0::/"):
                own = line.removeprefix("0::/")
                # The story's cgroup lies beside ours: the outermost of its parents that fits is
                # the mount that our path counts from.
                return next(
                    (
                        parent / own
                        for parent in reversed(cgroup.parents)
                        if (parent / own / "cgroup.procs").exists()
                    ),
                    None,
                )
    return None


def _move_to(cgroup: Path) -> bool:
    with suppress(OSError):
        (cgroup / "cgroup.procs").write_text(f"{os.getpid()}", encoding="ascii")
        return True
    return False

"""Cgroups of a test's own."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_MOUNTS = (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup"))


def cgroup_mount() -> Path | None:
    """Where the cgroup v2 is mounted, if we may make groups there."""
    for mount in _MOUNTS:
        if (mount / "cgroup.procs").exists() and os.access(mount, os.W_OK):
            probe = mount / f"prd-test.probe.{os.getpid()}"
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

"""Ceilings that the kernel keeps: only where a cgroup v2 has a memory controller for us."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.ceilings.cgroups import LEAF, MOUNTS
from tests.support.e2e_processes import wait_until
from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree

pytestmark = pytest.mark.e2e

EATS = {
    "run": [
        "python3",
        "-c",
        "import signal; kept = [b'x' * (1 << 20) for _ in range(120)]; signal.pause()",
    ]
}


def test_without_a_delegated_cgroup_the_status_says_why(repo: Repo, tree: Tree) -> None:
    if any("memory" in _controllers(mount) for mount in MOUNTS):
        pytest.skip("it might be delegated here")
    repo.prd(story("US-1", {"run": ["sleep", "600"]}))
    repo.commit()
    run = tree.begin()
    tree.wait_event("root_started")
    tree.wait(lambda: tree.status()["root"].get("cgroups"), "root's word on cgroups", run)
    assert tree.status()["root"]["cgroups"].startswith("off: ")
    tree.run("stop", "--now", code=0)
    run.wait_exit(75)


def _controllers(mount: Path) -> list[str]:
    listed = mount / "cgroup.controllers"
    return listed.read_text().split() if listed.exists() else []


@pytest.fixture
def delegated() -> Iterator[Path]:
    """A cgroup with the memory controller, marked as systemd marks what it delegates."""
    mount = next((each for each in MOUNTS if "memory" in _controllers(each)), None)
    if mount is None:
        pytest.skip("no cgroup v2 with a memory controller is mounted here")
    path = mount / f"prd-supervise-test-{uuid.uuid4().hex[:8]}"
    try:
        (mount / "cgroup.subtree_control").write_text("+memory +pids +cpu")
        path.mkdir()
        os.setxattr(path, "trusted.delegate", b"1")
    except OSError as error:
        pytest.skip(f"no cgroup can be delegated here: {error}")
    yield path
    (path / "cgroup.kill").write_text("1")
    for each in (path / LEAF, path):
        wait_until(lambda each=each: _is_removed(each), lambda: f"{path} is empty", 30)  # type: ignore[misc]


def _is_removed(path: Path) -> bool:
    with suppress(OSError):
        path.rmdir()
    return not path.exists()


def test_the_kernel_kills_a_story_at_its_ceiling_and_is_named_as_the_reason(
    repo: Repo, tree: Tree, delegated: Path
) -> None:
    repo.prd(story("US-1", EATS), story("US-2"))
    repo.configure(
        limits={"memory_high": 0, "memory_max": "60MiB"},
        restart={"max_attempts": 5, "max_memory_kills": 2},
    )
    repo.commit()
    enter = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
    run = tree.begin(prefix=("/bin/sh", "-c", enter, str(delegated)))
    run.wait_exit(1)
    found = tree.prd()["stories"]
    assert found["US-1"]["state"] == "failed"
    assert "the kernel killed it at memory_max" in found["US-1"]["reason"]
    assert tree.events("memory_killed") == [], "the kernel was quicker than a pass of ours"
    assert found["US-2"]["state"].startswith("done")
    assert list(delegated.glob("story.*")) == []

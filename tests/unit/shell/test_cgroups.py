"""The logic against folders of plain files; what needs a kernel, in a real cgroup2 where we may."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from prd_supervise.policies.ceilings.verdicts import Attempt, Ceilings
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.shell.ceilings.cgroups import (
    LEAF,
    MOUNTS,
    NotDelegatedError,
    end_story,
    open_story,
    story_cgroup,
    take_delegation,
)
from prd_supervise.workers.jobs.confinement import born_inside, oom_kills
from prd_supervise.workers.process import oom_order

ATTEMPT = Attempt(prd_id="PRD-1", story_id="US-1", number=2)
FILES = ("cgroup.procs", "cgroup.subtree_control", "cgroup.kill")
NAP = "import signal; signal.pause()"


def folder(path: Path, controllers: str = "cpu memory pids", *more: str) -> Path:
    """A cgroup as plain files."""
    path.mkdir(parents=True, exist_ok=True)
    (path / "cgroup.controllers").write_text(controllers + "\n")
    for name in (*FILES, *more):
        (path / name).write_text("")
    return path


def delegated(mount: Path, controllers: str = "cpu memory pids") -> Path:
    """The mount itself is our cgroup, as in a container; its leaf can be limited."""
    folder(mount, controllers)
    folder(mount / LEAF, controllers, "memory.max")
    own = mount.parent / "own"
    own.write_text("1:name=systemd:/x\n0::/\n")
    return own


def test_what_is_delegated_is_taken_and_root_moves_to_a_leaf(tmp_path: Path) -> None:
    mount = tmp_path / "mount"
    own = delegated(mount)
    found = take_delegation((mount,), own, 77)
    assert found.path == mount
    assert found.controllers == ("memory", "cpu", "pids")
    assert (mount / LEAF / "cgroup.procs").read_text() == "77"
    assert (mount / "cgroup.subtree_control").read_text() == "+memory +cpu +pids"
    assert (mount / LEAF / "memory.max").read_text() == "max"


def test_only_the_controllers_that_are_there_are_passed_on(tmp_path: Path) -> None:
    mount = tmp_path / "mount"
    found = take_delegation((mount,), delegated(mount, "memory hugetlb"), 77)
    assert found.controllers == ("memory",)


def test_without_the_memory_controller_nothing_is_taken(tmp_path: Path) -> None:
    mount = tmp_path / "mount"
    own = delegated(mount, "cpu pids")
    with pytest.raises(NotDelegatedError, match="no memory controller is delegated here"):
        take_delegation((mount,), own, 77)
    assert (mount / LEAF / "cgroup.procs").read_text() == ""


def test_a_limit_that_does_not_read_back_is_none_and_everything_is_given_back(
    tmp_path: Path,
) -> None:
    mount = tmp_path / "mount"
    own = delegated(mount)
    (mount / LEAF / "memory.max").unlink()
    (mount / LEAF / "memory.max").symlink_to("/dev/null")  # takes everything, and tells nothing
    with pytest.raises(NotDelegatedError, match=r"memory\.max does not read back"):
        take_delegation((mount,), own, 77)
    assert (mount / "cgroup.procs").read_text() == "77"
    assert (mount / "cgroup.subtree_control").read_text() == "-memory -cpu -pids"


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (None, "this system has no cgroups"),
        ("4:memory:/x\n1:name=systemd:/\n", "this system has no cgroup v2"),
        ("0::/elsewhere\n", "our cgroup is not visible here"),
    ],
)
def test_other_systems_are_named_for_what_they_are(
    tmp_path: Path, told: str | None, why: str
) -> None:
    mount = folder(tmp_path / "mount")
    own = tmp_path / "own"
    if told is not None:
        own.write_text(told)
    with pytest.raises(NotDelegatedError, match=why):
        take_delegation((mount,), own, 77)


@pytest.mark.skipif(os.getuid() != 0, reason="only the superuser may write everywhere")
def test_the_superuser_takes_nothing_that_is_not_marked_as_delegated(tmp_path: Path) -> None:
    mount = folder(tmp_path / "mount")
    ours = folder(mount / "system.slice" / "our.service")
    own = tmp_path / "own"
    own.write_text("0::/system.slice/our.service\n")
    with pytest.raises(NotDelegatedError, match="not marked as delegated"):
        take_delegation((mount,), own, 77)
    assert not (ours / LEAF).exists()


@pytest.mark.skipif(os.getuid() == 0, reason="the superuser may write everywhere")
def test_without_the_right_to_write_nothing_is_taken(tmp_path: Path) -> None:
    mount = tmp_path / "mount"
    own = delegated(mount)
    (mount / "cgroup.procs").chmod(0o400)
    with pytest.raises(NotDelegatedError, match="no right to write there"):
        take_delegation((mount,), own, 77)


def test_a_story_s_cgroup_bears_its_ceilings(tmp_path: Path) -> None:
    names = ("memory.high", "memory.max", "memory.oom.group", "cpu.max", "pids.max")
    story = folder(story_cgroup(tmp_path, ATTEMPT), "", *names)
    assert story.name == "story.PRD-1.US-1.2"
    ceilings = Ceilings(memory_high=1000, memory_max=2000, cpu_percent=150, processes=10)
    assert open_story(story, ceilings)
    assert {name: (story / name).read_text() for name in names} == {
        "memory.high": "1000",
        "memory.max": "2000",
        "memory.oom.group": "1",
        "cpu.max": "150000 100000",
        "pids.max": "80",
    }
    assert (story / "cgroup.kill").read_text() == "1", "who was in it is of a dead supervisor's"
    nothing = replace(ceilings, memory_high=0, memory_max=0, cpu_percent=0, processes=0)
    assert open_story(story, nothing)
    assert {(story / name).read_text() for name in names} == {"max", "1", "max 100000"}


def test_where_no_cgroup_can_be_made_the_story_does_without(tmp_path: Path) -> None:
    assert not open_story(tmp_path / "gone" / "story", Ceilings())
    with born_inside(str(tmp_path / "gone")):
        assert subprocess.run(["true"], check=False).returncode == 0


def test_the_kernel_s_kills_are_read_from_its_counters(tmp_path: Path) -> None:
    assert oom_kills("") == oom_kills(str(tmp_path)) == 0
    (tmp_path / "memory.events").write_text("low 0\nhigh 7\nmax 3\noom 2\noom_kill 1\n")
    assert oom_kills(str(tmp_path)) == 1


# --- a real cgroup2, with whatever controllers it has -------------------------------------------


@pytest.fixture
def real() -> Iterator[Path]:
    """A cgroup of this test's own."""
    mount = next((each for each in MOUNTS if (each / "cgroup.controllers").exists()), None)
    if mount is None:
        pytest.skip("no cgroup2 is mounted here")
    path = mount / f"prd-supervise-test-{uuid.uuid4().hex[:8]}"
    try:
        path.mkdir()
    except OSError as error:
        pytest.skip(f"no right to make a cgroup here: {error}")
    if not (path / "cgroup.kill").exists():
        path.rmdir()
        pytest.skip("this kernel has no cgroup.kill")
    yield path
    for each in (*path.iterdir(), path):
        if each.is_dir():
            assert end_story(each)


def start(code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-I", "-S", "-c", code], stdout=subprocess.PIPE)


@pytest.mark.slow
def test_a_job_is_born_in_the_cgroup_and_we_are_home_again(real: Path) -> None:
    story = story_cgroup(real, ATTEMPT)
    assert open_story(story, Ceilings())
    before = Path("/proc/self/cgroup").read_text()
    with born_inside(str(story)):
        process = start("import os; os.fork(); print(flush=True); " + NAP)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.readline()
    assert Path("/proc/self/cgroup").read_text() == before
    assert len((story / "cgroup.procs").read_text().split()) == 2
    assert str(os.getpid()) not in (story / "cgroup.procs").read_text().split()
    assert end_story(story)
    assert process.wait(timeout=60) == -signal.SIGKILL
    process.stdout.close()
    assert not story.exists()


@pytest.mark.slow
def test_the_end_of_a_story_s_cgroup_spares_nobody_that_escaped(real: Path) -> None:
    story = story_cgroup(real, ATTEMPT)
    assert open_story(story, Ceilings())
    escape = f"""
import os
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        {NAP}
    os._exit(0)
os.wait()
"""
    with born_inside(str(story)):
        process = start(escape)
    assert process.stdout is not None
    pid = int(process.stdout.readline())
    process.wait(timeout=60)
    process.stdout.close()
    assert str(pid) in (story / "cgroup.procs").read_text().split()
    assert end_story(story)
    with suppress(FileNotFoundError, ProcessLookupError):  # buried by whoever adopted it
        assert Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.skipif(not Path("/proc/self/oom_score_adj").exists(), reason="Linux's OOM killer")
def test_a_job_goes_before_its_supervisor_when_the_kernel_runs_out_of_memory() -> None:
    process = start(NAP)
    oom_order.offer(process.pid)
    assert Path(f"/proc/{process.pid}/oom_score_adj").read_text() == "500\n"
    process.kill()
    process.communicate()
    oom_order.offer(process.pid)  # it is gone: nothing happens

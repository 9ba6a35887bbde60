from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from prd_supervise.policies.values import replace
from prd_supervise.workers.process import capabilities, descendants, process_table
from tests.support.families import descendants_of

Act = Callable[..., dict[str, Any]]


@pytest.fixture
def child(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    # The name of the command holds what would end it in /proc/<pid>/stat.
    program = tmp_path / "a) R 1 (b"
    program.symlink_to("/bin/sleep")
    with subprocess.Popen([program, "600"]) as process:
        yield process
        process.kill()


def test_a_child_is_known_by_its_parent_and_its_start(child: subprocess.Popen[bytes]) -> None:
    assert child.pid in descendants.children_of(os.getpid())
    assert child.pid in descendants_of(os.getppid())
    started = descendants.start_ticks(child.pid)
    assert started == descendants.start_ticks(child.pid)
    assert started is not None
    assert not descendants.is_zombie(child.pid)


def test_a_dead_child_is_a_zombie_until_it_is_reaped(child: subprocess.Popen[bytes]) -> None:
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert descendants.is_zombie(child.pid)
    child.wait()
    assert not descendants.is_zombie(child.pid)
    assert descendants.start_ticks(child.pid) is None
    assert descendants_of(child.pid) == []


def test_psutil_tells_the_same_where_there_is_no_proc(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    from_proc = descendants.children_of(os.getpid())
    monkeypatch.setattr(capabilities, "HERE", replace(capabilities.HERE, procfs=False))
    assert descendants.children_of(os.getpid()) == from_proc
    assert not descendants.is_zombie(child.pid)
    started = descendants.start_ticks(child.pid)
    assert started
    assert started == descendants.start_ticks(child.pid)
    child.kill()
    child.wait()
    assert descendants.start_ticks(child.pid) is None


def test_psutil_and_proc_tell_the_same_of_a_process(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def told() -> list[object]:
        process = process_table.read_process(child.pid)
        assert process is not None
        return [
            replace(process, start_ticks=0),
            sorted(process_table.read_environment(child.pid)),
            process_table.read_commands()[child.pid],
        ]

    def from_proc() -> list[object]:
        told_of = told()
        told_of[1:] = [[each for each in words if each] for words in told_of[1:]]  # type: ignore[attr-defined]
        return told_of

    here = capabilities.HERE
    child.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)
    expected = from_proc()
    monkeypatch.setattr(capabilities, "HERE", replace(here, procfs=False))
    assert told() == expected
    assert process_table.read_environment(2**22 - 1) == []
    assert process_table.read_process(2**22 - 1) is None


@pytest.mark.slow
def test_a_family_that_forks_while_it_is_killed_is_killed(act: Act) -> None:
    facts = act("sweeps")
    assert facts["killed"] > 10  # of more than 20 that were seen, a few are short sleeps
    assert facts["left"] == 0
    assert facts["kin"] == []


@pytest.mark.slow
def test_what_is_kept_keeps_its_children_and_its_session(act: Act) -> None:
    assert act("keeps") == {"killed": 3, "kept": 4, "rest": 2}


@pytest.mark.slow
def test_adopted_zombies_are_reaped_while_the_job_runs(act: Act) -> None:
    assert act("reaps") == {"reaped": 2, "children": True, "end": [-9, 0, 0]}


def test_a_number_that_somebody_else_bears_by_now_is_not_signalled(
    child: subprocess.Popen[bytes],
) -> None:
    present = process_table.read_process(child.pid)
    assert present is not None
    stale = replace(present, start_ticks=present.start_ticks - 1)
    descendants.send(stale, signal.SIGKILL)
    descendants.send(replace(present, pid=2**22 - 1), signal.SIGKILL)
    with pytest.raises(subprocess.TimeoutExpired):
        child.wait(0.1)
    descendants.send(present, signal.SIGKILL)
    assert child.wait(60) == -signal.SIGKILL


def test_the_same_holds_without_pidfds(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capabilities, "HERE", replace(capabilities.HERE, pidfd=False))
    test_a_number_that_somebody_else_bears_by_now_is_not_signalled(child)


def test_the_family_is_the_same_by_the_table_and_by_its_members(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    by_members = [each.pid for each in process_table.read_family(os.getpid())]
    assert child.pid in by_members
    monkeypatch.setattr(process_table, "_children_from_tasks", lambda _: None)
    assert [each.pid for each in process_table.read_family(os.getpid())] == by_members

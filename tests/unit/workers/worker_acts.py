"""Acts that a story worker could play, each in a process of its own; it prints facts as JSON."""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prd_supervise.policies.values import replace
from prd_supervise.workers.agents import replay
from prd_supervise.workers.agents.base import AgentRun
from prd_supervise.workers.agents.start import prepare
from prd_supervise.workers.jobs import launch
from prd_supervise.workers.jobs.job import Job, end_of_job
from prd_supervise.workers.jobs.launch import CommandMissingError
from prd_supervise.workers.jobs.process_limit import process_limit
from prd_supervise.workers.messages.agents import AgentSpec
from prd_supervise.workers.process import capabilities, descendants, process_table
from prd_supervise.workers.process.lineage import found_lineage

sys.path.append(str(Path(__file__).resolve().parents[3]))
from tests.support.without import NOTHING

PR_SET_CHILD_SUBREAPER = 36
WITHIN_S = 40.0
NOBODY = 65534
STRAY = {"fork": {"setsid": True, "ignore_term": True}}


def start(
    folder: Path,
    *argv: str,
    log: str = "log",
    stdin: Path | None = None,
    keep: tuple[int, ...] = (),
) -> Job:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return Job.start(argv, cwd=folder, env=env, log=folder / log, stdin=stdin, keep_fds=keep)


def start_player(folder: Path, *steps: object, name: str = "player") -> Job:
    attempt_dir = folder / name
    attempt_dir.mkdir()
    spec = AgentSpec(name="replay", script=json.dumps(steps))
    run = AgentRun(worktree=str(folder), attempt_dir=str(attempt_dir), prompt_file="")
    return start(folder, *prepare(replay, spec, run), log=f"{name}/log")


def wait_for_end(job: Job) -> None:
    wait_until_true(lambda: job.poll() is not None)


def wait_until_true(is_so: Callable[[], object]) -> None:
    deadline_s = time.monotonic() + WITHIN_S
    while not is_so():
        assert time.monotonic() < deadline_s
        time.sleep(0.002)


def left_behind(log: Path) -> list[int]:
    lines = log.read_text().splitlines() if log.exists() else []
    return [int(line.split()[-1]) for line in lines if line.startswith("left behind:")]


def is_gone(pid: int) -> bool:
    """Whoever is dead and was handed to somebody else is that one's to reap."""
    process = process_table.read_process(pid)
    return process is None or (process.is_zombie and process.parent != os.getpid())


def leaves_strays(folder: Path) -> dict[str, Any]:
    job = start_player(folder, STRAY, STRAY, {"fork": {}}, {"exit": 3})
    wait_for_end(job)
    code, leftovers, _undead = end_of_job(job)
    pids = left_behind(folder / "player/log")
    gone = [is_gone(pid) for pid in (*pids, job.pid)]
    return {
        "code": code,
        "leftovers": leftovers,
        "gone": gone,
        "kin": [each.pid for each in process_table.read_family(os.getpid())],
    }


def ends_by_force(folder: Path) -> dict[str, Any]:
    job = start_player(folder, {"ignore_term": True}, STRAY, {"hang": True})
    wait_until_true(lambda: left_behind(folder / "player/log"))
    job.terminate()
    ignored = job.poll()
    code, leftovers, _undead = end_of_job(job)
    return {
        "ignored": ignored,
        "code": code,
        "leftovers": leftovers,
        "gone": is_gone(left_behind(folder / "player/log")[0]),
        "group": job.pgid == job.pid,
    }


def terminates(folder: Path) -> dict[str, Any]:
    job = start(folder, "sh", "-c", "kill -STOP $$; echo never")
    wait_until_true(lambda: b"State:\tT" in Path(f"/proc/{job.pid}/status").read_bytes())
    job.terminate()
    wait_for_end(job)
    return {"poll": [job.poll(), job.poll()], "end": end_of_job(job), "after": job.poll()}


def is_quick(folder: Path) -> dict[str, Any]:
    source = folder / "prompt.md"
    source.write_text("the prompt")
    (folder / "log").write_text("before\n")
    job = start(
        folder, "sh", "-c", "cat; echo; pwd; echo err >&2; ls -l /proc/$$/fd/0", stdin=source
    )
    wait_for_end(job)
    return {"end": end_of_job(job), "log": (folder / "log").read_text(), "never_ran": job.never_ran}


def has_no_stdin(folder: Path) -> dict[str, Any]:
    job = start(
        folder, "sh", "-c", "cat; readlink /proc/self/fd/0 >/dev/null; echo $PRD_SUPERVISE_JOB"
    )
    wait_for_end(job)
    end_of_job(job)
    mode = (folder / "log").stat().st_mode & 0o777
    return {"log": (folder / "log").read_text(), "mark": job.mark, "mode": mode}


def is_missing(folder: Path) -> dict[str, Any]:
    (folder / "plain").write_text("#!/bin/sh\n")
    errors = []
    for command in ("no-such-command", "./no-such-file", "./plain", ""):
        try:
            start(folder, command)
        except CommandMissingError as error:
            errors.append(str(error))
    return {"errors": errors, "kin": descendants.children_of(os.getpid())}


def never_runs(folder: Path) -> dict[str, Any]:
    script = folder / "script"
    script.write_text("#!/no/such/interpreter\n")
    script.chmod(0o755)
    ended = []
    for argv in (("./script",), ("sh", "-c", "exit 127")):
        job = start(folder, *argv)
        wait_for_end(job)
        ended.append([end_of_job(job)[0], job.never_ran])
    return {"ended": ended}


def without_setpriv(folder: Path) -> dict[str, Any]:
    launch._setpriv = lambda: None  # type: ignore[assignment]
    return {**never_runs(folder), "strays": leaves_strays(folder)}


def passes_a_lock(folder: Path) -> dict[str, Any]:
    fd = os.open(folder / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(fd, fcntl.LOCK_EX)
    job = start_player(folder, {"hang": True})
    other = start(folder, "sh", "-c", "echo locked; exec sleep 600", keep=(fd,))
    wait_until_true(lambda: "locked" in (folder / "log").read_text())
    os.close(fd)
    held = _is_locked(folder / "lock")
    end_of_job(other, others=(job,))
    freed = not _is_locked(folder / "lock")
    end_of_job(job)
    return {"held": held, "freed": freed}


def _is_locked(path: Path) -> bool:
    fd = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(fd)


def runs_two(folder: Path) -> dict[str, Any]:
    one = start_player(folder, STRAY, {"fork": {}}, {"hang": True}, name="one")
    two = start_player(folder, STRAY, {"fork": {}}, {"hang": True}, name="two")
    wait_until_true(lambda: len(left_behind(folder / "one/log")) == 2)
    wait_until_true(lambda: len(left_behind(folder / "two/log")) == 2)
    ones, twos = left_behind(folder / "one/log"), left_behind(folder / "two/log")
    first = end_of_job(one, others=(one, two))
    facts = {
        "ones_gone": [is_gone(pid) for pid in ones],
        "twos_live": [
            not is_gone(pid) and not descendants.is_zombie(pid) for pid in (*twos, two.pid)
        ],
    }
    return {
        **facts,
        "first": first,
        "second": end_of_job(two),
        "rest": descendants.children_of(os.getpid()),
    }


def keeps(folder: Path) -> dict[str, Any]:
    """Keep one pid in our own session, and one that leads another one, which has an orphan."""
    script = "(exec env -i sleep 600 &) ; sleep 600 & echo up; wait"
    pipe = subprocess.PIPE
    with (
        subprocess.Popen(["sh", "-c", script], stdout=pipe, start_new_session=True) as leader,
        subprocess.Popen(["sleep", "600"]) as member,
        subprocess.Popen(["sh", "-c", script], stdout=pipe, cwd=folder) as stray,
    ):
        for family in (leader, stray):
            assert family.stdout is not None
            family.stdout.readline()
            family.stdout.close()
        keep = frozenset({leader.pid, member.pid})
        killed = descendants.kill_all_descendants(time.monotonic() + WITHIN_S, keep=keep)
        stray.returncode = -signal.SIGKILL
        kept = len(process_table.read_family(os.getpid()))
        leader.kill()
        member.kill()
    return {
        "killed": killed,
        "kept": kept,
        "rest": descendants.kill_all_descendants(time.monotonic() + 9),
    }


def sweeps(folder: Path) -> dict[str, Any]:
    """Kill a family that goes on forking while it is being killed."""
    script = "while :; do setsid sh -c 'sleep 600 & sleep 600' & sleep 0.002; done"
    with subprocess.Popen(["sh", "-c", script], cwd=folder) as family:
        wait_until_true(lambda: len(process_table.read_family(os.getpid())) > 20)
        killed = descendants.kill_all_descendants(time.monotonic() + WITHIN_S)
        family.returncode = -signal.SIGKILL
    return {
        "killed": killed,
        "left": descendants.kill_descendants(),
        "kin": [each.pid for each in process_table.read_family(os.getpid())],
    }


def reaps(folder: Path) -> dict[str, Any]:
    """Two orphans end by themselves, and the job's leader too, which is not ours to reap."""
    job = start_player(folder, {"fork": {"sleep_s": 0}}, {"fork": {"sleep_s": 0}}, {"hang": True})
    wait_until_true(lambda: len(left_behind(folder / "player/log")) == 2)
    orphans = left_behind(folder / "player/log")
    job.kill()
    wait_until_true(lambda: all(descendants.is_zombie(pid) for pid in (*orphans, job.pid)))
    reaped = descendants.reap_strays(frozenset({job.pid}))
    return {
        "reaped": reaped,
        "children": descendants.children_of(os.getpid()) == [job.pid],
        "end": end_of_job(job),
    }


def holds(folder: Path, *words: str) -> dict[str, Any]:
    """Start a job, tell its pid, and wait to be killed."""
    if "guard" in words:
        _lack(replace(capabilities.HERE, death_signal=False))
    if "shim" in words:
        launch._setpriv = lambda: None  # type: ignore[assignment]
    job = start_player(folder, {"ignore_term": True}, {"say": "up"}, {"hang": True})
    wait_until_true(lambda: "up" in (folder / "player/log").read_text())
    sys.stdout.write(json.dumps({"pid": job.pid}) + "\n")
    sys.stdout.flush()
    while True:
        signal.pause()


def without_linux(folder: Path) -> dict[str, Any]:
    """Do without /proc, pidfds and waitid, as on macOS before Python 3.13."""
    _lack(NOTHING)
    return leaves_strays(folder)


def two_without_linux(folder: Path) -> dict[str, Any]:
    """One job's end is no matter of the other's, where the escaped are known by their lineage."""
    _lack(replace(NOTHING, waitid=True))
    return runs_two(folder)


def _lack(here: capabilities.Capabilities) -> None:
    capabilities.HERE = here
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
    found_lineage()


def cannot_kill(folder: Path) -> dict[str, Any]:
    """Leave a process of root's below a worker that is nobody: as unkillable as one in state D."""
    script = "echo up; exec sleep 600"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, cwd=folder) as theirs:
        assert theirs.stdout is not None
        theirs.stdout.readline()
        os.setresuid(NOBODY, NOBODY, 0)
        log = Path(os.devnull)
        try:
            job = Job.start(["true"], cwd=Path("/"), env=dict(os.environ), log=log, stdin=None)
            wait_for_end(job)
            ended = end_of_job(job, within_s=0.1)
        finally:
            os.setresuid(0, 0, 0)
            theirs.kill()
    return {"end": ended}


def is_bounded(_folder: Path) -> dict[str, Any]:
    """As a user who is not root, run what starts ten processes where four more are allowed."""
    before = resource.getrlimit(resource.RLIMIT_NPROC)
    if os.getuid() == 0:
        os.setuid(NOBODY)
    with process_limit(4):
        inside = resource.getrlimit(resource.RLIMIT_NPROC)
        script = "for i in 1 2 3 4 5 6 7 8 9 10; do sleep 600 & done; wait"
        with subprocess.Popen(["sh", "-c", script], stderr=subprocess.DEVNULL, cwd="/") as job:
            wait_until_true(lambda: job.poll() is not None)
    left = len(process_table.read_family(os.getpid()))
    descendants.kill_all_descendants(time.monotonic() + WITHIN_S)
    after = resource.getrlimit(resource.RLIMIT_NPROC)
    return {"code": job.returncode, "left": left, "lower": inside < before, "same": after == before}


def main(name: str, folder: str, *words: str) -> None:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    facts = globals()[name](Path(folder), *words)
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

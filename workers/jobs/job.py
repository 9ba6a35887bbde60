"""One command in a session of its own: starting it, stopping it, and ending all that it started.

Two jobs may run at once. When one ends, everything below this process is killed that is not known
to belong to the other: by descent, by its session, or by the variable that each job puts into the
environment of its command.
"""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ..process import capabilities, descendants
from ..process.lineage import lineage_entries
from ..process.process_table import read_proc
from .guard import Guard
from .launch import SETPRIV, SHIM, dying_with_parent, require_executable
from .output import open_log

JOB_VARIABLE = "PRD_SUPERVISE_JOB"

_WRAPPERS = frozenset({SETPRIV.encode(), SHIM.encode()})
_EXEC_FAILED = frozenset({126, 127})
_NAP_S = 0.001
END_S = 5.0  # how long a job's end may take, where it forks or sleeps in the kernel
_numbers = itertools.count(1)


class Job:
    """A running command; its process stays a zombie until end_of_job, so its pid stays its own."""

    def __init__(
        self, popen: subprocess.Popen[bytes], mark: str, guard: Guard | None = None
    ) -> None:
        self.pid = popen.pid
        self.pgid = popen.pid
        self.mark = mark
        self.started_s = time.monotonic()
        self.never_ran = False  # set at its end: the wrapper could not execute the command
        self._popen = popen
        self._guard = guard

    @classmethod
    def start(
        cls,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        log: Path | int,
        stdin: Path | None,
        keep_fds: tuple[int, ...] = (),
    ) -> Job:
        """Start the command; its output is appended to `log`, or goes into that descriptor.

        Raises CommandMissingError if it cannot be executed, OSError if the system refuses. The
        caller must not have signals blocked or ignored: both would be inherited (but those
        that Python ignores are given back).
        """
        if not cwd.is_dir():
            raise NotADirectoryError(f"{str(cwd)!r}: no such directory to run a command in")
        require_executable(argv[0] if argv else "", cwd=cwd, env=env)
        mark = f"{os.getpid()}.{next(_numbers)}"
        output = os.dup(log) if isinstance(log, int) else open_log(log)
        guard = None
        try:
            guard = None if capabilities.HERE.death_signal else Guard()
            with (stdin or Path(os.devnull)).open("rb") as source:
                # No preexec_fn: it runs Python between fork and exec, and rules vfork out.
                popen = subprocess.Popen(
                    dying_with_parent(tuple(argv)),
                    cwd=cwd,
                    env={**env, **lineage_entries(), JOB_VARIABLE: mark},
                    stdin=source,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    pass_fds=keep_fds,
                    start_new_session=True,
                )
        except BaseException:
            if guard is not None:
                guard.end()
            raise
        finally:
            os.close(output)
        if guard is not None:
            guard.watch(popen.pid)
        return cls(popen, mark, guard)

    @property
    def pids(self) -> frozenset[int]:
        """The command, and who ends it when we die: no sweep for another job may touch them."""
        return frozenset({self.pid} if self._guard is None else {self.pid, self._guard.pid})

    def end_guard(self) -> None:
        """Let nobody end the group any more, before its number is given back."""
        if self._guard is not None:
            self._guard.end()
            self._guard = None

    def poll(self) -> int | None:
        """Give the return code once the command has ended (negative: the signal), without reaping.

        Where there is no waitid (macOS before Python 3.13) it must reap; the group is killed then.
        """
        if self._popen.returncode is None and capabilities.HERE.waitid:
            options = os.WEXITED | os.WNOHANG | os.WNOWAIT
            ended = os.waitid(os.P_PID, self.pid, options)
            if ended is None:
                return None
            return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
        if self._popen.returncode is None and self._popen.poll() is not None:
            self._signal_group(signal.SIGKILL)
        return self._popen.returncode

    def terminate(self) -> None:
        """Ask the command's group to end; one that is stopped (SIGSTOP) must wake up to hear it."""
        self._signal_group(signal.SIGTERM)
        self._signal_group(signal.SIGCONT)

    def kill(self) -> None:
        """Kill the command's group; what left the group is end_of_job's to find."""
        self._signal_group(signal.SIGKILL)

    def reap(self) -> int | None:
        """Take the return code and give the pid back to the system, if the command has ended."""
        if self._popen.returncode is None:
            code = self.poll()
            if code in _EXEC_FAILED:
                # A zombie still tells its name: the command's, unless it never became that.
                self.never_ran = read_proc(self.pid, "comm").strip() in _WRAPPERS
            self._popen.poll()
        return self._popen.returncode

    def _signal_group(self, number: signal.Signals) -> None:
        if self.pgid <= 1 or self.pgid == os.getpgrp():
            raise AssertionError(f"job {self.mark}: group {self.pgid} is not its own")
        if self._popen.returncode is not None and capabilities.HERE.waitid:
            return  # reaped: the number may be somebody else's by now
        # EPERM: nobody is left in it whom we may signal (macOS says so of a group of zombies).
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pgid, number)


class JobEnd(NamedTuple):
    """How a job ended: its return code, and what it had left behind."""

    code: int  # negative: the signal
    leftovers: int  # processes that outlived the command, and were killed
    undead: int  # processes, the command's own included, that no SIGKILL has ended so far


def end_of_job(job: Job, *, others: Sequence[Job] = (), within_s: float = END_S) -> JobEnd:
    """Kill all that the job left, and reap it.

    Call it when the command has ended, or to end it at once. `others` are the jobs that still run.
    It takes a few milliseconds; `within_s` bounds it where a process sleeps in the kernel, or forks
    as fast as it is killed. A command that does not die in that time counts as killed.
    """
    deadline_s = time.monotonic() + within_s
    kept = [other for other in others if other is not job]
    keep = frozenset(pid for other in kept for pid in other.pids)
    marks = tuple(f"{JOB_VARIABLE}={other.mark}".encode() for other in kept)
    found = _living_strays(keep | (job.pids - {job.pid}), marks)
    # The group goes at once, and while its leader's zombie still holds its number.
    job.kill()
    job.end_guard()
    code = _reaped_until(deadline_s, job)
    unreaped = frozenset[int]() if code is not None else frozenset({job.pid})
    swept = descendants.sweep(deadline_s, keep=keep | unreaped, marks=marks)
    return JobEnd(
        code=-signal.SIGKILL if code is None else code,
        leftovers=len((found | swept.killed) - {job.pid}),
        undead=len(swept.undead | unreaped),
    )


def _living_strays(keep: frozenset[int], marks: tuple[bytes, ...]) -> frozenset[int]:
    """Look who lives before anybody is killed; a machine without descriptors shows nobody."""
    try:
        found = descendants.strays(keep, marks)
    except OSError as error:
        if error.errno not in descendants.NO_DESCRIPTORS:
            raise
        return frozenset()
    return frozenset(process.pid for process in found if not process.is_zombie)


def _reaped_until(deadline_s: float, job: Job) -> int | None:
    while (code := job.reap()) is None and time.monotonic() < deadline_s:
        time.sleep(_NAP_S)
    return code

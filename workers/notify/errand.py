"""One program at work for a notification: bounded in time and output, ended with all it started."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from ..jobs.job import Job, end_of_job
from ..process.eventloop import EventLoop
from ..process.exit_watch import watch_exit

KILL_AFTER_S = 1.0  # from SIGTERM to SIGKILL
END_S = 1.0  # for what forks, or sleeps in the kernel
POLL_S = 0.05  # how often its end is looked for where nobody tells
TAIL_BYTES = 4096  # of what it prints: the end


class Program(Struct, frozen=True, kw_only=True):
    """What is run; `told` is its standard input."""

    argv: Sequence[str]
    cwd: Path
    env: Mapping[str, str]
    timeout_s: float
    told: bytes = b""


class Done(Struct, frozen=True, kw_only=True):
    """How it ended."""

    code: int  # negative: the signal
    printed: str
    is_late: bool  # it was ended because it took too long


class Errand:
    """Runs it. `on_end` is called once, when nothing of it is left; OSError if it cannot begin."""

    def __init__(
        self,
        program: Program,
        loop: EventLoop,
        others: Callable[[], Sequence[Job]],
        on_end: Callable[[Done], None],
    ) -> None:
        self._loop = loop
        self._others = others
        self._on_end = on_end
        self._printed = b""
        self._is_late = False
        self._read_fd, write_fd = os.pipe()
        try:
            self.job = _start(program, write_fd)
        except BaseException:
            os.close(self._read_fd)
            raise
        finally:
            os.close(write_fd)
        os.set_blocking(self._read_fd, False)
        loop.watch(self._read_fd, self._read)
        self._timer = loop.call_at(loop.now_s() + program.timeout_s, self._time_out)
        self._exit = watch_exit(loop, self.job.pid, self._look, look_every_s=POLL_S)

    def _look(self) -> None:
        if self.job.poll() is not None:
            self._end()

    def _read(self) -> None:
        """Keep the end of what it prints; it may print for ever."""
        try:
            data = os.read(self._read_fd, 1 << 16)
        except BlockingIOError:
            return
        if not data:
            self._loop.unwatch(self._read_fd)
        self._printed = (self._printed + data)[-TAIL_BYTES:]

    def _time_out(self) -> None:
        self._is_late = True
        self.job.terminate()
        self._timer = self._loop.call_at(self._loop.now_s() + KILL_AFTER_S, self.job.kill)

    def _end(self) -> None:
        self._timer.cancel()
        self._exit.close()
        ended = end_of_job(self.job, others=self._others(), within_s=END_S)
        with contextlib.suppress(OSError):
            self._read()
        self._loop.unwatch(self._read_fd)
        os.close(self._read_fd)
        printed = self._printed.decode(errors="replace")
        self._on_end(Done(code=ended.code, printed=printed, is_late=self._is_late))


def _start(program: Program, write_fd: int) -> Job:
    # What is told may be secret: no argument and no variable has it, and the file has no name
    # for longer than the start.
    with tempfile.NamedTemporaryFile() as told:
        told.write(program.told)
        told.flush()
        return Job.start(
            program.argv,
            cwd=program.cwd,
            env=program.env,
            log=write_fd,
            stdin=Path(told.name),
        )

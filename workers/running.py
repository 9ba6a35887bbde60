"""A job under the loop: watched, bounded in time, stopped in two steps, cleaned up after."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..policies.outcome import Outcome, OutcomeKind
from .eventloop import EventLoop, Timer
from .jobs import Job, end_of_job
from .outcome_of import outcome_of
from .signs_of_life import has_changed_since, last_line

KILL_AFTER_S = 5.0  # from SIGTERM to SIGKILL, where no stop of the tree sets the pace
POLL_S = 0.05  # how often a job's end is looked for where there are no pidfds


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What is run, where, and within which bounds."""

    argv: Sequence[str]
    cwd: Path
    env: Mapping[str, str]
    log: Path
    stdin: Path | None
    keep_fds: tuple[int, ...]
    timeout_s: float
    idle_timeout_s: float = 0.0  # 0: it may be silent


class Running:
    """One job at work. `on_end` is called once, after everything that it started is gone."""

    def __init__(
        self,
        command: Command,
        loop: EventLoop,
        others: Callable[[], Sequence[Job]],
        on_end: Callable[[Outcome], None],
    ) -> None:
        self._command = command
        self._loop = loop
        self._others = others
        self._on_end = on_end
        self._because: OutcomeKind | None = None
        self._began_at = time.time()  # file times are wall-clock
        self.job = Job.start(
            command.argv,
            cwd=command.cwd,
            env=command.env,
            log=command.log,
            stdin=command.stdin,
            keep_fds=command.keep_fds,
        )
        self._timers: list[Timer] = []
        self._at(self.job.started_s + command.timeout_s, self._time_out)
        if command.idle_timeout_s:
            self._at(self.job.started_s + command.idle_timeout_s, self._look_for_life)
        self._watch()

    def terminate(self, because: OutcomeKind, kill_at_s: float | None = None) -> None:
        """Ask it to end; kill it at `kill_at_s` (monotonic), or after a few seconds."""
        if self._because is None:
            self._because = because
        self.job.terminate()
        self._at(self._loop.now_s() + KILL_AFTER_S if kill_at_s is None else kill_at_s, self.kill)

    def kill(self) -> None:
        """Kill it; what it left behind follows when it is gone."""
        if self._because is None:
            self._because = OutcomeKind.INTERRUPTED
        self.job.kill()

    def _watch(self) -> None:
        fd = self.job.exit_fd()
        if fd is not None:
            self._loop.watch(fd, self._look)
        else:
            self._at(self._loop.now_s() + POLL_S, self._look_again)

    def _look_again(self) -> None:
        if self.job.poll() is None:
            self._at(self._loop.now_s() + POLL_S, self._look_again)
        else:
            self._end()

    def _look(self) -> None:
        if self.job.poll() is not None:
            self._end()

    def _end(self) -> None:
        for timer in self._timers:
            timer.cancel()
        fd = self.job.exit_fd()
        if fd is not None:
            self._loop.unwatch(fd)
        duration_s = self._loop.now_s() - self.job.started_s
        code, leftovers = end_of_job(self.job, others=self._others())
        self._on_end(
            outcome_of(
                code,
                killed_because=self._why(),
                duration_s=duration_s,
                leftovers=leftovers,
                last_line=last_line(self._command.log),
                limit_s=self._limit_s(),
            )
        )

    def _why(self) -> OutcomeKind | None:
        return OutcomeKind.MISSING if self.job.never_ran else self._because

    def _limit_s(self) -> float:
        stalled = self._because is OutcomeKind.STALLED
        return self._command.idle_timeout_s if stalled else self._command.timeout_s

    def _time_out(self) -> None:
        self.terminate(OutcomeKind.TIMED_OUT)

    def _look_for_life(self) -> None:
        """Output and changed files count as life; files are looked at only if it is silent."""
        window_s = self._command.idle_timeout_s
        since = max(self._began_at, time.time() - window_s)
        spoke_at = self._spoke_at()
        if spoke_at >= since or has_changed_since(self._command.cwd, since):
            rest_s = max(1.0, spoke_at + window_s - time.time()) if spoke_at >= since else window_s
            self._at(self._loop.now_s() + min(rest_s, window_s), self._look_for_life)
        else:
            self.terminate(OutcomeKind.STALLED)

    def _spoke_at(self) -> float:
        log = self._command.log
        return log.stat().st_mtime if log.exists() and log.stat().st_size else 0.0

    def _at(self, at_s: float, callback: Callable[[], None]) -> None:
        self._timers.append(self._loop.call_at(at_s, callback))

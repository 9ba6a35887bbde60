"""A job under the loop: watched, bounded in time, stopped in two steps, cleaned up after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from ...policies.outcomes.outcome import Outcome, OutcomeKind
from ...policies.values import replace
from ..process import oom_order
from ..process.eventloop import EventLoop
from ..process.exit_watch import watch_exit
from ..secrecy.hiding import Redactor
from .confinement import born_inside, oom_kills
from .ear import Ear
from .job import END_S, Job, end_of_job
from .outcome_of import outcome_of
from .output import Output
from .process_limit import process_limit
from .pump import Pump
from .signs_of_life import Silence, last_line
from .throttle import Throttle
from .timers import JobTimers
from .wishes import Wishes

KILL_AFTER_S = 5.0  # from SIGTERM to SIGKILL, where no stop of the tree sets the pace
POLL_S = 0.05  # how often a job's end is looked for where nobody tells
IDLE_LOOKS = 8  # in the time that a command may be silent ...
IDLE_LOOK_S_MAX = 60.0  # ... but never less often

_RESULT_KEPT = "its result was there, but it did not exit{}: killed"
_ONLY_WAITED = "it did nothing but wait for its server for {:.10g} s: {}"


class Command(Struct, frozen=True, kw_only=True):
    """What is run, where, and within which bounds."""

    argv: Sequence[str]
    cwd: Path
    env: Mapping[str, str]
    log: Path
    stdin: Path | None
    keep_fds: tuple[int, ...]
    timeout_s: float
    idle_timeout_s: float = 0.0  # 0: it may be silent
    processes_max: int = 0  # 0: as many as the user may have
    ear: Ear | None = None  # hears what it writes


class Surroundings(Struct, frozen=True, kw_only=True):
    """What all commands of one worker share."""

    loop: EventLoop
    throttle: Throttle
    others: Callable[[], Sequence[Job]]  # the jobs that have not been cleaned up after
    will_stand_still: Callable[[float], None]  # told before the loop does, for so many seconds
    cgroup: Callable[[], str] = str  # of the story; empty where the kernel keeps no ceilings
    redactor: Callable[[], Redactor | None] = lambda: None  # None: nothing is to be hidden


class Running:
    """One job at work. `on_end` is called once, after everything that it started is gone."""

    def __init__(
        self, command: Command, around: Surroundings, on_end: Callable[[Outcome], None]
    ) -> None:
        self._command = command
        self._around = around
        self._loop = around.loop
        self._on_end = on_end
        self._because: OutcomeKind | None = None
        self._detail = ""  # of what we ended it for; empty: what its kind says
        self._cgroup = around.cgroup()
        self._oom_kills = oom_kills(self._cgroup)
        redactor = around.redactor()
        self._pump = Pump(self._loop, command.log, redactor) if redactor else None
        held = self._pump.held if self._pump else bytes
        self._output = Output(command.log, command.ear, held=held)
        self._wishes = Wishes(command.ear)
        self._waited_s = 0.0  # for its server, without anything else
        self.job = self._start(self._pump)
        self._silence = Silence(self._output.written())
        oom_order.offer(self.job.pid)
        self._timers = JobTimers(self._loop, around.throttle.held_s)
        self._timers.after_work(command.timeout_s, self._time_out)
        self._look_at_output()
        self._idle_look_s = min(IDLE_LOOK_S_MAX, command.idle_timeout_s / IDLE_LOOKS)
        if self._idle_look_s:
            self._timers.after_work(self._idle_look_s, self._look_for_life)
        self._exit = watch_exit(self._loop, self.job.pid, self._look, look_every_s=POLL_S)

    def _start(self, pump: Pump | None) -> Job:
        command = self._command
        try:
            with process_limit(command.processes_max), born_inside(self._cgroup):
                return Job.start(
                    command.argv,
                    cwd=command.cwd,
                    env=command.env,
                    log=pump.entrance if pump else command.log,
                    stdin=command.stdin,
                    keep_fds=command.keep_fds,
                )
        except BaseException:
            if pump:
                pump.end()
            raise
        finally:
            if pump:
                pump.close_entrance()

    def terminate(
        self, because: OutcomeKind, kill_at_s: float | None = None, *, detail: str = ""
    ) -> None:
        """Ask it to end; kill it at `kill_at_s` (monotonic), or after a few seconds."""
        self._end_for(because, detail)
        self._around.throttle.wake(self.job.pid)
        self.job.terminate()
        at_s = self._loop.now_s() + KILL_AFTER_S if kill_at_s is None else kill_at_s
        self._timers.at(at_s, self.kill)

    def kill(self, because: OutcomeKind = OutcomeKind.INTERRUPTED, *, detail: str = "") -> None:
        """Kill it; what it left behind follows when it is gone."""
        self._end_for(because, detail)
        self.job.kill()

    def _end_for(self, because: OutcomeKind, detail: str) -> None:
        if self._because is None:  # the first reason stays
            if because is OutcomeKind.INTERRUPTED and self._wishes.has_result:
                because, detail = OutcomeKind.NORMAL, _RESULT_KEPT.format(" before the stop")
            self._because, self._detail = because, detail

    # --- its end --------------------------------------------------------------------------------

    def _look(self) -> None:
        if self.job.poll() is not None:
            self._end()

    def _end(self) -> None:
        self._timers.cancel()
        self._exit.close()
        duration_s = self._loop.now_s() - self.job.started_s
        self._around.will_stand_still(END_S)
        ended = end_of_job(self.job, others=self._around.others())
        if self._pump:
            self._pump.end()
        self._output.look(is_last=True)  # a flood just before its end is cut as well
        self._around.throttle.over(self.job.pid)
        self._look_for_oom_kill()
        tail, never_ran = last_line(self._command.log), self.job.never_ran
        outcome = outcome_of(
            ended,
            killed_because=OutcomeKind.MISSING if never_ran else self._because,
            detail=self._detail,
            duration_s=duration_s,
            last_line=tail,
            limit_s=self._limit_s(),
            verdict=None if never_ran else self._wishes.judged(ended.code, self._because, tail),
        )
        unheard = self._output.passed_over_bytes
        if unheard and outcome.kind is not OutcomeKind.NORMAL:
            told = f"{outcome.detail}; {unheard} bytes of its output came too fast to be heard"
            outcome = replace(outcome, detail=told)
        self._on_end(outcome)

    def _look_for_oom_kill(self) -> None:
        if oom_kills(self._cgroup) > self._oom_kills:
            detail = "the kernel killed it at memory_max (memory.events of its cgroup)"
            self._end_for(OutcomeKind.OUT_OF_MEMORY, detail)

    def _limit_s(self) -> float:
        stalled = self._because is OutcomeKind.STALLED
        return self._command.idle_timeout_s if stalled else self._command.timeout_s

    # --- its bounds -----------------------------------------------------------------------------

    def _time_out(self) -> None:
        self._read_output(is_last=True)
        if self._wishes.has_result:
            self._keep_result(" before its timeout")
        else:
            self.terminate(OutcomeKind.TIMED_OUT)

    def _look_for_life(self) -> None:
        if self._wishes.has_result:
            return  # its grace is what bounds it now, however short its idle timeout
        output_bytes, since_last_s = self._output.written(), self._idle_look_s
        self._silence.look(output_bytes, self._command.cwd, since_last_s=since_last_s)
        waits_for = self._wishes.waiting()
        self._waited_s = self._waited_s + since_last_s if waits_for else 0.0
        limit_s = self._command.idle_timeout_s
        if self._waited_s >= limit_s:
            detail = _ONLY_WAITED.format(limit_s, waits_for)
            self._end_unless_result(OutcomeKind.TRANSIENT, detail)
        elif self._silence.lasted_s >= limit_s:
            self._end_unless_result(OutcomeKind.STALLED)
        else:
            self._timers.after_work(self._idle_look_s, self._look_for_life)

    def _end_unless_result(self, because: OutcomeKind, detail: str = "") -> None:
        self._read_output(is_last=True)  # its last words may have been a result
        if not self._wishes.has_result:
            self.terminate(because, detail=detail)

    def _look_at_output(self) -> None:
        self._timers.after(self._read_output(), self._look_at_output)

    def _read_output(self, *, is_last: bool = False) -> float:
        next_look_s = self._output.look(is_last=is_last)
        fresh = self._wishes.fresh()
        if fresh is not None:
            number, wish = fresh
            self._timers.after_work(wish.within_s, lambda: self._grant(number))
        return next_look_s

    def _grant(self, number: int) -> None:
        self._read_output(is_last=True)
        wish = self._wishes.standing(number)
        if wish is None:
            return
        if wish.because is OutcomeKind.NORMAL:
            self._keep_result(f" for {wish.within_s:.10g} s")
        else:
            self.terminate(wish.because, detail=wish.detail)

    def _keep_result(self, how_long: str) -> None:
        self.kill(OutcomeKind.NORMAL, detail=_RESULT_KEPT.format(how_long))

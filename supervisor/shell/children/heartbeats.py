"""The heartbeats of a supervising process's children: who must beat, and what silence leads to."""

from __future__ import annotations

import signal
from collections.abc import Callable

from msgspec import Struct, field

from ....policies.ceilings.pressure import stretch
from ....policies.supervising import liveness
from ....policies.supervising.liveness import BEAT_S, HangStep, Patience, Pulse
from ....policies.supervising.spec import Cause
from ....workers.messages.common import Extend
from ....workers.process.eventloop import EventLoop, Timer
from ..ceilings.pressure import read_pressure
from .processes import Notice, Processes


def _nobody(_child_id: str) -> bool:
    return False


def _host_s_stretch() -> float:
    return stretch(read_pressure())


class Watch(Struct, frozen=True, kw_only=True):
    """Who is watched, and how patiently.

    `from_ready` says whether a child beats as soon as it is ready; of any other its owner says when
    it begins. `stretch` is how many times longer everything may take on this host now.
    """

    from_ready: Callable[[str], bool] = _nobody
    patience: Patience = field(default_factory=Patience)
    beat_s: float = BEAT_S
    stretch: Callable[[], float] = _host_s_stretch


class Heartbeats:
    """One timer for all children, which runs only while one is watched."""

    def __init__(self, loop: EventLoop, processes: Processes, watch: Watch) -> None:
        self._loop = loop
        self._processes = processes
        self._watch = watch
        self._pulses: dict[str, Pulse] = {}
        self._timer: Timer | None = None
        self._checked_s = 0.0
        self.answered: set[str] = set()  # who has said anything, since somebody has emptied it
        self.on_notice: Notice = lambda *_: None

    @property
    def patience(self) -> Patience:
        """How patiently they are watched."""
        return self._watch.patience

    @property
    def stretch(self) -> float:
        """How many times longer everything may take on this host now."""
        return self._watch.stretch()

    @property
    def is_idle(self) -> bool:
        """Say whether nobody is watched, and so no timer runs."""
        return self._timer is None

    def silent_without_excuse(self) -> frozenset[str]:
        """The watched children that have not answered, without an excuse and not killed for it."""
        return frozenset(
            child_id
            for child_id, pulse in self._pulses.items()
            if child_id not in self.answered
            and not pulse.excused_s
            and not self._processes.was_killed(child_id)
        )

    def on_ready(self, child_id: str) -> None:
        """Watch a child that beats as soon as it is ready."""
        if self._watch.from_ready(child_id):
            self.begin(child_id)

    def begin(self, child_id: str) -> None:
        """Watch a child from now on, until it is gone."""
        self._pulses[child_id] = Pulse()
        self.answered.add(child_id)
        if self._timer is None:
            self._checked_s = self._loop.now_s()
            self._set_timer()

    def on_word(self, child_id: str, word: object) -> None:
        """Take a child's word as life, or as an excuse for the silence that follows."""
        pulse = self._pulses.get(child_id)
        if pulse is None:
            return
        self.answered.add(child_id)
        if isinstance(word, Extend):
            self._pulses[child_id] = liveness.excused(pulse, word.for_s)
        elif not pulse.was_heard or pulse.excused_s:
            self._pulses[child_id] = liveness.heard(pulse)

    def forget(self, child_id: str) -> None:
        """Watch a child no longer: it is gone."""
        self._pulses.pop(child_id, None)
        self.answered.discard(child_id)
        if not self._pulses and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self) -> None:
        self._timer = self._loop.call_at(self._loop.now_s() + self._watch.beat_s, self._check)

    def _check(self) -> None:
        now_s = self._loop.now_s()
        since_s, self._checked_s = now_s - self._checked_s, now_s
        self._set_timer()
        if liveness.is_punctual(since_s, self._watch.beat_s):
            # The kernel is asked only when there is somebody for whom the answer matters.
            is_quiet = any(not pulse.was_heard for pulse in self._pulses.values())
            factor = self._watch.stretch() if is_quiet else 1.0
            for child_id, pulse in tuple(self._pulses.items()):
                self._check_one(child_id, pulse, factor)

    def _check_one(self, child_id: str, before: Pulse, factor: float) -> None:
        watch = self._watch
        if before.excused_s and self._processes.is_stopped(child_id):
            before = liveness.without_excuse(before)  # it does not do what it said
        after, step = liveness.check(before, watch.patience, beat_s=watch.beat_s, stretch=factor)
        self._pulses[child_id] = after
        if before.is_suspect and not after.is_suspect:
            self.on_notice(child_id, "hang_over", f"it beats again after {before.silent_s:g} s")
        if step is not None:
            self._take(step, child_id, f"no heartbeat for {after.silent_s:g} s")

    def _take(self, step: HangStep, child_id: str, why: str) -> None:
        processes = self._processes
        match step:
            case HangStep.WARN:
                self._warn(child_id, why)
            case HangStep.DUMP:
                if processes.dump(child_id):
                    text = f"{why}: its stacks are in the crash log"
                    self.on_notice(child_id, "hang_dumped", text)
            case HangStep.TERMINATE:
                self.on_notice(child_id, "hang_terminated", f"{why}: SIGTERM")
                processes.condemn(child_id, f"{why}, terminated", Cause.HANG, signal.SIGTERM)
            case HangStep.KILL:
                self.on_notice(child_id, "hang_killed", f"{why}: SIGKILL")
                processes.condemn(child_id, f"{why}, killed", Cause.HANG)
            case HangStep.UNDEAD:
                self.on_notice(child_id, "undead", "killed and not gone: the kernel holds it")

    def _warn(self, child_id: str, why: str) -> None:
        stopped = " (it is stopped)" if self._processes.is_stopped(child_id) else ""
        self.on_notice(child_id, "hang_warned", why + stopped)

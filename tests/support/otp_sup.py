"""Supervisors in virtual time over children that do what a script says, as in OTP's own suite.

`sup.start_child(spec)` and its like wait for the answer; time passes only where something waits for
it, or by `world.wait(seconds)`. A child obeys unless `sup.manner(name)` says otherwise.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import assert_never

from prd_supervise.policies.supervising.shutdown import Deadline, deadline_from
from prd_supervise.policies.supervising.spec import Backoff, ChildSpec, ExitReason, Flags
from prd_supervise.supervisor.core.otp import queries
from prd_supervise.supervisor.core.otp import supervisor as core
from prd_supervise.supervisor.core.otp.commands import (
    Answered,
    AskToStop,
    Command,
    Effect,
    Kill,
    SetAlarm,
    Spawn,
    SupervisorEnded,
    SupervisorStarted,
    Terminate,
)
from prd_supervise.supervisor.core.otp.events import (
    AlarmWentOff,
    ChildDeleteRequested,
    ChildExited,
    ChildIgnored,
    ChildReady,
    ChildRestartRequested,
    ChildStartRequested,
    ChildStopRequested,
    DynamicStartRequested,
    ReloadRequested,
    StartRequested,
    StopRequested,
    SupervisorEvent,
)
from prd_supervise.supervisor.core.otp.state import Supervisor
from tests.support.otp_words import ABNORMAL, KILLED, NORMAL, SHUTDOWN, flags
from tests.support.virtual_time import World


@dataclass
class Manner:
    """How a child behaves: `starts` one after the other, then `always`; and when it is to stop."""

    starts: deque[str] = field(default_factory=deque)  # ready, ignore, fail, hang
    always: str = "ready"
    info: str = ""
    fails_with: ExitReason = ABNORMAL
    stop_s: float | None = 0.0  # until it ends when it is asked to; None: it never does
    stops_with: ExitReason = SHUTDOWN
    is_stuck: bool = False  # in the kernel: not even SIGKILL ends it
    inner: Callable[[], Sup] | None = None  # it is a supervisor itself

    def script(self, *starts: str, always: str = "ready") -> None:
        """Say what its next starts come to."""
        self.starts, self.always = deque(starts), always

    def next_start(self) -> str:
        """What the start that happens now comes to."""
        return self.starts.popleft() if self.starts else self.always


@dataclass
class Life:
    """A process that lives."""

    incarnation: int
    inner: Sup | None = None


class Sup:
    """A supervisor, its children's lives, and what has been said."""

    def __init__(
        self, wanted: Flags | None = None, world: World | None = None, *, backoff_s: float = 0.0
    ) -> None:
        chosen = wanted or flags()
        self.world = world or World()
        self.state = Supervisor(
            intensity=chosen.intensity,
            strategy=chosen.strategy,
            auto_shutdown=chosen.auto_shutdown,
            template=chosen.template,
            children_max=chosen.children_max,
            backoff=Backoff(base_s=backoff_s, cap_s=backoff_s),
        )
        self.first: tuple[ChildSpec, ...] = ()  # started with it, where it is a child itself
        self.said: list[Command] = []
        self.log: list[str] = []  # who came up and who went down, in order
        self.ended: SupervisorEnded | None = None
        self.lives: dict[str, Life] = {}
        self._manners: dict[str, Manner] = {}
        self._answers: dict[str, Answered] = {}
        self.on_end: Callable[[SupervisorEnded], None] = lambda _ended: None
        self.on_start: Callable[[], None] = lambda: None

    # --- what a test does -------------------------------------------------------------------------

    def manner(self, name: str) -> Manner:
        """How this child behaves, to be changed."""
        return self._manners.setdefault(name, Manner())

    def start(self, *specs: ChildSpec) -> Sup:
        """Start it with its first children, as start_link does."""
        self.hear(StartRequested(specs=specs))
        self.world.wait()
        return self

    def start_child(self, child: ChildSpec | str) -> Answered:
        """Start a child by its spec, or one more of the template by its name."""
        request = f"r{len(self._answers)}"
        if isinstance(child, ChildSpec):
            return self._call(ChildStartRequested(spec=child, request=request))
        return self._call(DynamicStartRequested(child_id=child, request=request))

    def terminate_child(self, name: str, incarnation: int | None = None) -> Answered:
        """Stop a child and wait for its end."""
        request = f"r{len(self._answers)}"
        deadline = deadline_from(self.world.now_s, 60.0)
        return self._call(
            ChildStopRequested(
                child_id=name, deadline=deadline, incarnation=incarnation, request=request
            )
        )

    def restart_child(self, name: str) -> Answered:
        """Start a child again that was stopped."""
        return self._call(ChildRestartRequested(child_id=name, request=f"r{len(self._answers)}"))

    def delete_child(self, name: str) -> Answered:
        """Forget a child that was stopped."""
        return self._call(ChildDeleteRequested(child_id=name, request=f"r{len(self._answers)}"))

    def upgrade(self, new: Flags, *specs: ChildSpec) -> Answered:
        """Take new flags and specs."""
        request = f"r{len(self._answers)}"
        return self._call(ReloadRequested(flags=new, specs=specs, request=request))

    def exits(self, name: str, reason: ExitReason = ABNORMAL) -> None:
        """Let a child end by itself, and what follows at once happen."""
        self.dies(name, reason)
        self.world.wait()

    def dies(self, name: str, reason: ExitReason = ABNORMAL) -> None:
        """Let a child end by itself; what follows is left to happen."""
        self._gone(name, self.lives[name].incarnation, reason)

    def terminate(self, grace_s: float = 60.0) -> SupervisorEnded:
        """Stop the whole supervisor and wait for its end."""
        self.hear(StopRequested(deadline=deadline_from(self.world.now_s, grace_s)))
        self.world.wait_until(lambda: self.ended is not None)
        assert self.ended is not None
        return self.ended

    # --- what a test looks at ---------------------------------------------------------------------

    def which(self) -> list[tuple[str, int | str]]:
        """which_children: the newest first; its incarnation, or restarting, or undefined."""
        return [_which(info) for info in queries.which_children(self.state)]

    def counts(self) -> list[int]:
        """count_children: specs, active, supervisors, workers."""
        found = queries.count_children(self.state)
        return [found.specs, found.active, found.supervisors, found.workers]

    def pid(self, name: str) -> int:
        """The incarnation that lives."""
        return self.lives[name].incarnation

    def pids(self) -> dict[str, int]:
        """All that live."""
        return {name: life.incarnation for name, life in self.lives.items()}

    def inner(self, name: str) -> Sup:
        """The supervisor that a living child is."""
        inner = self.lives[name].inner
        assert inner is not None
        return inner

    # --- how the world answers --------------------------------------------------------------------

    def hear(self, event: SupervisorEvent) -> None:
        """Let it answer an event, and do what it wants."""
        self.state, commands = core.step(self.state, event, self.world.now_s)
        self.said += commands
        for command in commands:
            if isinstance(command, Effect):
                self._do(command)
            elif isinstance(command, Answered):
                self._answers[command.request] = command
            elif isinstance(command, SupervisorStarted):
                self.on_start()
            elif isinstance(command, SupervisorEnded):
                self.ended = command
                self.on_end(command)

    def _call(self, event: SupervisorEvent) -> Answered:
        request = f"r{len(self._answers)}"
        self.hear(event)
        self.world.wait_until(lambda: request in self._answers)
        return self._answers[request]

    def _do(self, effect: Effect) -> None:
        match effect:
            case Spawn():
                self._spawn(effect.spec.child_id, effect.incarnation)
            case AskToStop():
                self._ask(effect.child_id, effect.incarnation, effect.deadline)
            case Terminate():
                pass  # who did not hear Stop does not hear this
            case Kill():
                if not self.manner(effect.child_id).is_stuck:
                    self._end_at(0.0, effect.child_id, effect.incarnation, KILLED)
            case SetAlarm():
                event = AlarmWentOff(
                    child_id=effect.child_id, incarnation=effect.incarnation, alarm=effect.alarm
                )
                self.world.at(effect.at_s, lambda: self.hear(event))
            case _:
                assert_never(effect)

    def _spawn(self, name: str, number: int) -> None:
        assert name not in self.lives, f"{name} lives already"
        manner = self.manner(name)
        life = self.lives[name] = Life(number)
        ready = ChildReady(child_id=name, incarnation=number, info=manner.info)
        match manner.next_start():
            case "ready" if manner.inner is not None:
                inner = life.inner = manner.inner()
                inner.on_start = lambda: self._later(name, ready)
                inner.on_end = lambda end: self._end_at(0.0, name, number, end.reason)
                inner.hear(StartRequested(specs=inner.first))
            case "ready":
                self._later(name, ready)
            case "ignore":
                self._later(name, ChildIgnored(child_id=name, incarnation=number))
                self._end_at(0.0, name, number, NORMAL)
            case "fail":
                self._end_at(0.0, name, number, manner.fails_with)
            case "hang":
                pass
            case other:
                raise AssertionError(f"no child starts like {other!r}")

    def _later(self, name: str, event: ChildReady | ChildIgnored) -> None:
        def say() -> None:
            life = self.lives.get(name)
            if life is not None and life.incarnation == event.incarnation:
                if isinstance(event, ChildReady):
                    self.log.append(f"+{name}")
                self.hear(event)

        self.world.at(self.world.now_s, say)

    def _ask(self, name: str, number: int, deadline: Deadline) -> None:
        life, manner = self.lives[name], self.manner(name)
        if life.inner is not None:
            life.inner.hear(StopRequested(deadline=deadline))
        elif manner.stop_s is not None:
            self._end_at(manner.stop_s, name, number, manner.stops_with)

    def _end_at(self, after_s: float, name: str, number: int, reason: ExitReason) -> None:
        self.world.at(self.world.now_s + after_s, lambda: self._gone(name, number, reason))

    def _gone(self, name: str, number: int, reason: ExitReason) -> None:
        life = self.lives.get(name)
        if life is None or life.incarnation != number:
            return
        del self.lives[name]
        self.log.append(f"-{name} {reason.detail}")
        self.hear(ChildExited(child_id=name, incarnation=number, reason=reason))


def _which(info: queries.ChildInfo) -> tuple[str, int | str]:
    if info.is_restarting:
        return info.child_id, "restarting"
    return info.child_id, "undefined" if info.incarnation is None else info.incarnation

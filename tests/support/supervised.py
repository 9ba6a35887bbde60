"""A supervisor in virtual time, for tests that tell what happens to its children."""

from __future__ import annotations

from dataclasses import dataclass, field

from prd_supervise.policies.supervising.shutdown import deadline_from
from prd_supervise.policies.supervising.spec import (
    Backoff,
    ChildKind,
    ChildSpec,
    ExitClass,
    ExitReason,
    Intensity,
    Restart,
    Shutdown,
    Strategy,
    Tally,
)
from prd_supervise.supervisor.core.otp import supervisor as core
from prd_supervise.supervisor.core.otp.child import Child, Phase
from prd_supervise.supervisor.core.otp.commands import Command, SetAlarm, Spawn
from prd_supervise.supervisor.core.otp.events import (
    Alarm,
    AlarmWentOff,
    ChildExited,
    ChildReady,
    ChildStartRequested,
    ChildStopRequested,
    StopRequested,
    SupervisorEvent,
)
from prd_supervise.supervisor.core.otp.state import Supervisor

ABNORMAL, NORMAL, SHUTDOWN = ExitClass.ABNORMAL, ExitClass.NORMAL, ExitClass.SHUTDOWN


def a_child(
    name: str,
    restart: Restart = Restart.PERMANENT,
    *,
    dynamic: bool = False,
    timeout_s: float | None = None,
    restarts_max: int | None = None,
) -> ChildSpec:
    """A child spec."""
    return ChildSpec(
        child_id=name,
        kind=ChildKind.STORY,
        restart=restart,
        shutdown=Shutdown(timeout_s=timeout_s),
        dynamic=dynamic,
        restarts_max=None if restarts_max is None else caps(restarts_max),
    )


def caps(most: int) -> Tally:
    """The same cap for every cause."""
    return Tally(ordinary=most, memory=most, hang=most)


@dataclass
class Supervised:
    """A supervisor, the time, and what it wanted last and in all."""

    state: Supervisor
    now_s: float = 0.0
    last: list[Command] = field(default_factory=list)
    all: list[Command] = field(default_factory=list)

    def hear(self, event: SupervisorEvent) -> list[Command]:
        """Let it answer one event."""
        self.state, self.last = core.step(self.state, event, self.now_s)
        self.all += self.last
        return self.last

    def child(self, name: str) -> Child:
        """The child of this name."""
        child = self.state.child(name)
        assert child is not None, f"{name} is not kept"
        return child

    def phase(self, name: str) -> Phase | None:
        """Where in its life the child is; None: not known."""
        child = self.state.child(name)
        return None if child is None else child.phase

    def phases(self) -> str:
        """All children with their phases, in start order."""
        return " ".join(f"{each.child_id}:{each.phase.value}" for each in self.state.children)

    def request(self, spec: ChildSpec) -> list[Command]:
        """Ask for a child."""
        return self.hear(ChildStartRequested(spec=spec))

    def ready(self, name: str, incarnation: int | None = None) -> list[Command]:
        """Let a child say Ready."""
        number = self.child(name).incarnation if incarnation is None else incarnation
        return self.hear(ChildReady(child_id=name, incarnation=number))

    def exits(self, name: str, how: ExitClass = ABNORMAL, incarnation: int = 0) -> list[Command]:
        """Let a child's process end."""
        reason = ExitReason(exit_class=how, detail=how.value)
        number = incarnation or self.child(name).incarnation
        return self.hear(ChildExited(child_id=name, incarnation=number, reason=reason))

    def alarm(self, name: str, alarm: Alarm, incarnation: int | None = None) -> list[Command]:
        """Let a timer of a child run out."""
        number = self.child(name).incarnation if incarnation is None else incarnation
        return self.hear(AlarmWentOff(child_id=name, incarnation=number, alarm=alarm))

    def comes_back(self, name: str) -> None:
        """Let a child's backoff pass and the child be ready again."""
        self.alarm(name, Alarm.BACKOFF_OVER)
        self.ready(name)

    def stop(self, grace_s: float = 60.0) -> list[Command]:
        """Ask the supervisor to end."""
        return self.hear(StopRequested(deadline=deadline_from(self.now_s, grace_s)))

    def stop_child(self, name: str, grace_s: float = 60.0) -> list[Command]:
        """Ask for the end of one child."""
        deadline = deadline_from(self.now_s, grace_s)
        return self.hear(ChildStopRequested(child_id=name, deadline=deadline))

    def wanted(self, kind: type) -> list[str]:
        """Whom the last commands of this kind were about."""
        return [_name(each) for each in self.last if isinstance(each, kind)]

    def alarms(self) -> dict[Alarm, float]:
        """The timers that were set last."""
        return {each.alarm: each.at_s for each in self.last if isinstance(each, SetAlarm)}


def _name(command: Command) -> str:
    if isinstance(command, Spawn):
        return command.spec.child_id
    return getattr(command, "child_id", "")


def supervised(
    *children: ChildSpec,
    strategy: Strategy = Strategy.ONE_FOR_ONE,
    intensity: int = 10,
    period_s: float = 60.0,
) -> Supervised:
    """A supervisor whose children are all ready."""
    state = Supervisor(
        intensity=Intensity(max_restarts=intensity, period_s=period_s),
        strategy=strategy,
        backoff=Backoff(base_s=1.0, cap_s=60.0),
    )
    tree = Supervised(state)
    for child in children:
        tree.request(child)
        tree.ready(child.child_id)
    return tree

"""A supervisor's state, and the small changes that every decision is made of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ...policies.shutdown import Deadline
from ...policies.spec import Backoff, Intensity, Restart, Strategy
from . import child as life
from .child import Child
from .commands import Effect, Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervisor:
    """A supervisor and its children, in start order."""

    intensity: Intensity
    strategy: Strategy = Strategy.ONE_FOR_ONE
    backoff: Backoff = field(default_factory=Backoff)
    seed: int = 0
    children: tuple[Child, ...] = ()
    births: int = 0  # numbers the incarnations, so that none is ever used twice
    restarted_at_s: tuple[float, ...] = ()
    stop_groups: tuple[tuple[str, ...], ...] = ()  # the agenda: these are stopped first ...
    starts: tuple[str, ...] = ()  # ... and then these are started
    deadline: Deadline | None = None  # it is stopping, until then
    burnt_out: bool = False

    def child(self, child_id: str) -> Child | None:
        """The child of this name, if there is one."""
        return next((child for child in self.children if child.child_id == child_id), None)

    def is_to_stop(self, child_id: str) -> bool:
        """Say whether the agenda ends this child, be it today's turn or not."""
        return any(child_id in group for group in self.stop_groups)

    def lives(self, child_id: str) -> bool:
        """Say whether this child has a process, as far as we know."""
        child = self.child(child_id)
        return child is not None and child.is_alive


Command = Effect | Notice
Step = tuple[Supervisor, list[Command]]


def begin(supervisor: Supervisor, child: Child, now_s: float) -> Step:
    """Start the next incarnation of a child."""
    number = supervisor.births + 1
    started, effects = life.start(child, number, now_s)
    return put(replace(supervisor, births=number), started), [*effects]


def put(supervisor: Supervisor, child: Child) -> Supervisor:
    """Replace a child by its next state."""
    children = tuple(
        child if other.child_id == child.child_id else other for other in supervisor.children
    )
    return replace(supervisor, children=children)


def not_started(supervisor: Supervisor, child_id: str) -> Supervisor:
    """Take a child off the list of those that are to be started."""
    starts = tuple(name for name in supervisor.starts if name != child_id)
    return replace(supervisor, starts=starts)


def forget(supervisor: Supervisor, child: Child) -> Supervisor:
    """Drop what is not kept after its end: dynamic and temporary children (OTP)."""
    if not child.spec.dynamic and child.spec.restart is not Restart.TEMPORARY:
        return supervisor
    return replace(
        supervisor,
        children=tuple(other for other in supervisor.children if other.child_id != child.child_id),
    )

"""A supervisor's state, and the small changes that every decision is made of."""

from __future__ import annotations

from msgspec import Struct, field

from ....policies.supervising.shutdown import Deadline
from ....policies.supervising.spec import (
    AutoShutdown,
    Backoff,
    ChildSpec,
    ExitReason,
    Flags,
    Intensity,
    Strategy,
)
from ....policies.values import replace
from . import child as life
from .child import Child, Phase
from .children import Children
from .commands import STOPPED, Answered, ChildEnded, ChildGivenUp, ChildHeld, Command, Refusal


class Supervisor(Struct, frozen=True, kw_only=True):
    """A supervisor and its children, in start order. The first fields are its flags (spec.Flags).

    `grace_s` is for the stops that it decides on itself: a group restart, a roll-back, its end.
    """

    intensity: Intensity
    strategy: Strategy = Strategy.ONE_FOR_ONE
    auto_shutdown: AutoShutdown = AutoShutdown.NEVER
    template: ChildSpec | None = None
    children_max: int | None = None
    backoff: Backoff = field(default_factory=Backoff)
    seed: int = 0
    grace_s: float = 10.0
    children: Children = field(default_factory=Children)
    births: int = 0  # numbers the incarnations, so that none is ever used twice
    restarted_at_s: tuple[float, ...] = ()
    stop_groups: tuple[tuple[str, ...], ...] = ()  # the agenda: these are stopped first ...
    starts: tuple[str, ...] = ()  # ... and then these are started
    is_opening: bool = False  # its first children start: a failure is its own
    deadline: Deadline | None = None  # it is stopping, until then
    burnt_out: bool = False
    reason: ExitReason = STOPPED  # that it ends with
    is_over: bool = False

    @property
    def flags(self) -> Flags:
        """How it supervises."""
        return Flags(
            strategy=self.strategy,
            intensity=self.intensity,
            auto_shutdown=self.auto_shutdown,
            template=self.template,
            children_max=self.children_max,
        )

    def child(self, child_id: str) -> Child | None:
        """The child of this name, if there is one."""
        return self.children.get(child_id)

    def is_to_stop(self, child_id: str) -> bool:
        """Say whether the agenda ends this child, be it today's turn or not."""
        return any(child_id in group for group in self.stop_groups)

    def waits_for(self, child_id: str) -> bool:
        """Say whether nothing goes on before this child is gone. A stop waits for no undead one."""
        child = self.children.get(child_id)
        if child is None or not child.is_alive:
            return False
        return child.phase is not Phase.UNDEAD or self.deadline is None


Step = tuple[Supervisor, list[Command]]


def begin(supervisor: Supervisor, child: Child, now_s: float) -> Step:
    """Start the next incarnation of a child."""
    number = supervisor.births + 1
    started, effects = life.start(child, number, now_s)
    children = supervisor.children.put(started)
    return replace(supervisor, births=number, children=children), [*effects]


def put(supervisor: Supervisor, child: Child) -> Supervisor:
    """Replace a child by its next state; a new one goes last."""
    return replace(supervisor, children=supervisor.children.put(child))


def not_started(supervisor: Supervisor, child_id: str) -> Supervisor:
    """Take a child off the list of those that are to be started."""
    if child_id not in supervisor.starts:
        return supervisor
    starts = tuple(name for name in supervisor.starts if name != child_id)
    return replace(supervisor, starts=starts)


def settle(supervisor: Supervisor, child: Child, phase: Phase = Phase.STOPPED) -> Supervisor:
    """Note that nothing of a child lives or is wanted: it is kept in this phase, or forgotten."""
    supervisor = not_started(supervisor, child.child_id)
    never_came_up = child.starter is not None and child.starter.is_new
    if child.spec.is_forgotten_once_gone or never_came_up:
        return replace(supervisor, children=supervisor.children.without(child.child_id))
    gone = replace(child, phase=phase, killed_in=None, starter=None, stoppers=())
    return put(supervisor, gone)


def ended(child: Child, reason: ExitReason) -> list[Command]:
    """Say that a child is gone and does not come back; who waited for that is answered."""
    gone = ChildEnded(child_id=child.child_id, incarnation=child.incarnation, reason=reason)
    return [gone, *answers(child, reason)]


def given_up(child: Child, reason: ExitReason) -> list[Command]:
    """Say that a child used up its restarts."""
    gone = ChildGivenUp(child_id=child.child_id, incarnation=child.incarnation, reason=reason)
    return [gone, *answers(child, reason)]


def held(child: Child, reason: ExitReason) -> list[Command]:
    """Say that a child would come back if it were not held."""
    gone = ChildHeld(child_id=child.child_id, incarnation=child.incarnation, reason=reason)
    return [gone, *answers(child, reason)]


def answers(child: Child, reason: ExitReason) -> list[Command]:
    """Answer whoever waited for the child's start, which came to nothing, or for its end."""
    told: list[Command] = []
    if child.starter is not None:
        told += answer(child.starter.request, Refusal.START_FAILED, detail=reason.detail)
    for request in child.stoppers:
        told += answer(request)
    return told


def answer(
    request: str,
    refusal: Refusal | None = None,
    *,
    detail: str = "",
    incarnation: int | None = None,
    info: str = "",
) -> list[Command]:
    """Answer a request, if somebody waits for that."""
    if not request:
        return []
    return [
        Answered(
            request=request, refusal=refusal, detail=detail, incarnation=incarnation, info=info
        )
    ]

"""The vocabulary of supervision: what a child is, when it is restarted, how it is stopped."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from ..values import replace


class Restart(Enum):
    """When a child that exited is started again (OTP)."""

    PERMANENT = "permanent"  # always
    TRANSIENT = "transient"  # only after an abnormal exit
    TEMPORARY = "temporary"  # never


class Strategy(Enum):
    """Who else is restarted when a child is (OTP)."""

    ONE_FOR_ONE = "one_for_one"
    ONE_FOR_ALL = "one_for_all"
    REST_FOR_ONE = "rest_for_one"


class AutoShutdown(Enum):
    """Whether a supervisor ends when its significant children end by themselves (OTP)."""

    NEVER = "never"
    ANY_SIGNIFICANT = "any_significant"
    ALL_SIGNIFICANT = "all_significant"  # with the last of them


class ExitClass(Enum):
    """The classes of exit that a restart type tells apart."""

    NORMAL = "normal"  # exit 0 after the child said that its work is done
    SHUTDOWN = "shutdown"  # it ended because we asked it to
    ABNORMAL = "abnormal"  # everything else, also exit 0 without a word


class Cause(Enum):
    """What a failure counts as: each cause has a counter and a cap of its own."""

    ORDINARY = "ordinary"
    MEMORY = "memory"  # a ceiling of ours, or the kernel's OOM killer
    HANG = "hang"  # it lived and did nothing


class Tally(Struct, frozen=True, kw_only=True):
    """How often something failed, by cause; or how often it may."""

    ordinary: int = 0
    memory: int = 0
    hang: int = 0

    def of(self, cause: Cause) -> int:
        """The count of one cause."""
        return {Cause.ORDINARY: self.ordinary, Cause.MEMORY: self.memory, Cause.HANG: self.hang}[
            cause
        ]

    def plus(self, cause: Cause) -> Tally:
        """Count one more."""
        return replace(self, **{cause.value: self.of(cause) + 1})

    def reaches(self, caps: Tally) -> bool:
        """Say whether any count is at its cap."""
        return any(self.of(cause) >= caps.of(cause) for cause in Cause)

    @property
    def total(self) -> int:
        """All of them."""
        return self.ordinary + self.memory + self.hang


class ExitReason(Struct, frozen=True, kw_only=True):
    """Why a process is gone; `detail` is for people: `exit 3`, `signal SIGKILL`."""

    exit_class: ExitClass
    detail: str
    cause: Cause = Cause.ORDINARY


class Intensity(Struct, frozen=True, kw_only=True):
    """More than `max_restarts` within `period_s` and the supervisor gives up (OTP MaxR, MaxT)."""

    max_restarts: int
    period_s: float


class Backoff(Struct, frozen=True, kw_only=True):
    """The wait before a restart: it doubles from `base_s` and never exceeds `cap_s`."""

    base_s: float = 1.0
    cap_s: float = 60.0


class Shutdown(Struct, frozen=True, kw_only=True):
    """How a child is stopped: `timeout_s` to end by itself, then SIGTERM, then SIGKILL.

    0 is OTP's brutal_kill; None is infinity, which the tree's own deadline caps (deviation D4).
    """

    timeout_s: float | None = None


class ChildKind(Enum):
    """The kinds of process that hang in the tree below root."""

    PRD = "prd"
    GIT = "git"
    STORY = "story"


class ChildSpec(Struct, frozen=True, kw_only=True):
    """What a supervisor has to know of a child to keep it.

    Dynamic children have no order among each other: they start when asked to, stop all at once, and
    are forgotten when they end. `restarts_max` (by cause) and `failures_max` are the child's own
    caps: after so many restarts in all, or since its last stable run, it is given up, and its
    supervisor lives on.
    """

    child_id: str
    kind: ChildKind
    restart: Restart
    shutdown: Shutdown = Shutdown()
    significant: bool = False
    dynamic: bool = False
    start_timeout_s: float = 30.0
    restarts_max: Tally | None = None
    failures_max: int | None = None
    margin: float = 0.0  # before the tree's deadline, as a fraction of the grace (shutdown.py)

    @property
    def is_supervisor(self) -> bool:
        """Say whether the child has children of its own (OTP's `type`)."""
        return self.kind is ChildKind.PRD

    @property
    def is_forgotten_once_gone(self) -> bool:
        """Say whether nothing of the child is kept after its end: dynamic and temporary (OTP)."""
        return self.dynamic or self.restart is Restart.TEMPORARY


class Flags(Struct, frozen=True, kw_only=True):
    """How a supervisor supervises.

    One with a template is dynamic (OTP's simple_one_for_one): all its children are made from it,
    `children_max` of them at most.
    """

    strategy: Strategy = Strategy.ONE_FOR_ONE
    intensity: Intensity = Intensity(max_restarts=1, period_s=5.0)
    auto_shutdown: AutoShutdown = AutoShutdown.NEVER
    template: ChildSpec | None = None
    children_max: int | None = None

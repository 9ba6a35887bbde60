"""The words of OTP's own suite: specs, flags and reasons as its cases use them."""

from __future__ import annotations

from prd_supervise.policies.supervising.spec import (
    AutoShutdown,
    ChildKind,
    ChildSpec,
    ExitClass,
    ExitReason,
    Flags,
    Intensity,
    Restart,
    Shutdown,
    Strategy,
)
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.otp.commands import Answered

PERMANENT, TRANSIENT, TEMPORARY = Restart.PERMANENT, Restart.TRANSIENT, Restart.TEMPORARY
BRUTAL_KILL, INFINITY = 0.0, None

NORMAL = ExitReason(exit_class=ExitClass.NORMAL, detail="normal")
SHUTDOWN = ExitReason(exit_class=ExitClass.SHUTDOWN, detail="shutdown")
SHUTDOWN_TERM = ExitReason(exit_class=ExitClass.SHUTDOWN, detail="shutdown, test")
ABNORMAL = ExitReason(exit_class=ExitClass.ABNORMAL, detail="abnormal")
KILLED = ExitReason(exit_class=ExitClass.ABNORMAL, detail="killed")


def a_spec(
    name: str,
    restart: Restart = PERMANENT,
    shutdown_s: float | None = 1.0,
    *,
    significant: bool = False,
    kind: ChildKind = ChildKind.STORY,
) -> ChildSpec:
    """A child spec of the suite: permanent, a second to stop, a worker."""
    return ChildSpec(
        child_id=name,
        kind=kind,
        restart=restart,
        shutdown=Shutdown(timeout_s=shutdown_s),
        significant=significant,
    )


def flags(
    strategy: Strategy = Strategy.ONE_FOR_ONE,
    intensity: int = 2,
    period_s: float = 3600.0,
    *,
    auto_shutdown: AutoShutdown = AutoShutdown.NEVER,
    template: ChildSpec | None = None,
) -> Flags:
    """Flags of the suite: 2/3600."""
    limit = Intensity(max_restarts=intensity, period_s=period_s)
    return Flags(strategy=strategy, intensity=limit, auto_shutdown=auto_shutdown, template=template)


def with_template(template: ChildSpec, intensity: int = 2, period_s: float = 3600.0) -> Flags:
    """Flags of a dynamic supervisor (simple_one_for_one)."""
    return replace(flags(intensity=intensity, period_s=period_s), template=template)


def ok(answer: Answered) -> int:
    """The incarnation that a request has come to; 0: none, the child has ignored its start."""
    assert answer.refusal is None, answer
    return answer.incarnation or 0

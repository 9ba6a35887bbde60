"""Who is restarted, and how many restarts are too many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from .spec import AutoShutdown, ChildSpec, ExitClass, ExitReason, Intensity, Restart, Strategy

STABLE_RUN_S = 60.0


def should_restart(restart: Restart, reason: ExitReason) -> bool:
    """Say whether a child of this restart type comes back after this exit.

    OTP: permanent always, transient only after an abnormal exit, temporary never.
    """
    match restart:
        case Restart.PERMANENT:
            return True
        case Restart.TRANSIENT:
            return reason.exit_class is ExitClass.ABNORMAL
        case Restart.TEMPORARY:
            return False
        case _:
            assert_never(restart)


def affected_children(strategy: Strategy, order: Sequence[str], child_id: str) -> tuple[str, ...]:
    """Name the children that are restarted with `child_id`, itself included, in start order."""
    match strategy:
        case Strategy.ONE_FOR_ONE:
            return (child_id,)
        case Strategy.ONE_FOR_ALL:
            return tuple(order)
        case Strategy.REST_FOR_ONE:
            return tuple(order[order.index(child_id) :])
        case _:
            assert_never(strategy)


def add_restart(
    restarted_at_s: Sequence[float], now_s: float, limit: Intensity
) -> tuple[tuple[float, ...], bool]:
    """Note one more restart: the restarts that still count, and whether they are within the limit.

    The window is closed at its old edge: a restart exactly `period_s` ago still counts. More than
    `max_restarts` within the window are too many (OTP: add_restart/1; D5: seconds are not cut).
    """
    kept = tuple(at_s for at_s in restarted_at_s if at_s >= now_s - limit.period_s)
    restarts = (*kept, now_s)
    return restarts, len(restarts) <= limit.max_restarts


def is_stable(ready_s: float, last_delay_s: float) -> bool:
    """Say whether a run of so many seconds in service makes the next death the first one again.

    After a long delay it takes longer, so that a child with a slow fault keeps its delay.
    """
    return ready_s >= max(STABLE_RUN_S, 2 * last_delay_s)


def ends_supervisor(auto_shutdown: AutoShutdown, gone: ChildSpec, *, others_last: bool) -> bool:
    """Say whether a child that ended by itself, and stays away, takes its supervisor with it.

    `others_last`: another significant child is still up, or comes back.
    """
    match auto_shutdown:
        case AutoShutdown.NEVER:
            return False
        case AutoShutdown.ANY_SIGNIFICANT:
            return gone.significant
        case AutoShutdown.ALL_SIGNIFICANT:
            return gone.significant and not others_last
        case _:
            assert_never(auto_shutdown)

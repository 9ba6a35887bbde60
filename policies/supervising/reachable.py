"""Whether an intensity can be reached at all, given the backoff before each restart.

A child that dies whenever it is started must burn its supervisor out in the end: that is what an
intensity is for. Its restart n + 1 comes when the delays 1 to n are over, so that `max_restarts`
are exceeded within the window only if so many delays fit into it. The delays are taken at the
smallest that jitter leaves: what is refused here can never happen, not only seldom. Several
children that die together get there sooner, but an integrator is the only child of its supervisor.
"""

from __future__ import annotations

from .backoff import delay_s
from .spec import Backoff, Intensity

REACHABLE = "lower backoff_cap_s or intensity, or raise period_s"
_SHOWN_MAX = 6


def unreachable(limit: Intensity, backoff: Backoff) -> str:
    """Say by the arithmetic why one child never exceeds the limit; empty if it can."""
    delays: list[float] = []
    total_s = 0.0
    if min(backoff.base_s, backoff.cap_s) <= 0:
        return ""
    # A run takes time, however short: delays that fill the window to its edge are too long.
    while total_s < limit.period_s and len(delays) < limit.max_restarts:
        delays.append(delay_s(len(delays) + 1, backoff, 0.0))
        total_s += delays[-1]
    if total_s < limit.period_s:
        return ""
    return (
        f"intensity {limit.max_restarts} in {limit.period_s:g} s can never be reached by one "
        f"child: {len(delays)} of its restarts wait at least {_sum(delays)} = {total_s:g} s"
    )


def _sum(delays: list[float]) -> str:
    shown = [f"{delay:g}" for delay in delays]
    if len(shown) > _SHOWN_MAX:
        shown[_SHOWN_MAX - 2 : -1] = ["..."]
    return "+".join(shown)

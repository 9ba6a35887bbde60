"""Processor time: a mean of 30 s over the ceiling makes a story nice, then throttled to it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from msgspec import Struct

from ..outcomes.outcome import OutcomeKind
from ..values import replace
from .verdicts import Attempt, End, LimitShare

MEAN_S = 30.0
NICE = 10
NICED_S = 30.0  # how long being nice may take to help
EASED_BELOW = 0.9  # of the ceiling, so that nobody is throttled and eased in turns
ADJUSTED_BY = 0.1  # smaller changes of the share are not worth an order
SHARE_MIN = 0.01


class Cpu(Struct, frozen=True, kw_only=True):
    """What is remembered of an attempt's processor time.

    `demand_percent` is what it would use if it had the whole time: what it used, divided by the
    share that it had. So the share follows from the demand, and a throttled story that has little
    to do is let go.
    """

    at_s: float
    cpu_s: float
    used_percent: float = 0.0
    demand_percent: float = 0.0
    share: float = 1.0
    nice: int = 0
    niced_at_s: float = 0.0


def measured(cpu: Cpu, cpu_s: float, now_s: float) -> Cpu:
    """Take one more sample into the means."""
    past_s = now_s - cpu.at_s
    if past_s <= 0:
        return cpu
    rate_percent = 100 * max(0.0, cpu_s - cpu.cpu_s) / past_s
    weight = 1 - math.exp(-past_s / MEAN_S)
    return replace(
        cpu,
        at_s=now_s,
        cpu_s=max(cpu_s, cpu.cpu_s),
        used_percent=cpu.used_percent + weight * (rate_percent - cpu.used_percent),
        demand_percent=cpu.demand_percent
        + weight * (rate_percent / cpu.share - cpu.demand_percent),
    )


def steered(
    attempt: Attempt, cpu: Cpu, ceiling: Ceiling, now_s: float
) -> tuple[Cpu, LimitShare | End | None]:
    """Hold an attempt to its ceiling: the next step of the ladder, if it is time for one."""
    is_over = 0 < ceiling.percent < cpu.demand_percent
    if cpu.share < 1:
        return _adjusted(attempt, cpu, ceiling)
    if not is_over:
        return cpu, None
    used = f"{cpu.demand_percent:.0f} % of a core (mean of {MEAN_S:g} s), over {ceiling.name}"
    used += f" ({ceiling.percent:.0f} %)"
    if cpu.nice == 0:
        limited = replace(cpu, nice=NICE, niced_at_s=now_s)
        return limited, _limit(attempt, limited, "cpu_niced", f"{used}: nice {NICE} from now on")
    if now_s - cpu.niced_at_s < NICED_S:
        return cpu, None
    if ceiling.kills:
        return cpu, End(
            attempt=attempt,
            event="cpu_killed",
            text=f"{used}, and still so after {NICED_S:g} s of being nice",
            kind=OutcomeKind.OVER_LIMIT,
            at_once=True,
        )
    limited = replace(cpu, share=_share(cpu, ceiling))
    text = f"{used}: it gets {limited.share:.0%} of the time"
    return limited, _limit(attempt, limited, "cpu_limited", text)


class Ceiling(Struct, frozen=True, kw_only=True):
    """What an attempt is held to, the name of the setting that says so, and whether it kills."""

    percent: float  # 0 = none
    name: str = "cpu_percent"
    kills: bool = False


def allotted(
    demands: Mapping[Attempt, float], own: Mapping[Attempt, Ceiling], total_percent: float
) -> dict[Attempt, Ceiling]:
    """Give each attempt its ceiling, so that all together keep to the run's.

    Who wants little gets it; the rest is divided evenly among those who want more.
    """
    wanted = {
        attempt: min(demand, own[attempt].percent) if own[attempt].percent else demand
        for attempt, demand in demands.items()
    }
    if not total_percent or sum(wanted.values()) <= total_percent:
        return dict(own)
    left, level = total_percent, 0.0
    for index, percent in enumerate(sorted(wanted.values())):
        level = left / (len(wanted) - index)
        if percent > level:
            break
        left -= percent
    return {
        attempt: replace(own[attempt], percent=level, name="its part of run_cpu_percent")
        if wanted[attempt] > level
        else own[attempt]
        for attempt in wanted
    }


def _adjusted(attempt: Attempt, cpu: Cpu, ceiling: Ceiling) -> tuple[Cpu, LimitShare | None]:
    if not ceiling.percent or cpu.demand_percent < EASED_BELOW * ceiling.percent:
        eased = replace(cpu, share=1.0)
        text = f"{cpu.demand_percent:.0f} % of a core is within the ceiling: all of the time again"
        return eased, _limit(attempt, eased, "cpu_eased", text)
    share = _share(cpu, ceiling)
    if share == 1 or abs(share - cpu.share) <= ADJUSTED_BY * cpu.share:
        return cpu, None
    adjusted = replace(cpu, share=share)
    return adjusted, _limit(attempt, adjusted, "", "")


def _share(cpu: Cpu, ceiling: Ceiling) -> float:
    return min(1.0, max(SHARE_MIN, ceiling.percent / cpu.demand_percent))


def _limit(attempt: Attempt, cpu: Cpu, event: str, text: str) -> LimitShare:
    return LimitShare(attempt=attempt, event=event, text=text, share=cpu.share, nice=cpu.nice)

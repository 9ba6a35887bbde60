"""Whether root may say that all is well: a watchdog is the last resort, never the first.

A PRD supervisor that says nothing is warned of, terminated and killed by root. Only where one has
said nothing for longer than all of that takes, and was not killed, root's own watching has failed,
and a new start of the whole tree is what is left. One that was killed and is not gone hangs in the
kernel: no restart helps it, and it would cost all others their work.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from .liveness import HangStep, Patience, is_punctual

PINGS = 2  # in the time after which we are taken for hung: sd_watchdog_enabled(3)


def ping_every_s(watchdog_s: float) -> float:
    """How often the manager is told that all is well."""
    return watchdog_s / PINGS


def silences_after(
    before: Mapping[str, float], silent: Collection[str], *, since_s: float, every_s: float
) -> dict[str, float]:
    """How long each has been silent by now: whoever was silent since the look before.

    A look that comes late counts for nothing: the machine slept, or we with everybody.
    """
    more_s = since_s if is_punctual(since_s, every_s) else 0.0
    return {child_id: before.get(child_id, 0.0) + more_s for child_id in silent}


def given_up_on(
    silences: Mapping[str, float], patience: Patience, *, stretch: float
) -> tuple[str, ...]:
    """Those that root should have ended long ago, and did not."""
    limit_s = stretch * patience.after(HangStep.UNDEAD)
    return tuple(sorted(each for each, silent_s in silences.items() if silent_s > limit_s))

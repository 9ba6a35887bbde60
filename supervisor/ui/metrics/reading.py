"""The metrics that are wanted: of all time, or of the time since a moment."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from ....policies.metrics.families import UP
from ....policies.metrics.tally import Batch, Level, added
from ....policies.values import replace
from ...shell.metrics.kept import Line, lines, total_of
from ...shell.storage.layout import Layout


class Metrics(Struct, frozen=True, kw_only=True):
    """What was measured between two moments (epoch), and how high things stood at the end."""

    batch: Batch
    levels: tuple[Level, ...]
    began_at: float  # 0: nothing was measured
    ended_at: float
    is_running: bool
    is_cut: bool = False  # the begin of that time is no longer kept
    is_idle: bool = False  # nothing was measured in that time, and root does not run

    @property
    def hours(self) -> float:
        """How long that time was."""
        return max(0.0, self.ended_at - self.began_at) / 3600


def read_metrics(
    layout: Layout, since: datetime | None, *, is_running: bool, now: float
) -> Metrics:
    """Read them from the disk, whether root runs or not."""
    kept = list(lines(layout.metrics))
    levels = _levels(kept, is_running=is_running)
    total = total_of(layout.metrics)
    oldest_at = min((total.began_at, *(line.at for line in kept)))  # a clock can be set back
    begin = oldest_at if since is None else since.timestamp()
    found = [line for line in kept if line.at >= begin]
    began_at = max(begin, oldest_at)
    ended_at = now if is_running else (found[-1].at if found else 0.0)
    return Metrics(
        batch=total.batch if since is None else added(line.batch for line in found),
        levels=levels,
        began_at=began_at,
        ended_at=max(ended_at, began_at),
        is_running=is_running,
        is_cut=since is not None and bool(kept) and begin < kept[0].at > total.began_at,
        is_idle=since is not None and not found and not is_running,
    )


def _levels(kept: list[Line], *, is_running: bool) -> tuple[Level, ...]:
    """The last ones; of a root that was killed they say that it runs, which it does not."""
    found = next((line.levels for line in reversed(kept) if line.levels), ())
    is_up = [replace(each, value=float(is_running)) for each in found if each.name == UP.name]
    return (*is_up, *(each for each in found if each.name != UP.name))

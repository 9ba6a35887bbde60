"""Metrics as one JSON document (docs/schema/metrics.schema.json)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TypeVar

from ....policies.metrics.families import FAMILIES
from ....policies.metrics.tally import BORDERS, Counted, Level, Timed, quantile
from .reading import Metrics

VERSION = 1
Series = TypeVar("Series", Counted, Timed, Level)


def document(metrics: Metrics) -> dict[str, object]:
    """Everything, for programs."""
    return {
        "version": VERSION,
        "from": _moment(metrics.began_at),
        "to": _moment(metrics.ended_at),
        "is_cut": metrics.is_cut,
        "is_running": metrics.is_running,
        "counters": [_head(each) | {"value": each.by} for each in _known(metrics.batch.counted)],
        "histograms": [_histogram(each) for each in _known(metrics.batch.timed)],
        "gauges": [_head(each) | {"value": each.value} for each in _known(metrics.levels)],
    }


def _known(series: Sequence[Series]) -> list[Series]:
    known = [each for each in series if each.name in FAMILIES]
    return sorted(known, key=lambda each: (each.name, each.labels))


def _head(each: Counted | Timed | Level) -> dict[str, object]:
    family = FAMILIES[each.name]
    return {"name": each.name, "labels": dict(zip(family.labels, each.labels, strict=False))}


def _histogram(timed: Timed) -> dict[str, object]:
    shares = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    return (
        _head(timed)
        | {"count": timed.count, "sum": timed.total, "max": timed.top}
        | {name: round(quantile(timed, share), 6) for name, share in shares.items()}
        | {"buckets": [_bucket(at, count) for at, count in sorted(timed.classes.items())]}
    )


def _bucket(at: int, count: int) -> dict[str, object]:
    """So many durations above the border below, up to this one; the last class has none."""
    return {"up_to": BORDERS[at] if at < len(BORDERS) else None, "count": count}


def _moment(at: float) -> str | None:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds") if at else None

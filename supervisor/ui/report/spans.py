"""When a PRD was at work: pure arithmetic over wall times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...core.root.records import PrdBegun, PrdSettled

Span = tuple[float, float]


def spans_of(
    prd_id: str,
    root: Sequence[tuple[object, float]],
    own: Sequence[tuple[object, float]],
    *,
    now: float | None,
) -> tuple[Span, ...]:
    """The times from each start of the PRD until it was settled, or until it was heard of last.

    After a crash nobody has settled it: what its journal told last is the end that is known. `now`
    is the end of what is at work; None: nothing is.
    """
    heard = sorted(at for _, at in own)
    spans: list[Span] = []
    begun: float | None = None
    for record, at in root:
        if isinstance(record, PrdBegun) and record.prd_id == prd_id:
            if begun is not None:
                spans.append((begun, _last(heard, begun, at)))
            begun = at
        elif isinstance(record, PrdSettled) and record.prd_id == prd_id and begun is not None:
            spans.append((begun, at))
            begun = None
    if begun is not None:
        spans.append((begun, now if now is not None else _last(heard, begun, float("inf"))))
    if not spans and heard:  # root's oldest records are no longer kept
        spans.append((heard[0], heard[-1] if now is None else now))
    return merged(spans)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The spans without their overlaps, in order; the clock may have been set back."""
    found: list[Span] = []
    for begin, end in sorted((begin, max(begin, end)) for begin, end in spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return tuple(found)


def length(spans: Iterable[Span]) -> float:
    """The seconds of all of them."""
    return sum(end - begin for begin, end in spans)


def within(spans: Iterable[Span], begin: float, end: float) -> float:
    """The seconds of the spans that lie between two moments."""
    return sum(max(0.0, min(end, last) - max(begin, first)) for first, last in spans)


def _last(heard: Sequence[float], begun: float, before: float) -> float:
    return max((at for at in heard if begun <= at < before), default=begun)

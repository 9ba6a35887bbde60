"""Figures in Prometheus' text form, as node_exporter's textfile collector reads it.

prometheus_client costs a process 67 ms and 14 MiB for this page of text; tests have its parser read
what stands here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from .families import FAMILIES, PREFIX, Family
from .tally import BORDERS, Batch, Counted, Level, Timed

Series = Counted | Timed | Level

# Of ten borders a decade three: 1, 2, 5. The figures up to them are exact, not estimated.
_SHOWN = tuple(at for at in range(len(BORDERS)) if at % 10 in {0, 3, 7})
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def text_of(batch: Batch, levels: Iterable[Level], constant: Mapping[str, str]) -> str:
    """The whole page; `constant` are labels that every line has."""
    series: list[Series] = [*batch.counted, *batch.timed, *levels]
    lines: list[str] = []
    for name, same in groupby(sorted(series, key=_order), key=lambda each: each.name):
        family = FAMILIES.get(name)
        if family is None:
            continue  # of another version
        lines.append(f"# HELP {PREFIX}{name} {family.help}")
        lines.append(f"# TYPE {PREFIX}{name} {family.kind.value}")
        for each in same:
            lines += _lines(family, each, constant)
    return "".join(f"{line}\n" for line in lines)


def _order(each: Series) -> tuple[str, tuple[str, ...]]:
    return each.name, each.labels


def _lines(family: Family, each: Series, constant: Mapping[str, str]) -> Iterator[str]:
    pairs = [*constant.items(), *zip(family.labels, each.labels, strict=False)]
    name = PREFIX + family.name
    if isinstance(each, Counted):
        yield f"{name}{_labels(pairs)} {number(each.by)}"
    elif isinstance(each, Level):
        yield f"{name}{_labels(pairs)} {number(each.value)}"
    else:
        for border, count in _cumulated(each):
            yield f"{name}_bucket{_labels([*pairs, ('le', border)])} {count}"
        yield f"{name}_sum{_labels(pairs)} {number(each.total)}"
        yield f"{name}_count{_labels(pairs)} {each.count}"


def _cumulated(timed: Timed) -> Iterator[tuple[str, int]]:
    for at in _SHOWN:
        below = sum(count for number_, count in timed.classes.items() if number_ <= at)
        yield number(BORDERS[at]), below
    yield "+Inf", timed.count


def _labels(pairs: Sequence[tuple[str, str]]) -> str:
    if not pairs:
        return ""
    return "{" + ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in pairs) + "}"


def number(value: float) -> str:
    """A number as short as it can be said exactly enough."""
    if value == int(value):
        return str(int(value))
    return f"{value:.12g}"

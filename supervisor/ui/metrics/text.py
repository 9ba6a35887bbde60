"""Metrics as people read them: what came of the work, what went amiss, how long things took."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from ....policies.costs.budget import dollars_text, tokens_text
from ....policies.counting import counted
from ....policies.metrics import families
from ....policies.metrics.families import Family
from ....policies.metrics.tally import Counted, Timed, quantile
from ...shell.lines import safe
from ..looks.columns import cells, filled, table
from .reading import Metrics

NAME_CELLS, NAME_CELLS_MAX = 10, 24
GAP = 2  # cells between columns
NARROW = 4  # columns that there always are
RATES_FROM_H = 0.25  # a rate of a shorter time says nothing
PRDS_MAX = 20
TIMES_MAX = 40
_HEADS = ("", "count", "p50", "p90", "longest", "in all")
_SECOND, _ONE_DIGIT = 0.9995, 9.95  # what is less rounds to less
_MILLI, _MINUTE, _HOUR, _DAY = 1e-3, 60.0, 3600.0, 86_400.0
_CUT = "note: the begin of that time is no longer kept; without --since all is counted"
Row = tuple[str, str]
_TIMES: tuple[tuple[str, Family], ...] = (
    ("story", families.STORY_S),
    ("agent", families.AGENT_S),
    ("verify", families.VERIFY_S),
    ("wait for an agent", families.LEASE_S),
    ("wait for git", families.GIT_WAIT_S),
    ("git", families.GIT_S),
    ("loop late", families.LAG_S),
)


def metrics_text(metrics: Metrics, *, width: int) -> str:
    """All of it, in lines of at most so many cells."""
    if not metrics.began_at:
        return "nothing was measured here yet; `prd-supervise start` begins"
    known = {family.name: _of(metrics, family) for family in families.FAMILIES.values()}
    counts = (*_stories(known, metrics.hours), *_amiss(known), *_costs(known), *_now(metrics))
    blocks = [filled(_head(metrics), width), _rows(counts, width), _durations(metrics, width)]
    if metrics.is_cut:
        blocks.append(filled(_CUT, width))
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _of(metrics: Metrics, family: Family) -> list[Counted]:
    return sorted(
        (each for each in metrics.batch.counted if each.name == family.name),
        key=lambda each: (-each.by, each.labels),
    )


def _rows(rows: Sequence[Row], width: int) -> list[str]:
    """Names in a column of their own, as wide as they are long; what goes on stands below."""
    longest = max((cells(name) for name, _ in rows), default=0)
    size = min(max(NAME_CELLS, longest), NAME_CELLS_MAX, width // 3)
    lines: list[str] = []
    for name, text in rows:
        parts = filled(text, width - size - GAP)
        heads = [name, *("" for _ in parts[1:])]
        lines += table([*zip(heads, parts, strict=True)], (size, width - size - GAP))
    return lines


def _head(metrics: Metrics) -> str:
    since = datetime.fromtimestamp(metrics.began_at).astimezone()
    text = f"since {since:%Y-%m-%d %H:%M} ({took(metrics.hours * _HOUR)})"
    if metrics.is_running:
        return f"{text}, root runs"
    ended = datetime.fromtimestamp(metrics.ended_at).astimezone()
    return f"{text}, root does not run; the last figures are of {ended:%Y-%m-%d %H:%M}"


# --- counts -------------------------------------------------------------------------------------

Known = Mapping[str, Sequence[Counted]]


def _stories(known: Known, hours: float) -> list[Row]:
    rows = known[families.STORIES.name]
    lines: list[Row] = []
    if rows:
        rate = ""
        done = sum(each.by for each in rows if each.labels[-1:] == ("done",))
        if hours >= RATES_FROM_H and done:
            rate = f"; {done / hours:.1f} done an hour"
        lines.append(("stories", _by(rows, -1) + rate))
        prds = sorted({each.labels[0] for each in rows if each.labels})
        for prd in prds[:PRDS_MAX] if len(prds) > 1 else ():
            own = [each for each in rows if each.labels[:1] == (prd,)]
            lines.append((f"  {safe(prd)}", _by(own, -1)))
        if len(prds) > PRDS_MAX:
            lines.append(("  ...", f"and {len(prds) - PRDS_MAX} PRDs more: --json has them"))
    attempts, lost = known[families.ATTEMPTS.name], known[families.LOST.name]
    if attempts:
        text = f"{_sum(attempts):.0f} begun"
        if lost:
            text += f", {_sum(lost):.0f} lost: {_by(lost, -1)}"
        lines.append(("attempts", text))
    if prds_ended := known[families.PRDS.name]:
        lines.append(("PRDs", _by(prds_ended, -1)))
    return lines


def _amiss(known: Known) -> list[Row]:
    lines: list[Row] = []
    if restarts := known[families.RESTARTS.name]:
        lines.append(
            ("restarts", ", ".join(f"{_count(each)} ({each.labels[1]})" for each in restarts))
        )
    if given_up := known[families.GIVEN_UP.name]:
        lines.append(("given up", _by(given_up, -1)))
    ended = [
        f"{_sum(known[family.name]):.0f} for {word}"
        for family, word in ((families.MEMORY_KILLS, "memory"), (families.HANGS, "a hang"))
        if known[family.name]
    ]
    if ended:
        lines.append(("ended", ", ".join(ended)))
    if conflicts := known[families.CONFLICTS.name]:
        lines.append(("conflicts", _by(conflicts, -1)))
    limits = [
        f"{safe(each.labels[0])} {each.by:.0f} x {each.labels[1].replace('_', ' ')}"
        for each in known[families.LIMITS.name]
    ]
    parked = [
        f"{safe(each.labels[0])} could not start for {took(each.by)}"
        for each in known[families.PARKED_S.name]
        if each.by >= 1
    ]
    if limits or parked:
        lines.append(("limits", ", ".join((*limits, *parked))))
    starts = _sum(known[families.ROOT_STARTS.name])
    if starts > 1:
        lines.append(("root", counted(int(starts), "start")))
    if notices := known[families.NOTICES.name]:
        words = ", ".join(f"{_count(each)} {each.labels[1]}" for each in notices)
        lines.append(("notices", words))
    return lines


def _costs(known: Known) -> list[Row]:
    tokens = {each.labels[0]: each.by for each in known[families.TOKENS.name]}
    costs = {each.labels[0]: each.by for each in known[families.COST.name]}
    lines: list[Row] = []
    for agent in sorted({*tokens, *costs}):
        parts = [tokens_text(int(tokens[agent]))] if agent in tokens else []
        parts += [dollars_text(costs[agent])] if agent in costs else []
        title = "costs" if not lines else ""
        lines.append((title, f"{safe(agent) or 'unknown'}: {', '.join(parts)}"))
    return lines


def _now(metrics: Metrics) -> list[Row]:
    if not metrics.is_running:
        return []
    levels = {each.name: each.value for each in metrics.levels if not each.labels}
    agents = f"{levels.get(families.LEASES.name, 0):.0f}"
    limit = f"{levels.get(families.LEASES_MAX.name, 0):.0f}"
    waiting = f"{levels.get(families.WAITING.name, 0):.0f}"
    return [("now", f"{agents} of {limit} agents run, {waiting} wait for one")]


def _count(each: Counted) -> str:
    return f"{each.by:.0f} {safe(each.labels[0])}"


def _by(rows: Iterable[Counted], at: int) -> str:
    """`12 done  2 failed`: summed by one label, the most first."""
    sums: dict[str, float] = {}
    for each in rows:
        name = each.labels[at] if each.labels else ""
        sums[name] = sums.get(name, 0) + each.by
    ordered = sorted(sums.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{count:.0f} {safe(name).replace('_', ' ')}" for name, count in ordered)


def _sum(rows: Iterable[Counted]) -> float:
    return sum(each.by for each in rows)


# --- durations ----------------------------------------------------------------------------------


def _durations(metrics: Metrics, width: int) -> list[str]:
    rows: list[Sequence[str]] = [_HEADS]
    for title, family in _TIMES:
        same = [each for each in metrics.batch.timed if each.name == family.name]
        rows += [_timed(title, each) for each in sorted(same, key=lambda each: -each.total)]
    if len(rows) == 1:
        return []
    more = len(rows) - 1 - TIMES_MAX
    rows = rows[: TIMES_MAX + 1]
    shown = len(_HEADS)
    while shown > NARROW and sum(_widths(rows, shown)) + GAP * shown > width:
        shown -= 1
    numbers = _widths(rows, shown)[1:]
    room = width - sum(numbers) - GAP * len(numbers)
    first = min(max(cells(row[0]) for row in rows), max(NAME_CELLS, room))
    right = [
        (row[0], *(each.rjust(size) for each, size in zip(row[1:shown], numbers, strict=True)))
        for row in rows
    ]
    lines = table(right, (first, *numbers))
    return lines + ([f"and {more} more: --json has them"] if more > 0 else [])


def _widths(rows: Sequence[Sequence[str]], shown: int) -> list[int]:
    return [max(cells(row[at]) for row in rows) for at in range(shown)]


def _timed(title: str, timed: Timed) -> Sequence[str]:
    name = " ".join((title, *(safe(each).replace("_", " ") for each in timed.labels)))
    half, most = quantile(timed, 0.5), quantile(timed, 0.9)
    return (name, str(timed.count), *map(took, (half, most, timed.top, timed.total)))


def took(seconds: float) -> str:
    """A time in two or three digits: `3 ms`, `1.4 s`, `12 min`, `3.2 h`, `2.5 d`."""
    if seconds < _MILLI:
        return "<1 ms" if seconds > 0 else "0"
    if seconds < _SECOND:
        return f"{seconds * 1000:.0f} ms"
    for unit, length in (("d", _DAY), ("h", _HOUR), ("min", _MINUTE)):
        if seconds >= 2 * length:
            return _short(seconds / length, unit)
    return _short(seconds, "s")


def _short(value: float, unit: str) -> str:
    return f"{value:.1f} {unit}" if value < _ONE_DIGIT else f"{value:.0f} {unit}"

"""`logs`: what setups, agents and verify commands have printed, and what they print now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct

from ...shell.storage.layout import Layout
from ..looks.painting import AUTO, wants_colour
from ..whereabouts import layout_of
from .asked import Asked, asked
from .following import Follower
from .opened import Opened
from .ordering import Lines, in_order
from .printing import Printer
from .raw import RawCopier, offset_of_last
from .rendering.pieces import Line
from .sources import Log, Stage, Wanted, changed_at, logs_of
from .tail import tail


class Manner(Struct, frozen=True, kw_only=True):
    """How it is shown, and how much of it."""

    is_followed: bool = False
    count: int | None = None  # the last lines of each attempt
    since: float | None = None
    is_raw: bool = False
    has_prefix: bool = True
    colour: str = AUTO


def logs(folder: Path, names: Sequence[str], wanted: Wanted, manner: Manner) -> int:
    """Print the logs of PRDs and stories; none named: of everything at work."""
    layout = layout_of(folder)
    who = asked(layout, names)
    everything = partial(_everything, layout, who, wanted)
    before = {log.path: _size(log.path) for log in everything()}
    first = [
        log
        for log in logs_of(layout, who.targets(), wanted)
        if who.begins_with(log) and (manner.since is None or changed_at(log) >= manner.since)
    ]
    if manner.is_raw:
        _copy(first, before, everything, who, manner)
        return 0
    printer = Printer(has_colour=wants_colour(manner.colour), has_prefix=manner.has_prefix)
    printer.know(first)
    if not first:
        printer.note(who.nothing(is_followed=manner.is_followed))
    opened = _show(first, printer, manner)
    if manner.is_followed and who.is_at_work():
        follower = Follower(everything, printer)
        for log in everything():  # what has come meanwhile is shown from its beginning
            begun = Opened(log.path, before.get(log.path, 0))
            follower.begin(log, opened.get(log.path, begun))
        follower.follow(who.is_over)
    else:
        for log in first:
            printer.show(log, _late(opened[log.path].rest(), manner.since))
    return 0


def _everything(layout: Layout, who: Asked, wanted: Wanted) -> list[Log]:
    """The logs of all attempts: a new one does not end what the one before it prints."""
    each = Wanted(stages=wanted.stages, attempt=wanted.attempt, is_last_only=False)
    return list(logs_of(layout, who.targets(), each))


def _show(logs: Sequence[Log], printer: Printer, manner: Manner) -> dict[Path, Opened]:
    """Show what there is; give the logs as far as they were read."""
    opened: dict[Path, Opened] = {}
    streams: list[tuple[Log, Lines]] = []
    for log in logs if manner.count is None else ():
        opened[log.path] = Opened(log.path)
        streams.append((log, _late(opened[log.path].lines(), manner.since)))
    if manner.count is not None:
        streams = list(_ends(logs, manner.count, opened, manner.since))
    for log, lines in in_order(streams):
        printer.show(log, lines)
    return opened


def _ends(
    logs: Sequence[Log], count: int, opened: dict[Path, Opened], since: float | None
) -> Iterator[tuple[Log, Lines]]:
    """The last lines of each attempt, whichever of its logs they stand in."""
    attempts: dict[tuple[str, str, int], list[Log]] = defaultdict(list)
    for log in logs:
        attempts[log.prd_id, log.story_id, log.attempt].append(log)
    for of_one in attempts.values():
        left = count
        for log in sorted(of_one, key=changed_at, reverse=True):
            opened[log.path], lines = tail(log.path, left)
            shown = list(_late(iter(lines), since))
            left -= len(shown)
            yield log, iter(shown)


def _late(lines: Lines, since: float | None) -> Lines:
    return lines if since is None else (line for line in lines if _is_late(line, since))


def _is_late(line: Line, since: float) -> bool:
    return line.at is None or line.at >= since


def _copy(
    first: Sequence[Log],
    before: Mapping[Path, int],
    everything: Callable[[], Sequence[Log]],
    who: Asked,
    manner: Manner,
) -> None:
    copier = RawCopier(everything)
    shown = {log.path for log in first}
    for path, size in before.items():
        if path not in shown:
            copier.begin_at(path, size)
        elif manner.count is not None:
            copier.begin_at(path, offset_of_last(path, manner.count))
    copier.copy()
    if manner.is_followed and who.is_at_work():
        copier.follow(who.is_over)


def _size(log: Path) -> int:
    try:
        return log.stat().st_size
    except OSError:
        return 0


def stages_of(names: Sequence[str]) -> frozenset[Stage]:
    """The stages of these names; none named: all."""
    return frozenset(Stage(name) for name in names) or frozenset(Stage)

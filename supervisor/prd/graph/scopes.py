"""Which stories can touch a common path, by their globs.

Sets of stories are integers, one bit a story. Globs that begin with different names cannot meet,
nor those whose last names differ; what is left is compared within a budget, beyond which globs
count as meeting.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from .glob_parts import Way
from .globs import glob_of, overlaps, ways_meet

COST_MAX = 20_000_000  # of all comparisons together: about two seconds
TRIED_MAX = 50  # globs of a story that are tried to say where it meets another


def touching(scopes: Sequence[Sequence[str]]) -> list[int]:
    """For the globs of each story, the stories that can touch a common path (itself included)."""
    entries: dict[Way, _Entry] = {}
    ways = [{way for glob in globs for way in glob_of(glob)} for globs in scopes]
    for at, each in enumerate(ways):
        for way in each:
            if way not in entries:
                entries[way] = _Entry(way)
            entries[way].holders |= 1 << at
    _compare(entries.values())
    found = [0] * len(scopes)
    for at, each in enumerate(ways):
        for way in each:
            found[at] |= entries[way].met
    return found


def meeting_point(globs: Sequence[str], others: Sequence[str]) -> tuple[str, str] | None:
    """Two globs that can match a common path; None if there is none among the first of them."""
    same = next((glob for glob in globs[:TRIED_MAX] if glob in others[:TRIED_MAX]), None)
    if same is not None and glob_of(same):
        return same, same
    pairs = product(globs[:TRIED_MAX], others[:TRIED_MAX])
    return next((pair for pair in pairs if overlaps(*pair)), None)


class _Entry:
    """A way, the stories that have it among their globs, and those whose globs it meets."""

    __slots__ = ("head", "holders", "is_deep", "is_tree", "met", "name", "way")

    def __init__(self, way: Way) -> None:
        self.way = way
        self.name, self.head = way.last_name, way.last_head
        self.is_tree, self.is_deep = way.is_tree, way.is_deep
        self.holders = 0
        self.met = 0


class _Group:
    """The ways that begin with the same names, and those of them that end in a certain manner."""

    __slots__ = ("_by_head", "_by_name", "entries")

    def __init__(self) -> None:
        self.entries: list[_Entry] = []
        self._by_name: dict[str, list[_Entry]] = {}
        self._by_head: dict[tuple[str, bool], list[_Entry]] = {}

    def add(self, entry: _Entry) -> None:
        """Take a way up."""
        self.entries.append(entry)
        self._by_name.setdefault(entry.name, []).append(entry)
        self._by_head.setdefault((entry.head, bool(entry.name)), []).append(entry)

    def possible(self, entry: _Entry) -> Iterator[_Entry]:
        """Those whose last names do not forbid that the way meets them."""
        if not entry.head:
            yield from self.entries
            return
        if entry.name:
            yield from self._by_name.get(entry.name, ())
        else:
            yield from self._by_head.get((entry.head, True), ())
        yield from self._by_head.get((entry.head, False), ())
        yield from self._by_head.get(("", False), ())


def _compare(entries: Iterable[_Entry]) -> None:
    """Note for each way the stories of the ways that it meets."""
    groups: dict[tuple[str, ...], _Group] = {}
    for entry in entries:
        entry.met = entry.holders
        groups.setdefault(entry.way.prefix, _Group()).add(entry)
    budget = COST_MAX
    for prefix, group in groups.items():
        for count in range(len(prefix) + 1):
            above = groups.get(prefix[:count])
            if above is not None:
                _join_trees(group, above)
                budget = _compare_groups(group, above, budget)


def _join_trees(group: _Group, above: _Group) -> None:
    """All below a folder meets what may stand at any depth: no pair has to be looked at."""
    _join(
        [entry for entry in group.entries if entry.is_tree],
        [entry for entry in above.entries if entry.is_deep or entry.is_tree],
    )
    _join(group.entries, [entry for entry in above.entries if entry.is_tree])


def _join(some: Sequence[_Entry], others: Sequence[_Entry]) -> None:
    left, right = _holders(some), _holders(others)
    for entry in some:
        entry.met |= right
    for entry in others:
        entry.met |= left


def _holders(entries: Iterable[_Entry]) -> int:
    found = 0
    for entry in entries:
        found |= entry.holders
    return found


def _compare_groups(group: _Group, above: _Group, budget: int) -> int:
    """Compare the ways of two groups; return what is left of the budget."""
    for entry in group.entries:
        if budget <= 0:
            _join(group.entries, above.entries)
            break
        for its in above.possible(entry):
            if its.is_tree or (entry.is_tree and its.is_deep) or its is entry:
                continue
            budget -= entry.way.cost * its.way.cost
            if ways_meet(entry.way, its.way):
                entry.met |= its.holders
                its.met |= entry.holders
    return budget

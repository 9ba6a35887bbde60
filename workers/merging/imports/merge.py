"""Three versions of a block of imports as one: a set of names, written as the left one is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from ..regions import Lines
from .block import Block, Scoped
from .rust import is_public
from .words import Atom, Words
from .write import write_block


class Use(Struct, frozen=True, kw_only=True):
    """What the merged file makes of names, as far as it is another use than one side's.

    `needed` was given up by one side and is used by the other. `ended_left` are names that the left
    side used or either gave up, and nobody uses; `ended_right` likewise.
    """

    needed: frozenset[Scoped] = frozenset()
    ended_left: frozenset[bytes] = frozenset()
    ended_right: frozenset[bytes] = frozenset()


class Merge(Struct, frozen=True, kw_only=True):
    """What came out: the lines, and the names that one side alone had given up.

    `given_up` are bound on one side no more, wherever the other side takes them from.
    """

    lines: Lines
    names: frozenset[Scoped]
    dropped_left: Mapping[Scoped, Atom]
    dropped_right: Mapping[Scoped, Atom]
    given_up: frozenset[bytes]


def merge_imports(
    base: Block, left: Block, right: Block, *, use: Use, known: frozenset[Scoped]
) -> Merge | None:
    """Join three versions; None where they contradict each other.

    `known` is what is imported elsewhere in the file, as far as that is known already.
    """
    was, ours, theirs = base.atoms(), left.atoms(), right.atoms()
    dropped_left = {name: atom for name, atom in theirs.items() if name in was and name not in ours}
    dropped_right = {
        name: atom for name, atom in ours.items() if name in was and name not in theirs
    }
    added = {
        name: atom
        for name, atom in theirs.items()
        if name not in ours and (name not in was or name in use.needed) and name not in known
    }
    everything = {**ours, **theirs}
    final = {name for name in ours if name not in dropped_right or name in use.needed} | set(added)
    doubled = {name for name in ours if name not in was and name in known}
    doubled |= {name for name in final if _without_type(name) & final - {name}}
    final -= doubled
    # A name that its own side never uses may be needed by a macro, or by others: it stays.
    ended = {name for name in final & ours.keys() if ours[name].bound in use.ended_left}
    ended |= {name for name in final & theirs.keys() if theirs[name].bound in use.ended_right}
    final -= {name for name in ended if not is_public(name[1])}
    added = {name: atom for name, atom in added.items() if name in final}
    if _binds_twice(final, everything, (ours, theirs)) or _has_moved(was, ours, theirs):
        return None
    lines = write_block(base, left, right, final, added)
    if lines is None:
        return None
    return Merge(
        lines=lines,
        names=frozenset(final),
        dropped_left=dropped_left,
        dropped_right=dropped_right,
        given_up=_bound(was) - (_bound(ours) & _bound(theirs)),
    )


def _bound(atoms: Mapping[Scoped, Atom]) -> frozenset[bytes]:
    return frozenset(atom.bound for atom in atoms.values()) - {b""}


def _without_type(name: Scoped) -> set[Scoped]:
    """The ways to import the same as a value: that serves as a type, too."""
    scope, (kind, *source, last) = name
    value, plain = kind.removesuffix(b" type"), last.removeprefix(b"type ")
    return {(scope, (kind, *source, plain)), (scope, (value, *source, plain))}


def _binds_twice(
    final: Iterable[Scoped],
    atoms: Mapping[Scoped, Atom],
    sides: Iterable[Mapping[Scoped, Atom]],
) -> bool:
    """Say whether one name would mean two things, and did on neither side."""
    meanings: dict[tuple[object, bytes], set[Scoped]] = {}
    for name in final:
        if atoms[name].bound and not atoms[name].text.startswith(atoms[name].bound + b"."):
            meanings.setdefault((name[0], atoms[name].bound), set()).add(name)
    twice = [names for names in meanings.values() if len(names) > 1]
    return any(not any(names <= side.keys() for side in sides) for names in twice)


def _has_moved(
    was: Mapping[Scoped, Atom], ours: Mapping[Scoped, Atom], theirs: Mapping[Scoped, Atom]
) -> bool:
    """Say whether one side takes a name from elsewhere, and the other more from where it was."""
    return any(
        _moved_from(was, mover) & {_source(name) for name in other.keys() - was.keys()}
        for mover, other in ((ours, theirs), (theirs, ours))
    )


def _moved_from(was: Mapping[Scoped, Atom], now: Mapping[Scoped, Atom]) -> set[Words]:
    """The modules that names were taken from which now come from another one."""
    bound = {atom.bound for name, atom in now.items() if name not in was}
    still = {_source(name) for name in now}
    return {
        _source(name)
        for name, atom in was.items()
        if name not in now and atom.bound in bound and _source(name) not in still
    } - {()}


def _source(name: Scoped) -> Words:
    return name[1][1:-1]

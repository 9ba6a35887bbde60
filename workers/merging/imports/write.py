"""The lines of a block of imports in which some names are gone and some are new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ..regions import Lines
from .block import Block, Scoped
from .lists import write_list
from .order import place_of_atom, place_of_statement
from .rust import write_use
from .words import Atom, Statement, Words

_COMMENTS = (b"#", b"//")
_ADDED_MAX = 200  # names that one side adds to the other's: each one is looked for a place
_Groups = Mapping[tuple[object, Words], Sequence[Statement]]


class _Row(Struct, frozen=True):
    """A statement in the order of the result; `at` is the left line before which it comes."""

    statement: Statement
    scope: object
    text: Lines
    at: int
    is_new: bool = False

    @property
    def end(self) -> int:
        """The left line before which the next one comes."""
        return self.at if self.is_new else self.statement.last + 1


def write_block(
    base: Block, left: Block, right: Block, final: set[Scoped], added: Mapping[Scoped, Atom]
) -> Lines | None:
    """The left block with these names; None where that cannot be written faithfully."""
    if len(added) > _ADDED_MAX:
        return None
    was, theirs = _groups(base), _groups(right)
    remaining = dict(added)
    rows: list[_Row] = []
    for each in left.statements:
        key = (left.scope(each), each.group)
        atoms = _names(each, key[0], theirs.get(key, ()), final, remaining)
        text = _text(each, atoms, was=was.get(key, ()), theirs=theirs.get(key, ()))
        if text is None:
            return None
        rows.append(_Row(each, left.scope(each), text, each.first))
    for number, each in enumerate(right.statements):
        new = [atom for atom in each.atoms if (right.scope(each), atom.identity) in remaining]
        if new:
            text = each.text if len(new) == len(each.atoms) else rewritten(each, new)
            if text is None:
                return None
            if not _insert(rows, left, right, number, (*_above(right, each, left, base), *text)):
                return None
    lines = _assembled(left, rows)
    lost = _comments(right.lines) - _comments(base.lines) - _comments(lines)
    return None if lost else lines


def _groups(block: Block) -> _Groups:
    """The statements of a block by where they stand and what their names have in common."""
    found: dict[tuple[object, Words], list[Statement]] = {}
    for each in block.statements:
        found.setdefault((block.scope(each), each.group), []).append(each)
    return found


def _names(
    statement: Statement,
    scope: object,
    beside: Sequence[Statement],
    final: set[Scoped],
    remaining: dict[Scoped, Atom],
) -> list[Atom]:
    """The names that a left statement has in the end, with those of the right that fit into it."""
    atoms = [atom for atom in statement.atoms if (scope, atom.identity) in final]
    if statement.form is None:
        return atoms
    for each in beside:
        for atom in each.atoms if each.form is not None else ():
            if remaining.pop((scope, atom.identity), None) is not None:
                at = 0 if atom.is_first else place_of_atom(atom, atoms, each.atoms)
                atoms.insert(at, atom)
    return atoms


def _text(
    statement: Statement,
    atoms: Sequence[Atom],
    *,
    was: Sequence[Statement],
    theirs: Sequence[Statement],
) -> Lines | None:
    """How a left statement is written with these names."""
    if not atoms:
        return ()
    is_as_before = bool(was) and was[0].text == statement.text
    wanted = {atom.identity for atom in atoms}
    is_ours = {atom.identity for atom in statement.atoms} == wanted
    is_theirs = bool(theirs) and {atom.identity for atom in theirs[0].atoms} == wanted
    if is_theirs and (is_as_before or not is_ours):
        return theirs[0].text
    if is_ours:
        return statement.text
    return rewritten(statement, atoms)


def rewritten(statement: Statement, atoms: Sequence[Atom]) -> Lines | None:
    """A statement with these names in place of its own; None where that cannot be written."""
    if statement.form is None:
        return None
    if statement.group[-1] == b"{":
        return write_use(statement.form, tuple(atoms), statement.group)
    return write_list(statement.form, atoms)


def _insert(rows: list[_Row], left: Block, right: Block, number: int, text: Lines) -> bool:
    """Put a statement of the right block into its place, if it has one."""
    new = right.statements[number]
    scope = right.scope(new)
    own = [at for at, row in enumerate(rows) if row.scope == scope and row.text]
    if not own:
        return _insert_first(rows, left, right, new, text)
    if new.group[:2] == (b"from", b"__future__"):
        rows.insert(own[0], _Row(new, scope, text, rows[own[0]].at, is_new=True))
        return True
    known = {(row.scope, row.statement.group): at for at, row in enumerate(rows) if row.text}
    keys = [(right.scope(each), each.group) for each in right.statements]
    above = next((known[key] for key in reversed(keys[:number]) if key in known), None)
    below = next((known[key] for key in keys[number + 1 :] if key in known), None)
    anchor = above if above is not None else below if below is not None else own[-1]
    first, end = _run(rows, left, anchor)
    run = [row.statement for row in rows[first:end]]
    place = place_of_statement(new, run, beside=_touching(right, number))
    if place is not None:
        at = first + place
    elif above is None and below is not None:
        at = anchor
    else:
        at = anchor + 1
        while at < end and (scope, rows[at].statement.group) not in keys:
            at += 1  # what the left side added comes before what the right one did
    line = rows[at - 1].end if at > first else rows[at].at
    rows.insert(at, _Row(new, scope, text, line, is_new=True))
    return True


def _touching(block: Block, number: int) -> list[Statement]:
    """The statements around this one, and itself, that no blank line parts."""
    statements = block.statements
    first, end = number, number + 1
    while first > 0 and _is_close(block, statements[first - 1], statements[first]):
        first -= 1
    while end < len(statements) and _is_close(block, statements[end - 1], statements[end]):
        end += 1
    return list(statements[first:end])


def _is_close(block: Block, above: Statement, below: Statement) -> bool:
    between = block.lines[above.last + 1 : below.first]
    return block.scope(above) == block.scope(below) and all(line.strip() for line in between)


def _insert_first(rows: list[_Row], left: Block, right: Block, new: Statement, text: Lines) -> bool:
    """Put a statement where the left block has none of the same scope."""
    scope = right.scope(new)
    if scope is None:  # the module's own stand before what stands in a block of imports
        rows.insert(0, _Row(new, scope, text, 0 if rows else len(left.lines), is_new=True))
        return True
    is_framed = 0 <= new.header < len(right.lines)
    if not is_framed and any(row.text for row in rows):
        return False  # somewhere in a block, but nothing says where it begins
    header = (right.lines[new.header],) if is_framed else ()
    rows.append(_Row(new, scope, (*header, *text), len(left.lines), is_new=True))
    return True


def _run(rows: Sequence[_Row], left: Block, at: int) -> tuple[int, int]:
    """The rows around this one that no line parts from it."""
    first, end = at, at + 1
    while first > 0 and _touch(rows[first - 1], rows[first], left):
        first -= 1
    while end < len(rows) and _touch(rows[end - 1], rows[end], left):
        end += 1
    return first, end


def _touch(row: _Row, following: _Row, left: Block) -> bool:
    between = left.lines[row.end : following.at]
    return row.scope == following.scope and all(line.strip() for line in between)


def _above(right: Block, statement: Statement, left: Block, base: Block) -> Lines:
    """The new comments that stand above a statement of the right block."""
    first = statement.first
    while first > 0 and right.lines[first - 1].strip().startswith(_COMMENTS):
        first -= 1
    known = {*left.lines, *base.lines}
    return tuple(line for line in right.lines[first : statement.first] if line not in known)


def _assembled(left: Block, rows: Sequence[_Row]) -> Lines:
    """The left block's lines, with each statement's text in its place."""
    lines: list[bytes] = []
    done = 0
    for row in rows:
        lines.extend(left.lines[done : row.at])
        lines.extend(row.text)
        done = max(done, row.end)
        if not row.text:
            done += blanks_doubled(lines, left.lines[done:])
    return (*lines, *left.lines[done:])


def blanks_doubled(above: Sequence[bytes], below: Sequence[bytes]) -> int:
    """How many blank lines too many begin what is below, if what stood between them is gone."""
    runs = [0, 0]
    for at, lines in enumerate((reversed(above), below)):
        for line in lines:
            if line.strip():
                break
            runs[at] += 1
    return min(runs)


def _comments(lines: Sequence[bytes]) -> set[bytes]:
    found = set()
    for line in lines:
        starts = [at for mark in _COMMENTS if (at := line.find(mark)) >= 0]
        # An address in a string has two slashes as well.
        if starts and (
            not line[: min(starts)].strip() or line[min(starts) - 1 : min(starts)] == b" "
        ):
            found.add(line[min(starts) :].strip())
    return found - set(_COMMENTS)  # an empty one says nothing

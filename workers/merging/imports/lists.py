"""Statements with a list of names, written anew in the way in which they were written."""

from __future__ import annotations

from collections.abc import Sequence

from ..regions import Lines, lines_of
from .words import Atom, Form

_INDENT = b"    "
_SCRIPT_INDENT = b"  "


def write_list(form: Form, atoms: Sequence[Atom]) -> Lines | None:
    """The statement with these names; None where its comments cannot be kept in their places."""
    named = [atom for atom in atoms if not atom.is_first]
    firsts = [atom.text for atom in atoms if atom.is_first]
    start = form.start + b", ".join([*firsts, b""] if named else firsts)
    opening, closing = form.brackets
    is_braced = opening == b"{"
    tail = form.tail if form.opening else (closing if is_braced and named else b"") + form.tail
    if not named:
        return lines_of(form.indent + start + form.tail.removeprefix(closing) + form.after)
    if b"\n" in form.body:
        begin = form.indent + start + (opening if form.opening or is_braced else b"")
        below = _below_each_other if form.opening or is_braced else _continued
        body = below(form.body, named, len(begin))
        return None if body is None else lines_of(begin + body + tail + form.after)
    if b"#" in form.body or b"//" in form.body or b"/*" in form.body:
        return None
    listed = b", ".join(atom.text for atom in named)
    # Inside of brackets the space of what was there is kept: {a} or { a }.
    space = b" " if is_braced and (not form.body or form.body.startswith(b" ")) else b""
    shown = opening + space + listed + space if form.opening or is_braced else listed
    line = form.indent + start + shown + tail
    if len(line) <= form.width:
        return lines_of(line + form.after)
    step = _SCRIPT_INDENT if is_braced else _INDENT
    end = b"\r\n" if form.after.endswith(b"\r\n") else b"\n"
    rows = b"".join(form.indent + step + atom.text + b"," + end for atom in named)
    closed = tail if form.opening or is_braced else closing
    return lines_of(form.indent + start + opening + end + rows + form.indent + closed + form.after)


def _below_each_other(body: bytes, atoms: Sequence[Atom], column: int) -> bytes | None:
    """The rows of a list of several lines, comments with the name that they belong to."""
    first, *rows = lines_of(body)
    *rows, last = rows or [b""]
    if last.strip():  # the bracket closes on the line of the last name
        rows, last = [*rows, last], b""
    if first.strip() and not first.lstrip().startswith((b"#", b"//")):
        return None if _has_comment(body) else _filled(body, atoms, column)
    known: dict[bytes, list[bytes]] = {}
    waiting: list[bytes] = []
    for row in rows:
        word, comma, note = _parted(row)
        if b"," in word:
            return None if _has_comment(body) else _filled(body, atoms, column)
        waiting.append(row if comma or not word else word + b"," + note)
        if word.strip():
            known[b" ".join(word.split())] = waiting
            waiting = []
    if not known:
        return None
    sample = next(iter(known.values()))[-1]
    indent = sample[: len(sample) - len(sample.lstrip())]
    end = b"\r\n" if sample.endswith(b"\r\n") else b"\n"
    written = [
        row for atom in atoms for row in known.get(atom.text, [indent + atom.text + b"," + end])
    ]
    written += waiting
    is_closed_by_comma = bool(_parted(next(row for row in reversed(rows) if _parted(row)[0]))[1])
    if not is_closed_by_comma:
        word, _, note = _parted(written[-1])
        written[-1] = word + note
    return first + b"".join(written) + last


def _filled(body: bytes, atoms: Sequence[Atom], column: int) -> bytes:
    """The names in lines as long as those before; the first one begins at a column."""
    lines = lines_of(body)
    width = max(len(line.rstrip()) + (0 if at else column) for at, line in enumerate(lines))
    later = next((line for line in lines[1:] if line.strip()), b"    ")
    indent = later[: len(later) - len(later.lstrip())]
    end = b"\r\n" if lines[0].endswith(b"\r\n") else b"\n"
    is_begun = bool(lines[0].strip())
    rows: list[bytes] = [b"" if is_begun else indent]
    for at, atom in enumerate(atoms):
        word = atom.text + (b"," if at < len(atoms) - 1 or body.rstrip().endswith(b",") else b"")
        row = rows[-1]
        taken = len(row) + (column if is_begun and len(rows) == 1 else 0)
        if row.strip() and taken + 1 + len(word) > width:
            rows.append(indent + word)
        else:
            rows[-1] = row + (b" " if row.strip() else b"") + word
    closed = end if not lines[-1].strip() and len(lines) > 1 else b""
    return (b"" if is_begun else end) + end.join(rows) + closed + (lines[-1] if closed else b"")


def _continued(body: bytes, atoms: Sequence[Atom], column: int) -> bytes:
    """The names in lines that end with a backslash; only Python writes them so."""
    rows = [row.rstrip(b" \t\\") for row in body.replace(b"\r\n", b"\n").split(b"\n")]
    filled = _filled(b"\n".join(rows), atoms, column)
    return filled.replace(b"\n", b" \\\r\n" if b"\r\n" in body else b" \\\n")


def _parted(row: bytes) -> tuple[bytes, bytes, bytes]:
    """What a row says, its comma, and the comment and line's end behind it."""
    at = min((found for mark in (b"#", b"//") if (found := row.find(mark)) >= 0), default=len(row))
    word, rest = row[:at].rstrip(), row[len(row[:at].rstrip()) :]
    return (word[:-1].rstrip(), b",", rest) if word.endswith(b",") else (word, b"", rest)


def _has_comment(body: bytes) -> bool:
    return any(mark in body for mark in (b"#", b"//", b"/*"))

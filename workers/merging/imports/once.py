"""Names that a merge would import twice, because one side moved the statement: once."""

from __future__ import annotations

from collections import Counter

from ...syntax.languages import Language
from ..regions import lines_of
from .read import read_imports
from .words import MODULE, Imports, Words
from .write import rewritten


def without_doubles(language: Language, text: bytes, left: bytes, right: bytes) -> bytes:
    """The text in which no name is imported twice that neither side imports twice.

    The first statement keeps it. Where that cannot be written, the text is as it was.
    """
    found, *sides = (read_imports(language, each) for each in (text, left, right))
    often = Counter(_all(found))
    known = [Counter(_all(side)) for side in sides]
    doubled = {name for name, count in often.items() if count > max(each[name] for each in known)}
    lines = list(lines_of(text))
    seen: set[Words] = set()
    for each in found.statements:
        atoms = [atom for atom in each.atoms if atom.identity not in seen & doubled]
        if each.header != MODULE or len(atoms) == len(each.atoms):
            seen.update(atom.identity for atom in each.atoms if each.header == MODULE)
            continue
        rest = rewritten(each, atoms) if atoms else ()
        if rest is None:
            return text
        # All lines of the statement stay lines of the list, so that later ones are found.
        lines[each.first : each.last + 1] = [b"".join(rest), *[b""] * (each.last - each.first)]
        seen.update(atom.identity for atom in atoms)
    return b"".join(lines)


def _all(imports: Imports) -> list[Words]:
    return [
        atom.identity for each in imports.statements if each.header == MODULE for atom in each.atoms
    ]

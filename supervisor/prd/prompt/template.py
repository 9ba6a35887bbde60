"""Templates: Markdown with placeholders such as $story. No code, no shell, no second pass.

A section is a heading with what stands below it, until the next one. Where it has placeholders and
none of them has anything to say, the whole section is left out, its heading too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct

from ..defect import advice, quoted

_PLACEHOLDER = re.compile(
    r"\$(?:(?P<escaped>\$)|(?P<named>[A-Za-z_]\w{0,40})|\{(?P<braced>[^{}\n]{0,40})\}|(?P<lone>))",
    re.ASCII,
)
_HEADING = re.compile(r"#{1,6}\s")
_FENCE = re.compile(r"\s{0,3}(`{3,}|~{3,})")


class Flaw(Struct, frozen=True, kw_only=True):
    """What is wrong with a template, and where; lines and columns count from 1."""

    line: int
    column: int
    message: str


def flaws(text: str, names: Collection[str]) -> tuple[Flaw, ...]:
    """Say which placeholders are not among these names."""
    return tuple(_flaws(text, names))


def names_in(text: str) -> set[str]:
    """The names of all placeholders in it."""
    return {_name(found) for found in _PLACEHOLDER.finditer(text)} - {""}


def _flaws(text: str, names: Collection[str]) -> Iterator[Flaw]:
    for number, line in enumerate(text.split("\n"), start=1):
        for found in _PLACEHOLDER.finditer(line):
            name = _name(found)
            if found["escaped"] is not None or name in names:
                continue
            if name:
                message = f"{quoted('$' + name)} is no placeholder; {_advised(name, names)}"
            else:
                message = "'$' begins a placeholder; write $$ where a dollar sign is meant"
            yield Flaw(line=number, column=found.start() + 1, message=message)


def _advised(name: str, names: Collection[str]) -> str:
    told = advice(name, sorted(names), prefix="$")
    return f"{told}{'' if told.endswith('?') else ';'} $$ is a dollar sign"


def rendered(text: str, values: Mapping[str, str]) -> str:
    """Put the values in; what is no placeholder stays as it stands."""
    sections = (_section(lines, values) for lines in _sections(text))
    return "\n\n".join(filter(None, sections)) + "\n"


def _sections(text: str) -> Iterator[list[str]]:
    """The lines of each section; a heading in a block of code is none."""
    lines: list[str] = []
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if mark is not None and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        if not fence and lines and _HEADING.match(line):
            yield lines
            lines = []
        lines.append(line)
    yield lines


def _section(lines: list[str], values: Mapping[str, str]) -> str:
    if _HEADING.match(lines[0]) and _says_nothing(lines, values):
        return ""
    shown: list[str] = []
    for line in lines:
        is_second_blank = not line.strip() and bool(shown) and not shown[-1].strip()
        if is_second_blank or _is_empty(line, values):
            continue
        shown.append(_PLACEHOLDER.sub(lambda found: _value(found, values), line))
    return "\n".join(shown).strip("\n")


def _is_empty(line: str, values: Mapping[str, str]) -> bool:
    """Say whether a line has nothing but placeholders, and these nothing to say."""
    return not _PLACEHOLDER.sub("", line).strip() and _says_nothing([line], values)


def _says_nothing(lines: list[str], values: Mapping[str, str]) -> bool:
    names = {
        name
        for line in lines
        for found in _PLACEHOLDER.finditer(line)
        if (name := _name(found)) in values
    }
    return bool(names) and not any(values[name] for name in names)


def _value(found: re.Match[str], values: Mapping[str, str]) -> str:
    if found["escaped"] is not None:
        return "$"
    return values.get(_name(found), found[0])


def _name(found: re.Match[str]) -> str:
    return found["named"] or found["braced"] or ""

"""The entries of a changelog: headings, and below them bullets and paragraphs with their space."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from ...policies.values import replace
from .regions import Lines

_BULLET = re.compile(rb"[ \t]*(?:[-*+]|\d{1,4}[.)])[ \t]+\S")
_HEADING = re.compile(rb"#{1,6}[ \t]+\S")
_UNDERLINE = re.compile(rb"([=\-~^\"'`#*+])\1{2,}[ \t]*\r?\n?\Z")


class Entry(Struct, frozen=True):
    """A heading, a bullet with what is indented below it, or a paragraph; then blank lines."""

    lines: Lines
    blanks: int = 0
    is_heading: bool = False
    is_bullet: bool = False

    @property
    def words(self) -> bytes:
        """What it says, however it is broken into lines."""
        return b" ".join(word for line in self.lines for word in line.split())


class Group(Struct, frozen=True):
    """A heading (None: what stands before the first one) and the entries below it."""

    heading: Entry | None
    entries: tuple[Entry, ...] = ()


def read_entries(lines: Lines) -> tuple[int, tuple[Entry, ...]]:
    """The number of blank lines at the start, and the entries."""
    start = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    return start, tuple(_entries(lines[start:]))


def grouped(entries: tuple[Entry, ...]) -> list[Group]:
    """The entries by their heading; the first group is that without one."""
    groups = [Group(None)]
    for entry in entries:
        if entry.is_heading:
            groups.append(Group(entry))
        else:
            groups[-1] = replace(groups[-1], entries=(*groups[-1].entries, entry))
    return groups


def _entries(lines: Lines) -> Iterator[Entry]:
    at = 0
    while at < len(lines):
        end, is_heading = _end_of(lines, at)
        after = end
        while after < len(lines) and not lines[after].strip():
            after += 1
        yield Entry(
            lines=lines[at:end],
            blanks=after - end,
            is_heading=is_heading,
            is_bullet=_BULLET.match(lines[at]) is not None,
        )
        at = after


def _end_of(lines: Lines, at: int) -> tuple[int, bool]:
    if _HEADING.match(lines[at]):
        return at + 1, True
    if at + 1 < len(lines) and _UNDERLINE.match(lines[at + 1]) and not _BULLET.match(lines[at]):
        return at + 2, True
    indent = _indent(lines[at]) if _BULLET.match(lines[at]) else None
    end = at + 1
    while end < len(lines) and _goes_on(lines, end, indent):
        end += 1
    while not lines[end - 1].strip():
        end -= 1
    return end, False


def _goes_on(lines: Lines, at: int, indent: int | None) -> bool:
    """Say whether a line belongs to the entry before it; `indent` is its bullet's."""
    line = lines[at]
    if not line.strip():
        following = next((later for later in lines[at + 1 :] if later.strip()), b"")
        return indent is not None and _indent(following) > indent
    if indent is not None and _indent(line) > indent:
        return True
    is_title = at + 1 < len(lines) and _UNDERLINE.match(lines[at + 1])
    return not (_BULLET.match(line) or _HEADING.match(line) or is_title)


def _indent(line: bytes) -> int:
    plain = line.expandtabs(4)
    return len(plain) - len(plain.lstrip(b" "))

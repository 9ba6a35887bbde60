"""Regions in which one side changed nothing but white space: the other side holds."""

from __future__ import annotations

import re

from .regions import Lines, Region

# Where a program ends is said by brackets here, so that the space before a line says nothing.
_BRACKETED = frozenset(
    ".c .cc .cjs .cpp .cs .css .cts .cxx .dart .go .groovy .h .hpp .java .js .json .jsonc .jsx"
    " .kt .kts .less .mjs .mts .php .proto .rs .scala .scss .sql .swift .ts .tsx .zig".split()
)
_QUOTES = re.compile(rb"[\"'`\\]")
_BESIDE_WORDS = re.compile(rb"(?<=\w)\s+(?=[^\w\s])|(?<=[^\w\s])\s+(?=\w)")
_RUN = re.compile(rb"\s+")


def resolve_space(suffix: str, region: Region) -> Lines | None:
    """The lines of the side that changed more than white space, if the other one did not."""
    base = _words(suffix, region.base)
    left, right = _words(suffix, region.left), _words(suffix, region.right)
    if left == base and region.left != region.base:
        return _with_ends_of(region.left, region.right)
    if right == base:
        return _with_ends_of(region.right, region.left)
    return region.left if left == right else None


def _words(suffix: str, lines: Lines) -> tuple[bytes, ...]:
    """The lines without what counts for nothing in this language."""
    is_bracketed = suffix in _BRACKETED
    words = (_plain(line) if is_bracketed else line.rstrip() for line in lines)
    return tuple(word for word in words if word)


def _plain(line: bytes) -> bytes:
    line = line.strip()
    # Inside of quotes a blank is a letter like any other.
    return line if _QUOTES.search(line) else _RUN.sub(b" ", _BESIDE_WORDS.sub(b"", line))


def _with_ends_of(spaced: Lines, taken: Lines) -> Lines:
    """The lines that are taken, with the line ends of the side whose space is given up."""
    ends = {line.endswith(b"\r\n") for line in spaced if line.endswith(b"\n")}
    if len(ends) != 1:
        return taken
    end = b"\r\n" if ends.pop() else b"\n"
    return tuple(line.rstrip(b"\r\n") + end if line.endswith(b"\n") else line for line in taken)

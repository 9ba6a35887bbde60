"""Regions of a changelog where both sides added entries: the left one's, then the right one's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from ...policies.values import replace
from .entries import Entry, Group, grouped, read_entries
from .regions import Lines, Region

_NAMES = frozenset("changelog changes history news release releases releasenotes".split())
_SUFFIXES = frozenset(("", ".md", ".markdown", ".mdx", ".rst", ".txt"))
_PLACEHOLDER = re.compile(
    rb"[-*+_\s(]*(nothing( here)?( yet)?|no( notable)? changes( yet)?|tbd|tba|n/a|none|\.\.\.)?"
    rb"[_\s.)]*",
    re.IGNORECASE,
)
_VERSION = re.compile(rb"\d")


def is_changelog(path: str) -> bool:
    """Say whether people add entries to a file of this name."""
    name = PurePosixPath(path.lower())
    return name.stem.replace("-", "").replace("_", "") in _NAMES and name.suffix in _SUFFIXES


def resolve_changelog(region: Region) -> Lines | None:
    """Both sides' entries, none of them twice; None where more was done than adding some."""
    if any(not _PLACEHOLDER.fullmatch(line) for line in region.base):
        return None
    blanks, entries = read_entries(region.left)
    blanks_right, entries_right = read_entries(region.right)
    if not entries or not entries_right:
        return None
    groups = _joined(grouped(entries), grouped(entries_right))
    if groups is None:
        return None
    *most, last = _in_order(groups)
    at_the_end = max(entries[-1].blanks, entries_right[-1].blanks)
    end = b"\r\n" if region.left[0].endswith(b"\r\n") else b"\n"
    written = _written((*most, replace(last, blanks=at_the_end)), end)
    return (*[end] * (blanks or blanks_right), *written)


def _joined(left: list[Group], right: list[Group]) -> list[Group] | None:
    """The groups of both, those of one heading as one."""
    if not (_are_unique(left) and _are_unique(right)):
        return None
    versions, versions_right = _versions(left), _versions(right)
    if versions and versions_right and versions != versions_right:
        return None  # which release comes first is not for us to say
    if versions and not versions_right:
        # What the right side added stands before the release that the left side made of the rest.
        first, *rest = left
        return [_both(first, right[0]), *right[1:], *rest]
    by_title = {_title(group): group for group in right}
    joined = [_both(group, by_title.pop(_title(group), Group(None))) for group in left]
    return [*joined, *by_title.values()]


def _both(left: Group, right: Group) -> Group:
    """The entries of both, none of them twice, spaced as the left ones are."""
    had = {entry.words for entry in left.entries}
    added = tuple(entry for entry in right.entries if entry.words not in had)
    if not left.entries or not added:
        return replace(left, entries=left.entries or added)
    pairs = (*left.entries[:-1], *right.entries[:-1])
    between = pairs[0].blanks if pairs else int(not added[0].is_bullet)
    last = left.entries[-1]
    spaced = [replace(entry, blanks=between) for entry in (last, *added)]
    spaced[-1] = replace(spaced[-1], blanks=max(last.blanks, added[-1].blanks))
    return replace(left, entries=(*left.entries[:-1], *spaced))


def _title(group: Group) -> bytes:
    return group.heading.words if group.heading else b""


def _are_unique(groups: Sequence[Group]) -> bool:
    return len({_title(group) for group in groups}) == len(groups)


def _versions(groups: Iterable[Group]) -> list[bytes]:
    return [_title(group) for group in groups if _VERSION.search(_title(group))]


def _written(entries: Sequence[Entry], end: bytes) -> Iterable[bytes]:
    for entry in entries:
        yield from entry.lines
        yield from [end] * entry.blanks


def _in_order(groups: Sequence[Group]) -> list[Entry]:
    """All headings and entries, with a blank line before each heading."""
    entries: list[Entry] = []
    for group in groups:
        if group.heading:
            if entries and not entries[-1].blanks:
                entries[-1] = replace(entries[-1], blanks=1)
            entries.append(group.heading)
        entries.extend(group.entries)
    return entries

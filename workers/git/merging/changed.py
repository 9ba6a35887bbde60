"""What each side of a merge changed, as files in their versions."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from msgspec import Struct

from ..commands import Commands
from ..trees import path_text

_RENAMES_MAX = 400  # files that git compares each with each to find renames
BLOB_BYTES_MAX = 1_000_000
BYTES_MAX = 64_000_000  # of all versions of all files of a merge
_FILES = ("100644", "100755")
_RAW = ("-r", "-z", "--raw", "--full-index")


class Change(Struct, frozen=True, kw_only=True):
    """One file that a side changed; `path` and `blob` are empty where it deleted it."""

    path: str
    blob: str
    before: str  # its blob in the base, empty where it added it
    is_text: bool = True  # no symbolic link and no submodule


Changes = Mapping[str, Change]


class Sides(NamedTuple):
    """The best common ancestor of two commits, and what each of them changed since."""

    base: str
    left: Changes
    right: Changes


@functools.lru_cache(maxsize=2)  # a merge is looked at for several reasons, and never changes
def sides_of(git: Commands, left: str, right: str) -> Sides | None:
    """What two commits changed, a file that was moved as two; None without a common ancestor."""
    base = merge_base(git, left, right)
    if not base:
        return None
    asked = "".join(f"{side} {base}\n" for side in dict.fromkeys((left, right)))
    out = git.run("diff_tree", "--stdin", *_RAW, "--no-renames", stdin=asked.encode()).out
    found: dict[str, dict[str, Change]] = {left: {}, right: {}}
    side = ""
    fields = iter(out.split(b"\0"))
    for field in fields:
        if field.startswith(b":"):
            key, change = _change(field, fields)
            found[side][key] = change
        elif field:
            side = field.decode("ascii")
    return Sides(base, found[left], found[right])


def with_moves(git: Commands, base: str, side: str, changes: Changes) -> Changes:
    """The same with files that were moved as one; git is asked if one is gone and one is new."""
    is_gone = any(not change.blob for change in changes.values())
    is_new = any(not change.before for change in changes.values())
    return changed(git, base, side) if is_gone and is_new else changes


def merge_base(git: Commands, left: str, right: str) -> str:
    """The best common ancestor; empty where there is none. Of several it is git's first."""
    answer = git.ask("merge_base", left, right)
    return answer.line.partition("\n")[0] if answer.status == 0 else ""


def changed(git: Commands, base: str, side: str, *, renames: bool = True) -> Changes:
    """What a side changed, by the name that the file has in the base (or by its new one)."""
    how = ("-M", f"-l{_RENAMES_MAX}") if renames else ("--no-renames",)
    fields = iter(git.run("diff_tree", *_RAW, *how, base, side).out.split(b"\0"))
    return dict(_change(field, fields) for field in fields if field)


def _change(about: bytes, fields: Iterator[bytes]) -> tuple[str, Change]:
    """One file: what is said of it, then its name, or its two names."""
    old_mode, new_mode, before, blob, status = about[1:].decode("ascii").split(" ")
    path = path_text(next(fields))
    new_path = path_text(next(fields)) if status[0] in "RC" else path
    is_gone = status[0] == "D"
    return path if status[0] != "C" else new_path, Change(
        path="" if is_gone else new_path,
        blob="" if is_gone else blob,
        before="" if status[0] in "AC" else before,
        is_text=(old_mode in _FILES or status[0] in "AC") and (is_gone or new_mode in _FILES),
    )

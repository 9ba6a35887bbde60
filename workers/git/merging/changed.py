"""What each side of a merge changed, as files in their versions."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ..commands import Commands
from ..trees import path_text

_RENAMES_MAX = 400  # files that git compares each with each to find renames
BLOB_BYTES_MAX = 1_000_000
BYTES_MAX = 64_000_000  # of all versions of all files of a merge
_FILES = ("100644", "100755")


class Change(Struct, frozen=True, kw_only=True):
    """One file that a side changed; `path` and `blob` are empty where it deleted it."""

    path: str
    blob: str
    before: str  # its blob in the base, empty where it added it
    is_text: bool = True  # no symbolic link and no submodule


Changes = Mapping[str, Change]


def merge_base(git: Commands, left: str, right: str) -> str:
    """The best common ancestor; empty where there is none. Of several it is git's first."""
    answer = git.ask("merge_base", left, right)
    return answer.line.partition("\n")[0] if answer.status == 0 else ""


def changed(git: Commands, base: str, side: str, *, renames: bool = True) -> Changes:
    """What a side changed, by the name that the file has in the base (or by its new one)."""
    how = ("-M", f"-l{_RENAMES_MAX}") if renames else ("--no-renames",)
    out = git.run("diff_tree", "-r", "-z", "--raw", "--full-index", *how, base, side).out
    fields = iter(out.split(b"\0"))
    found = {}
    for about in fields:
        if not about.startswith(b":"):
            break
        old_mode, new_mode, before, blob, status = about[1:].decode("ascii").split(" ")
        path = path_text(next(fields))
        new_path = path_text(next(fields)) if status[0] in "RC" else path
        is_gone = status[0] == "D"
        found[path if status[0] != "C" else new_path] = Change(
            path="" if is_gone else new_path,
            blob="" if is_gone else blob,
            before="" if status[0] in "AC" else before,
            is_text=(old_mode in _FILES or status[0] in "AC") and (is_gone or new_mode in _FILES),
        )
    return found

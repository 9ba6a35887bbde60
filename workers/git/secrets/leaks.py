"""Values that are secret beyond doubt, in what is going to be committed under whatever name."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

from ..blobs import read_blobs, write_blobs
from ..commands import Commands
from ..place import Place

# :mode mode blob blob status NUL path NUL; neither a submodule nor a file that is gone
_RAW = re.compile(rb":\d+ (?!160000|000000)\d+ [0-9a-f]+ ([0-9a-f]+) ([A-Z])\d*\0([^\0]+)\0")
RAW_OPTIONS = ("--raw", "--no-abbrev", "--no-renames", "--no-ext-diff", "-z")
_FILE_BYTES_MAX = 1 << 20  # a larger file is not looked into
_FILES_MAX = 5000
_AT_ONCE = 32


class Change(NamedTuple):
    """A file as a commit or the index has it, and whether it is new there."""

    name: str
    blob: str
    is_new: bool


class Leak(NamedTuple):
    """A blob with values in it: the same without them, and their names."""

    blob: str
    shown: bytes
    values: tuple[str, ...]


def changes_of_index(git: Commands, base: str) -> list[Change]:
    """The files of the index that are not as in the base, but those that are gone."""
    return read_changes(git.run("diff", "--cached", *RAW_OPTIONS, base, "--").out)


def changes_since(place: Place, commit: str, known: tuple[str, ...]) -> list[Change]:
    """The files that came on any way to the commit that the known ones do not have."""
    if not known or commit in known:
        return []
    without = [f"^{each}" for each in known]
    out = place.git.run("log", "--format=", "-m", *RAW_OPTIONS, commit, *without, "--").out
    return read_changes(out)


def leaks_in(place: Place, changes: Iterable[Change], *, base: str) -> dict[str, Leak]:
    """The blobs among them that hold values, by their names; what the base tells is no secret."""
    if place.hiding.redactor is None:
        return {}
    blobs = list(dict.fromkeys(change.blob for change in changes))[:_FILES_MAX]
    public: dict[bytes, bool] = {}
    leaks = {}
    for at in range(0, len(blobs), _AT_ONCE):
        some = read_blobs(place.git, blobs[at : at + _AT_ONCE], bytes_max=_FILE_BYTES_MAX)
        for blob, data in some.items():
            found = place.hiding.without_leaks(
                data, lambda value: _tells(place, base, value, public)
            )
            if found is not None:
                leaks[blob] = Leak(blob, *found)
    return leaks


def named_after_values(place: Place, names: Iterable[str]) -> list[str]:
    """The files whose names hold values."""
    if place.hiding.redactor is None:
        return []
    never = lambda _value: False  # noqa: E731
    return [name for name in names if place.hiding.without_leaks(os.fsencode(name), never)]


def hide_in_index(place: Place, git: Commands, *, base: str) -> dict[str, Leak]:
    """Let the index of `git` hold leaking files without their values; say which those are."""
    changes = changes_of_index(git, base) if place.hiding.redactor is not None else []
    leaks = leaks_in(place, changes, base=base)
    found = {change.name: leaks[change.blob] for change in changes if change.blob in leaks}
    if not found:
        return {}
    shown = dict(zip(leaks, write_blobs(git, [leak.shown for leak in leaks.values()]), strict=True))
    entries = git.run("ls_files", "--stage", "-z", "--", *found).out.split(b"\0")[:-1]
    told = b""
    for entry in entries:
        about, _, name = entry.partition(b"\t")
        mode, blob, _ = about.decode("ascii").split(" ")
        if blob in shown:
            told += f"{mode} {shown[blob]}\t".encode() + name + b"\0"
    git.run("update_index", "-z", "--index-info", stdin=told)
    return found


def _tells(place: Place, base: str, value: bytes, known: dict[bytes, bool]) -> bool:
    """Say whether the base has the value in one of its files; git is told it by no argument."""
    if value not in known:
        options = ("--fixed-strings", "--quiet", "-f", "-")
        answer = place.git.ask("grep", *options, base, "--", stdin=value.split(b"\n")[0] + b"\n")
        known[value] = answer.status == 0
    return known[value]


def leaks_in_messages(place: Place, commit: str, known: tuple[str, ...]) -> bool:
    """Say whether the commits since then tell a value themselves."""
    if place.hiding.redactor is None:
        return False
    without = [f"^{each}" for each in known]
    out = place.git.run("log", "--format=%an%n%ae%n%B", commit, *without, "--").out
    return place.hiding.without_leaks(out, lambda _value: False) is not None


def read_changes(out: bytes) -> list[Change]:
    """What git says with RAW_OPTIONS."""
    return [
        Change(os.fsdecode(name), blob.decode("ascii"), status == b"A")
        for blob, status, name in _RAW.findall(out)
    ]

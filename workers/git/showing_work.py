"""What a story has changed, as a diff between two commits that is never larger than asked for."""

from __future__ import annotations

import os
from collections.abc import Sequence

from msgspec import Struct

from ...policies.sizes import size_text
from ..messages.review import LEFT_OUT_MAX, ShowWork, WorkShown
from .commands import Commands
from .place import Place
from .trees import path_text

_NO_BLOB = frozenset("0")
_SUBMODULE = "160000"
_PATHS_MAX = 500  # of one command line
_NAME_CHARS_MAX = 300


class _Change(Struct, frozen=True, kw_only=True):
    """A file that differs; what is not there has no name."""

    path: bytes
    kind: str  # A, D, M or T, as git has it
    old: str
    new: str


def show_work(place: Place, request: ShowWork) -> WorkShown:
    """Diff the files that fit, the small ones first; of the others tell names and sizes."""
    changes = _changes(place.git, request.base, request.head)
    sizes = _sizes(place.git, changes)
    chosen: list[_Change] = []
    left: list[str] = []
    room = request.bytes_max
    for each in sorted(changes, key=lambda change: _size(change, sizes)):
        size = _size(each, sizes)
        if size <= room and len(chosen) < _PATHS_MAX:
            room -= size
            chosen.append(each)
        else:
            left.append(_named(each, sizes))
    diff = _diff(place.git, request, chosen)
    if len(left) > LEFT_OUT_MAX:
        left = [*left[: LEFT_OUT_MAX - 1], f"and {len(left) - LEFT_OUT_MAX + 1} more"]
    return WorkShown(
        story_id=request.story_id,
        attempt=request.attempt,
        head=request.head,
        diff=diff,
        left_out=tuple(left),
    )


def _changes(git: Commands, base: str, head: str) -> list[_Change]:
    out = git.run("diff_tree", "-r", "-z", "--raw", "--no-renames", base, head).out
    words = out.split(b"\0")[:-1]
    found = []
    for about, path in zip(words[::2], words[1::2], strict=True):
        old_mode, new_mode, old, new, kind = about.decode("ascii").lstrip(":").split(" ")
        is_submodule = _SUBMODULE in {old_mode, new_mode}
        names = ("", "") if is_submodule else (_real(old), _real(new))
        found.append(_Change(path=path, kind=kind, old=names[0], new=names[1]))
    return found


def _real(blob: str) -> str:
    return "" if _NO_BLOB.issuperset(blob) else blob


def _sizes(git: Commands, changes: Sequence[_Change]) -> dict[str, int]:
    names = dict.fromkeys(name for each in changes for name in (each.old, each.new) if name)
    if not names:
        return {}
    asked = "".join(f"{name}\n" for name in names).encode()
    found = {}
    for line in git.run("cat_file", "--batch-check", stdin=asked).line.split("\n"):
        name, _, rest = line.partition(" ")
        kind, _, size = rest.partition(" ")
        found[name] = int(size) if kind == "blob" else 0
    return found


def _size(change: _Change, sizes: dict[str, int]) -> int:
    """The most that a diff of it can have, but for its signs and its context."""
    return sizes.get(change.old, 0) + sizes.get(change.new, 0)


def _named(change: _Change, sizes: dict[str, int]) -> str:
    name = path_text(change.path)[:_NAME_CHARS_MAX]
    before, after = sizes.get(change.old, 0), sizes.get(change.new, 0)
    match change.kind:
        case "A":
            return f"{name} (new, {size_text(after)})"
        case "D":
            return f"{name} (deleted, it had {size_text(before)})"
        case _:
            return f"{name} (changed, {size_text(before)} before, {size_text(after)} now)"


def _diff(git: Commands, request: ShowWork, chosen: Sequence[_Change]) -> str:
    if not chosen:
        return ""
    options = ("-r", "-p", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color")
    paths = [os.fsdecode(each.path) for each in sorted(chosen, key=lambda each: each.path)]
    out = git.run("diff_tree", *options, request.base, request.head, "--", *paths).out
    # Signs and heads of hunks make it larger than the files.
    most = 2 * request.bytes_max
    cut = "\n[cut here]" if len(out) > most else ""
    return out[:most].decode("utf-8", "replace") + cut

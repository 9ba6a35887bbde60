"""Two commits joined beside every branch: the tree that comes out, or what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ..commands import Answer, Commands, refusal
from ..trees import path_text


class Side(Struct, frozen=True, kw_only=True):
    """One of the three versions of a file that could not be joined."""

    mode: str
    blob: str


class Joined(Struct, frozen=True, kw_only=True):
    """What git made of it; where paths conflict, the tree has git's markers in them.

    `sides` has the versions of a path by their stage (1 base, 2 left, 3 right; one that is not
    there has none). `kinds` has git's word for the conflict of a path.
    """

    tree: str
    sides: Mapping[str, Mapping[int, Side]]
    kinds: Mapping[str, str]

    @property
    def conflicts(self) -> tuple[str, ...]:
        """The paths that conflict; some, as of two renamed folders, have no sides."""
        return tuple(sorted({*self.sides, *self.kinds}))


def join(git: Commands, left: str, right: str) -> Joined:
    """Merge two commits without touching a branch, an index or a file."""
    return read_merge(git.ask("merge_tree", "--write-tree", "-z", left, right))


def read_merge(answer: Answer) -> Joined:
    """Read what git-merge-tree(1) -z says.

    tree NUL, (mode blob stage TAB path NUL)*, NUL, then messages, each one
    count NUL path* type NUL text NUL.
    """
    fields = iter(answer.out.split(b"\0"))
    tree = next(fields).decode("ascii", "replace").strip()
    # A commit that does not exist ends with 1 as well, but prints no tree.
    if answer.status not in {0, 1} or not tree:
        raise refusal("merge-tree", answer)
    sides: dict[str, dict[int, Side]] = {}
    for entry in fields:
        if not entry:
            break
        about, _, path = entry.partition(b"\t")
        mode, blob, stage = about.decode("ascii").split()
        sides.setdefault(path_text(path), {})[int(stage)] = Side(mode=mode, blob=blob)
    kinds: dict[str, str] = {}
    for count in fields:
        if not count.isdigit():
            break
        named = [next(fields, b"") for _ in range(int(count))]
        kind, _ = next(fields, b""), next(fields, b"")
        if kind.startswith(b"CONFLICT"):
            word = kind.removeprefix(b"CONFLICT").strip(b" ()").decode("ascii", "replace")
            kinds |= {path_text(path): word for path in named}
    return Joined(tree=tree, sides=sides, kinds=kinds) if answer.status == 1 else _clean(tree)


def _clean(tree: str) -> Joined:
    return Joined(tree=tree, sides={}, kinds={})

"""The end of commits that hold secret files: what is work in them is kept, then they go."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..place import Place
from ..worktree.worktrees import Worktree
from .copies import bytes_of, digest_of, read_copies
from .leaks import changes_since
from .sweep import KEPT_OUT, set_bytes_aside

_BLOBS_MAX = 50


def keep_lost_secrets(
    place: Place, worktree: Worktree, names: Sequence[str], *, base: str, head: str
) -> None:
    """Put aside what was committed of these files and stands in the worktree no more.

    Not what is our copy: that is the user's own file.
    """
    known = set(read_copies(worktree.admin).values())
    for name in names:
        data = bytes_of(worktree.path / name)
        if data is not None:
            known.add(digest_of(data))
    wanted = set(names)
    versions = {(each.name, each.blob) for each in changes_since(place, head, (base,))}
    for name, blob in sorted(each for each in versions if each[0] in wanted)[:_BLOBS_MAX]:
        data = place.git.run("cat_file", "blob", blob).out
        if digest_of(data) in known:
            continue
        known.add(digest_of(data))
        label = f"{worktree.path.name}-{Path(name).name}"
        aside = set_bytes_aside(place, place.hiding.data(data), label=label)
        text = f"{worktree.path.name}: {name} was committed, and is {aside} now"
        place.tell(text, event=KEPT_OUT)


def show_marks(worktree: Worktree, names: Iterable[str]) -> None:
    """Let these files be in the worktree what the index has: with marks instead of values."""
    told = b"".join(os.fsencode(name) + b"\0" for name in names)
    if told:
        worktree.git.run("checkout_index", "--force", "-z", "--stdin", stdin=told)


def forget_log(place: Place, worktree: Worktree, ref: str) -> None:
    """Let go of what the logs of the branch and of HEAD hold: git would keep it for months."""
    for name, log in (
        (ref, place.common_dir / "logs" / ref),
        ("HEAD", worktree.admin / "logs/HEAD"),
    ):
        if worktree.git.ask("rev_parse", "--verify", "--quiet", name).status == 0:
            worktree.git.run("reflog", "expire", "--expire=all", "--expire-unreachable=all", name)
        else:  # it names no commit, and git would not touch its log
            log.unlink(missing_ok=True)
    for name in ("ORIG_HEAD", "logs/ORIG_HEAD"):
        (worktree.admin / name).unlink(missing_ok=True)

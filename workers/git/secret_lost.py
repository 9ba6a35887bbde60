"""The end of commits that hold secret files: what is work in them is kept, then they go."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from .place import Place
from .secret_copies import bytes_of, digest_of, read_copies
from .secret_sweep import KEPT_OUT, set_bytes_aside
from .worktrees import Worktree

_BLOBS_MAX = 50
# :mode mode blob blob status NUL path NUL; neither a submodule nor a file that was removed
_RAW = re.compile(rb":\d+ (?!160000|000000)\d+ [0-9a-f]+ ([0-9a-f]+) [A-Z]\d*\0([^\0]+)\0")


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
    for name, blob in _versions(place, names, base=base, head=head):
        data = place.git.run("cat_file", "blob", blob).out
        if digest_of(data) in known:
            continue
        known.add(digest_of(data))
        label = f"{worktree.path.name}-{Path(name).name}"
        aside = set_bytes_aside(place, place.hiding.data(data), label=label)
        text = f"{worktree.path.name}: {name} was committed, and is {aside} now"
        place.tell(text, event=KEPT_OUT)


def forget_log(worktree: Worktree, ref: str) -> None:
    """Let go of what the logs of the branch and of HEAD hold: git would keep it for months."""
    for name in (ref, "HEAD"):
        worktree.git.run("reflog", "expire", "--expire=all", "--expire-unreachable=all", name)
    (worktree.admin / "ORIG_HEAD").unlink(missing_ok=True)


def _versions(place: Place, names: Iterable[str], *, base: str, head: str) -> list[tuple[str, str]]:
    """Each blob that the files were on the way from base to head, with its file."""
    options = ("--format=", "--raw", "--no-abbrev", "--no-renames", "-m", "-z")
    out = place.git.run("log", *options, f"^{base}", head, "--", *names).out
    found = ((os.fsdecode(name), blob.decode()) for blob, name in _RAW.findall(out))
    return list(dict.fromkeys(found))[:_BLOBS_MAX]

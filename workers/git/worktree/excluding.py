"""The lines of ours in .git/info/exclude.

Linked worktrees share that file, and there is none for one worktree alone: `core.excludesFile`
would be a change of the user's configuration, and for our own commands alone it would not keep an
agent's `git add --all` from committing what we put there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from ..place import Place

_HEADING = "# prd-supervise: what [worktree] copy and link put into worktrees"
_SPECIAL = re.compile(r"([\\*?\[])")


def exclude(place: Place, paths: Iterable[str]) -> None:
    """Have git ignore these paths from the top of every worktree."""
    wanted = [_pattern(path) for path in paths]
    if not wanted:
        return
    file = place.common_dir / "info/exclude"
    with place.locked():
        text = file.read_bytes() if file.is_file() else b""
        known = text.split(b"\n")
        new = [line for line in wanted if os.fsencode(line) not in known]
        if not new:
            return
        lines = new if os.fsencode(_HEADING) in known else [_HEADING, *new]
        gap = b"" if not text or text.endswith(b"\n") else b"\n"
        file.parent.mkdir(exist_ok=True)
        with file.open("ab") as appended:
            appended.write(gap + b"".join(os.fsencode(line) + b"\n" for line in lines))


def _pattern(path: str) -> str:
    """The path as a pattern that means it alone; blanks at its end would not count."""
    escaped = _SPECIAL.sub(r"\\\1", path)
    bare = escaped.rstrip(" ")
    return "/" + bare + "\\ " * (len(escaped) - len(bare))

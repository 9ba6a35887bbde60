"""Repositories that an agent made in a worktree and git took for submodules.

`git add --all` notes such a folder as the commit that it shows. Nobody else has that commit, so a
branch with it would show an empty folder for ever. Its files wait among the leftovers.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from ..commands import Commands
from ..place import Place

# A link to a commit where there was none before; paths end at NUL.
_NEW_LINK = re.compile(rb":(?!160000)\d+ 160000 [0-9a-f]+ [0-9a-f]+ [A-Z]\d*\0([^\0]+)\0")
_PATHS = r"^submodule\..*\.path$"


def take_out_embedded(git: Commands, against: str) -> tuple[str, ...]:
    """Take them out of the index, and name them; what .gitmodules names is a submodule."""
    options = ("--cached", "--raw", "-z", "--no-renames", "--no-abbrev")
    found = _NEW_LINK.findall(git.run("diff", *options, against, "--").out)
    if not found:
        return ()
    told = git.ask("config", "--blob=:.gitmodules", "-z", "--get-regexp", _PATHS).out
    known = {line.partition(b"\n")[2] for line in told.split(b"\0")}
    embedded = [name for name in found if name not in known]
    told_git = b"".join(name + b"\0" for name in embedded)
    git.run("update_index", "--force-remove", "-z", "--stdin", stdin=told_git)
    return tuple(os.fsdecode(name) for name in embedded)


def tell_embedded(place: Place, story_id: str, names: Iterable[str]) -> None:
    """Say which they are, and what the agent or its user can do."""
    for name in names:
        text = f"{story_id}: {name} is a git repository of its own, of which git commits no file"
        advice = "remove its .git, or have it added as a submodule"
        place.tell_once(f"{text}: it is kept out of every commit; {advice}", event="not_committed")

"""Repositories that an agent made in a worktree and git took for submodules.

`git add --all` notes such a folder as the commit that it shows. Nobody else has that commit, so a
branch with it would show an empty folder for ever. Its files wait among the leftovers.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

from ..commands import Commands
from ..place import Place

# Modes, objects and status of what is changed; paths end at NUL.
_CHANGE = re.compile(rb":(\d+) (\d+) [0-9a-f]+ [0-9a-f]+ [A-Z]\d*\0([^\0]+)\0")
_ABSENT, _LINK = b"000000", b"160000"
_PATHS = r"^submodule\..*\.path$"


class Taken(NamedTuple):
    """What was taken out of the index, and what in it is not as in the commit afterwards."""

    embedded: tuple[str, ...]
    changed: frozenset[bytes]
    added: frozenset[bytes]  # those of them that the commit does not have


def take_out_embedded(git: Commands, against: str) -> Taken:
    """Take them out of the index; what .gitmodules names is a submodule and stays."""
    options = ("--cached", "--raw", "-z", "--no-renames", "--no-ext-diff", "--no-abbrev")
    changes = _CHANGE.findall(git.run("diff", *options, against, "--").out)
    changed = frozenset(name for _, _, name in changes)
    added = frozenset(name for before, _, name in changes if before == _ABSENT)
    links = {name: before for before, after, name in changes if after == _LINK != before}
    if not links:
        return Taken((), changed, added)
    told = git.ask("config", "--blob=:.gitmodules", "-z", "--get-regexp", _PATHS).out
    known = {line.partition(b"\n")[2] for line in told.split(b"\0")}
    embedded = [name for name in links if name not in known]
    told_git = b"".join(name + b"\0" for name in embedded)
    git.run("update_index", "--force-remove", "-z", "--stdin", stdin=told_git)
    gone = {name for name in embedded if links[name] == _ABSENT}
    names = tuple(os.fsdecode(name) for name in embedded)
    return Taken(names, changed - gone, added - gone)


def tell_embedded(place: Place, story_id: str, names: Iterable[str]) -> None:
    """Say which they are, and what the agent or its user can do."""
    for name in names:
        text = f"{story_id}: {name} is a git repository of its own, of which git commits no file"
        advice = "remove its .git, or have it added as a submodule"
        place.tell_once(f"{text}: it is kept out of every commit; {advice}", event="not_committed")

"""Whether a worktree has been set up for what it shows: its stamp against the lock files."""

from __future__ import annotations

import hashlib
from contextlib import suppress

from ...messages.setup import Setup
from ..place import Place
from .worktrees import Worktree

_STAMP = "prd-supervise.setup"


def setup_of(place: Place, worktree: Worktree) -> Setup | None:
    """The commands that have to run before anybody works in it; None where nothing is left."""
    rules = place.rules.worktree
    if not rules.setup:
        return None
    stamp, fingerprint = worktree.admin / _STAMP, _fingerprint(place, worktree)
    with suppress(FileNotFoundError):
        if stamp.read_text("ascii", "replace").strip() == fingerprint:
            return None
    return Setup(
        commands=rules.setup,
        timeout_s=rules.setup_timeout_s,
        stamp=str(stamp),
        fingerprint=fingerprint,
    )


def _fingerprint(place: Place, worktree: Worktree) -> str:
    """The commands, and the blobs of the files that they depend on."""
    rules = place.rules.worktree
    told = hashlib.sha256(repr(rules.setup).encode())
    if rules.setup_when:
        git = worktree.git.at(worktree.path, environment={"GIT_LITERAL_PATHSPECS": "0"})
        globs = [f":(glob){pattern}" for pattern in rules.setup_when]
        told.update(git.run("ls_files", "--stage", "-z", "--", *globs).out)
    return told.hexdigest()

"""What stands in a worktree besides the repository's files: what `[worktree] copy` names."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ..secrecy.copied import copied_files
from ..secrecy.names import SecretNames
from .place import Place
from .secret_copies import bring
from .worktrees import Worktree


def furnish(place: Place, worktree: Worktree) -> None:
    """Bring the files that the configuration names; what git tracks there stays as it is."""
    patterns = place.rules.worktree.copy
    if not patterns:
        return
    names = set(copied_files(place.checkout, patterns)) - _tracked(worktree)
    secret = SecretNames(place.rules.secrets.files)
    secrets = sorted(name for name in names if secret.match(name))
    bring(place, worktree.path, worktree.admin, secrets)
    for name in sorted(names.difference(secrets)):
        _copy(place, worktree, name)


def _tracked(worktree: Worktree) -> set[str]:
    return set(os.fsdecode(worktree.git.run("ls_files", "-z").out).split("\0"))


def _copy(place: Place, worktree: Worktree, name: str) -> None:
    target = worktree.path / name
    inside = Path(os.path.realpath(target.parent)).is_relative_to(worktree.path)
    if not inside or os.path.lexists(target):
        return  # what a story before it left there is its warm cache
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        shutil.copy2(place.checkout / name, target)
    except OSError as error:
        place.tell(f"{name} was not copied: {error.strerror}", event="not_copied")

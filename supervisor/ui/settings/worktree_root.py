"""Whether worktrees can be made where `[worktree] root` says."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ...prd.defect import Defect, quoted
from ...shell.repository.checkout import Checkout
from .origin import at_its_origin

_KEY = ("worktree", "root")


def root_defects(root: str, checkout: Checkout, environ: Mapping[str, str]) -> tuple[Defect, ...]:
    """Why no worktree could be made there: a night must not begin by waiting for room."""
    problem = _problem(checkout.layout(root).worktrees, checkout) if root else ""
    if not problem:
        return ()
    message = f"worktree.root: {quoted(root)}: {problem}"
    return (at_its_origin(_KEY, message, checkout.top, environ),)


def _problem(worktrees: Path, checkout: Checkout) -> str:
    place = Path(os.path.realpath(worktrees))
    if place == Path(os.path.realpath(checkout.top)):
        return "this is the repository itself; name a folder of its own"
    if place.is_relative_to(os.path.realpath(checkout.common_dir)):
        return "this is inside git's own folder; name another one"
    nearest = next(each for each in (place, *place.parents) if each.exists())
    if not nearest.is_dir():
        return f"{nearest} is no folder; name another one, or move it away"
    if not os.access(nearest, os.W_OK | os.X_OK):
        return f"{nearest} cannot be written; take the right, or name another folder"
    return ""

"""Whose work stands in a worktree: noted beside it, because an agent may move its HEAD."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from .commands import GitRefused

NOBODY = "-"  # no story: what stands there are the traces of verify commands
_NOTE = "prd-supervise"


class Occupant(Struct, frozen=True, kw_only=True):
    """The story and attempt that a worktree was last made ready for."""

    prd_id: str = ""
    story_id: str
    attempt: int


def read_note(admin: Path) -> Occupant | None:
    """Read who the worktree was made ready for; None where that is not known."""
    note = admin / _NOTE
    words = note.read_text("utf-8", "replace").split() if note.is_file() else []
    if len(words) != 3 or not words[2].isdecimal():  # noqa: PLR2004  PRD, story, attempt
        return None
    return Occupant(prd_id=words[0], story_id=words[1], attempt=int(words[2]))


def write_note(admin: Path, *, prd_id: str, story_id: str, attempt: int) -> None:
    """Note who the worktree is ready for, in one step: a torn note would be nobody's."""
    fresh = admin / f"{_NOTE}.new"
    fresh.write_text(f"{prd_id} {story_id} {attempt}\n")
    os.replace(fresh, admin / _NOTE)  # noqa: PTH105  says that it replaces


def occupant_of(admin: Path, *, branch: str, story_refs: str) -> Occupant | None:
    """Say whose work it is: the branch that is checked out tells, else our note.

    `story_refs` is what the names of all story branches of this PRD begin with.
    """
    noted = read_note(admin)
    story_id = branch.removeprefix(story_refs)
    if story_id == branch or (noted is not None and noted.story_id == story_id):
        return noted
    return Occupant(story_id=story_id, attempt=0)


def check_owner(path: Path, admin: Path, *, prd_id: str) -> None:
    """Refuse the worktree of another PRD: slot 2 of PRD-1 and a PRD called PRD-1.2 share a path."""
    noted = read_note(admin)
    if noted is not None and noted.prd_id != prd_id:
        raise GitRefused(
            f"{path} is a worktree of PRD {noted.prd_id}; give one of the two another id"
        )

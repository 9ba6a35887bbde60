"""A guess: a command that would verify a story, or set a worktree up, and why we think so."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class Role(Enum):
    """What a command is for; those of a story's verification, in the order in which they run."""

    SETUP = "setup"
    LINT = "lint"
    TYPES = "types"
    TEST = "test"


class Guess(Struct, frozen=True, kw_only=True):
    """One command, run at the repository's root; `program` has to be on PATH, if any."""

    role: Role
    line: str
    because: str
    program: str = ""
    locks: tuple[str, ...] = ()  # of a setup: files after whose change it runs again
    makes: tuple[str, ...] = ()  # of a setup or build: folders that git has to ignore


def setup(
    line: str,
    because: str,
    *,
    program: str,
    locks: tuple[str, ...] = (),
    makes: tuple[str, ...] = (),
) -> Guess:
    """What a fresh worktree needs."""
    return Guess(
        role=Role.SETUP, line=line, because=because, program=program, locks=locks, makes=makes
    )


def verify(
    role: Role, line: str, because: str, *, program: str = "", makes: tuple[str, ...] = ()
) -> Guess:
    """What shows that a story is done."""
    return Guess(role=role, line=line, because=because, program=program, makes=makes)

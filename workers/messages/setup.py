"""What is to be run in a worktree before any work in it."""

from __future__ import annotations

from msgspec import Struct


class Setup(Struct, frozen=True, kw_only=True):
    """Commands of `[worktree] setup` that the worktree still needs.

    Once all have passed, `fingerprint` is written to the file `stamp`, which dies with the
    worktree; who is killed before that runs them once more.
    """

    commands: tuple[str, ...]
    timeout_s: float  # each
    stamp: str
    fingerprint: str

"""What root and its keeper say to each other."""

from __future__ import annotations

from msgspec import Struct


class Tidy(Struct, frozen=True, kw_only=True):
    """Remove what ended before `before_s`, epoch seconds, and is held elsewhere, or no work.

    `may_forget`: also what root knows of PRDs of which nothing is left.
    """

    repository: str
    common_dir: str
    state_dir: str
    worktrees: str
    before_s: float
    may_forget: bool = True


class Tidied(Struct, frozen=True, kw_only=True):
    """What has gone, by its kind, and the bytes of it; what stays for being the only copy.

    `outlived` are the PRDs of which nothing is left.
    """

    gone: dict[str, int]
    size_bytes: int = 0
    only_copies: tuple[str, ...] = ()
    outlived: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

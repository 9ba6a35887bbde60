"""What a PRD supervisor and its integrator say of work that is to be looked at."""

from __future__ import annotations

from msgspec import Struct

LEFT_OUT_MAX = 200


class ShowWork(Struct, frozen=True, kw_only=True):
    """Show what a story has changed, from commit to commit, in about so many bytes at most."""

    story_id: str
    attempt: int
    base: str
    head: str
    bytes_max: int


class WorkShown(Struct, frozen=True, kw_only=True):
    """The answer: a diff; `left_out` are the files that are not in it, with their sizes."""

    story_id: str
    attempt: int
    head: str
    diff: str
    left_out: tuple[str, ...] = ()

"""What root and a PRD supervisor say of how many stories run at once, where root decides that."""

from __future__ import annotations

from msgspec import Struct


class Faring(Struct, frozen=True, kw_only=True):
    """How a PRD fares; the counts are those of its supervisor's life."""

    width: int = 0  # stories that run, or could
    running: int = 0
    merged: int = 0
    conflicts: int = 0  # attempts that could not be merged with what others had made


class PlacesChanged(Struct, frozen=True, kw_only=True):
    """So many stories may run at once from now on; what runs goes on."""

    max_workers: int
    reason: str

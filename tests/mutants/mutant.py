"""A small fault, as the lists of them have it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """One small fault."""

    file: str
    text: str
    replacement: str
    why: str

"""What root and PRD supervisors both hear and journal."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageChanged:
    """The journal can no longer be written, or can again."""

    is_full: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """The shell saw something of a child that concerns no decision: it belongs to its story."""

    child_id: str
    event: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """Something that happened to a child, for its story; it changes nothing that is known."""

    child_id: str
    event: str
    attempt: int
    text: str

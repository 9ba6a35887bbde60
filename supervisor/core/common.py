"""What root and PRD supervisors both hear and journal."""

from __future__ import annotations

from msgspec import Struct


class StorageChanged(Struct, frozen=True, kw_only=True):
    """The journal can no longer be written, or can again."""

    is_full: bool

    @property
    def told(self) -> tuple[str, str]:
        """The event and its text, for people."""
        if self.is_full:
            return "storage_full", "the journal cannot be written (disk full?): nothing new starts"
        return "storage_has_room", "the journal is written again"


class Noticed(Struct, frozen=True, kw_only=True):
    """The shell saw something of a child that concerns no decision: it belongs to its story."""

    child_id: str
    event: str
    text: str


class Noted(Struct, frozen=True, kw_only=True):
    """Something that happened to a child, for its story; it changes nothing that is known."""

    child_id: str
    event: str
    attempt: int
    text: str

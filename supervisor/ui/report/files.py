"""The files of a story's work, as far as they are known."""

from __future__ import annotations

from msgspec import Struct

from ...core.prd.memory import Memory


class Files(Struct, frozen=True, kw_only=True):
    """The files of a story's work; `more` of them are not listed."""

    created: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    more: int = 0

    @property
    def count(self) -> int:
        """All of them."""
        return len(self.created) + len(self.modified) + len(self.deleted) + self.more


NO_FILES = Files()


def files_of(memory: Memory) -> Files:
    """The files of its work, as they are known."""
    return Files(
        created=memory.added, modified=memory.modified, deleted=memory.removed, more=memory.more
    )

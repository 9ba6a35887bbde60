"""What the next supervisor of a PRD is told of the time before it."""

from __future__ import annotations

from ..core.root_words import PrdAccepted, PrdBegun, RootRecord


class Beginnings:
    """Knows, for each PRD, whether a start is its first one, a wanted one, or follows a death."""

    def __init__(self) -> None:
        self._accepted: set[str] = set()
        self._begun: set[str] = set()

    def on_record(self, record: RootRecord) -> None:
        """Hear what root's core decides."""
        match record:
            case PrdAccepted():
                self._accepted.add(record.prd_id)
            case PrdBegun():
                self._begun.add(record.prd_id)
            case _:
                pass

    def take(self, prd_id: str) -> tuple[bool, bool]:
        """Begin: say whether this is the first start since it was accepted, and after a death."""
        is_first, is_wanted = prd_id in self._accepted, prd_id in self._begun
        self._accepted.discard(prd_id)
        self._begun.discard(prd_id)
        return is_first, not is_wanted

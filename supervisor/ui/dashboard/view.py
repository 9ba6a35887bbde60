"""What one screen is drawn of: what was seen and chosen, and what follows from that, found once."""

from __future__ import annotations

from functools import cached_property

from ..looks.rows import Style
from .chosen import Chosen, Region
from .entries import Entry, at_work, listed, row_of, settled
from .seen import Seen
from .troubles import Trouble, troubles


class View:
    """Nothing of it changes; lists of thousands are made only where a region wants them."""

    def __init__(self, seen: Seen, chosen: Chosen, style: Style) -> None:
        self.seen = seen
        self.chosen = settled(seen, chosen)
        self.style = style

    @cached_property
    def prds(self) -> tuple[Entry, ...]:
        """The list of PRDs, with the stories that are unfolded."""
        return listed(self.seen.document, self.chosen)

    @cached_property
    def works(self) -> tuple[Entry, ...]:
        """The stories at work."""
        return at_work(self.seen.document, self.chosen.filter)

    @cached_property
    def troubles(self) -> tuple[Trouble, ...]:
        """What wants a person."""
        return troubles(self.seen.document)

    @cached_property
    def row(self) -> int:
        """The row of the cursor in its region."""
        return row_of(self._entries, self.chosen)

    @cached_property
    def prd_row(self) -> int:
        """The row of the list of PRDs that is in its middle: of the cursor, if that is there."""
        return row_of(self.prds, self.chosen)

    @property
    def under(self) -> Entry | None:
        """What the cursor stands on."""
        return self._entries[self.row] if self._entries else None

    @property
    def _entries(self) -> tuple[Entry, ...]:
        """What the cursor can stand on; the list of events has nothing."""
        if self.chosen.region is Region.EVENTS:
            return ()
        return self.works if self.chosen.region is Region.WORK else self.prds

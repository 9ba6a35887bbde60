"""Who listens to root besides its core: nothing of what they hear decides anything."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ....policies.supervising.spec import ExitReason
from ....workers.messages.figures import Measured
from ...core.root.records import RootRecord


class Ears:
    """Passes on what root's shell comes to know."""

    def __init__(self) -> None:
        self.on_record: list[Callable[[RootRecord], None]] = []
        self.on_measured: list[Callable[[Measured], None]] = []
        self.on_gone: list[Callable[[str, ExitReason], None]] = []

    def hear_record(self, record: RootRecord) -> None:
        """Root's core has decided this; it is about to be journalled."""
        for hear in self.on_record:
            hear(record)

    def hear_measured(self, measured: Measured) -> None:
        """A PRD's supervisor has counted and timed this."""
        for hear in self.on_measured:
            hear(measured)

    def hear_end(self, child_id: str, reason: ExitReason) -> None:
        """A child's process is gone."""
        for hear in self.on_gone:
            hear(child_id, reason)


def call_all(listeners: Sequence[Callable[[], None]]) -> None:
    """Let each know that it is time."""
    for listen in listeners:
        listen()

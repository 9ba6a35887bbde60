"""What the next supervisor of a PRD is told of the time before it."""

from __future__ import annotations

from collections.abc import Iterable

from ....policies.approval import INTERACTIVE
from ....policies.values import replace
from ....workers.messages.prd import Begin
from ...core.root.records import PrdAccepted, PrdBegun, RootRecord
from ...core.root.state import Root
from ..ceilings.pacing import paced
from ..run_settings import RootSettings, begin_of
from ..service.manager import is_service
from ..storage.layout import Layout


class Beginnings:
    """Knows, for each PRD, whether a start is its first one, a wanted one, or follows a death."""

    def __init__(self, interrupted: Iterable[str] = ()) -> None:
        self._interrupted = set(interrupted)  # at work when the last root died
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
        """Say whether a start is the first one since the PRD was accepted, and follows a death."""
        is_first, is_wanted = prd_id in self._accepted, prd_id in self._begun
        self._accepted.discard(prd_id)
        self._begun.discard(prd_id)
        return is_first, not is_wanted

    def begin(
        self, layout: Layout, settings: RootSettings, accepted: PrdAccepted, root: Root
    ) -> Begin:
        """What the supervisor that is started now is told."""
        prd_id = accepted.prd_id
        is_first, after_crash = self.take(prd_id)
        held = sorted(story_id for held_prd, story_id in root.holds if held_prd == prd_id)
        went_down = is_first and prd_id in self._interrupted
        self._interrupted.discard(prd_id)
        begun = begin_of(
            layout,
            settings,
            accepted,
            is_first=is_first,
            after_crash=after_crash,
            held=tuple(held),
        )
        begun = replace(begun, went_down=went_down)
        if root.is_interactive and not settings.approve:
            begun = replace(begun, approve=INTERACTIVE)
        ledger = root.ledger
        begun = replace(begun, renewed=ledger.renewed_of(prd_id), run_spent=ledger.used)
        return paced(replace(begun, is_service=is_service()), root)

"""Which events are wanted, of all that there are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from msgspec import Struct

from ....policies.nearest import nearest_names
from ...shell.storage.eventlog import Event
from ..errors import UsageError
from ..looks.event_kinds import BAD, KINDS


class Selection(Struct, frozen=True, kw_only=True):
    """What is empty or None wants all."""

    types: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()  # PRD or PRD/STORY
    prds: frozenset[str] = frozenset()
    stories: frozenset[str] = frozenset()  # as STORY or PRD/STORY
    is_failed_only: bool = False
    since: datetime | None = None
    until: datetime | None = None

    def wants(self, event: Event) -> bool:
        """Say whether an event is one of these."""
        kind, prd, story = str(event["event"]), event["prd"], event["story"]
        if self.types and kind not in self.types:
            return False
        if self.is_failed_only and kind not in BAD:
            return False
        if self.names and not {prd, f"{prd}/{story}"} & self.names:
            return False
        if self.prds and prd not in self.prds:
            return False
        if self.stories and not {story, f"{prd}/{story}"} & self.stories:
            return False
        return self._is_in_time(event)

    def _is_in_time(self, event: Event) -> bool:
        if self.since is None and self.until is None:
            return True
        try:
            at = datetime.fromisoformat(str(event["at"]))
        except ValueError:
            return False
        is_late_enough = self.since is None or at >= self.since
        return is_late_enough and (self.until is None or at <= self.until)


def known_types(names: Iterable[str]) -> frozenset[str]:
    """These types; `attempt failed` and `ATTEMPT-FAILED` mean `attempt_failed`."""
    words = (word for name in names for word in name.split(","))
    types = frozenset(word.strip().lower().replace(" ", "_").replace("-", "_") for word in words)
    for name in sorted(types - KINDS.keys()):
        raise UsageError(not_there("--type", name, KINDS, see="docs/events.md has all"))
    return types


def not_there(option: str, name: str, known: Collection[str], *, see: str = "") -> str:
    """Nobody is called so; say who nearly is."""
    near = nearest_names(name, known, cutoff=0.5)
    shown = " or ".join(near) if near else ", ".join(sorted(known)[:8]) or "none yet"
    there = f"did you mean {shown}?" if near else f"there are: {shown}"
    return f"{option} {name}: there is none of this name; {there}{f' ({see})' if see else ''}"

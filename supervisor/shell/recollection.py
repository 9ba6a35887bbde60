"""What a PRD's folder remembers: the fold of its snapshot and its journal."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

import msgspec

from ..core.records import (
    AgentBegan,
    AgentOver,
    AttemptBegun,
    AttemptLost,
    BranchRecorded,
    Memory,
    Record,
    StoryDone,
    StoryGivenUp,
    StoryReset,
    StorySkipped,
    WorkKept,
    WorktreeReady,
    remember,
)
from .store import Stored, StoreError

KINDS: tuple[type, ...] = (
    BranchRecorded,
    AttemptBegun,
    WorktreeReady,
    AgentBegan,
    AgentOver,
    WorkKept,
    AttemptLost,
    StoryDone,
    StoryGivenUp,
    StorySkipped,
    StoryReset,
)


def _memories() -> defaultdict[str, Memory]:
    return defaultdict(Memory)


@dataclass(slots=True, kw_only=True)
class Recollection:
    """A PRD's branch and its stories, as far as they were written down."""

    branch: str = ""
    base: str = ""
    stories: defaultdict[str, Memory] = field(default_factory=_memories)


def recall(stored: Stored) -> Recollection:
    """Go through what is stored, from the beginning."""
    known = Recollection()
    if stored.payload is not None:
        try:
            snapshot = msgspec.convert(stored.payload, _Snapshot)
        except msgspec.ValidationError as error:
            raise StoreError(f"the snapshot is of another version: {error}") from error
        known.branch, known.base = snapshot.branch, snapshot.base
        known.stories.update(snapshot.stories)
    for record, _ in stored.records:
        _hear(known, record)  # type: ignore[arg-type]  # the store reads KINDS only
    return known


def _hear(known: Recollection, record: Record) -> None:
    if isinstance(record, BranchRecorded):
        known.branch, known.base = record.branch, record.base
    else:
        known.stories[record.story_id] = remember(known.stories[record.story_id], record)


def payload_of(known: Recollection) -> object:
    """The snapshot of all that is known."""
    return msgspec.to_builtins(
        _Snapshot(branch=known.branch, base=known.base, stories=dict(known.stories))
    )


class _Snapshot(msgspec.Struct, kw_only=True):
    branch: str
    base: str
    stories: dict[str, Memory]

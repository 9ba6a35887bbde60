"""implementation-log.json: what became of each story, for people and programs that poll.

docs/schema/implementation-log.schema.json describes it, and `resume --from-log` reads it. It is
derived from the journal: written as a whole, so that a reader sees the old one or the new one,
once for each set of stories that is decided together or begun anew, and when the PRD begins and
ends.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from ....policies.outcomes.failure import Failure
from ...core.prd.memory import StoryState
from ...core.prd.outcome import outcome
from ...core.prd.records import StoryDone, StoryGivenUp, StoryReset, StorySkipped
from ...core.prd.state import Prd, Story
from ..host import Records
from ..storage.atomic import write_atomically
from ..storage.recollection import NO_LIFESPAN, Lifespan, lifespan_after

VERSION = 1
TEXT_MAX = 2000  # characters of an error's context: its end
_DECISIONS = (StoryDone, StoryGivenUp, StorySkipped, StoryReset)  # the last takes one back
_STATES = {
    StoryState.DONE: "completed",
    StoryState.FAILED: "failed",
    StoryState.SKIPPED: "skipped",
}


class ImplementationLog:
    """Keeps the line of each story, and writes all of them when some are decided."""

    def __init__(self, path: Path, lifespans: dict[str, Lifespan]) -> None:
        self._path = path
        self._lifespans = dict(lifespans)
        self._lines: dict[str, tuple[Story, Lifespan, str]] = {}  # what each was made of
        self._is_stale = True

    def hear(self, records: Records) -> None:
        """Note when stories begin and are decided."""
        for record, at in records:
            name = str(getattr(record, "story_id", ""))
            if not name:
                continue
            self._lifespans[name] = lifespan_after(
                self._lifespans.get(name, NO_LIFESPAN), record, at
            )
            self._is_stale = self._is_stale or isinstance(record, _DECISIONS)

    def write_if_stale(self, prd: Prd, *, now: float) -> None:
        """Write it if a story was decided since; on a full disk the next time must do."""
        if self._is_stale:
            self.write(prd, "in_progress", now=now)

    def write_end(self, prd: Prd, *, now: float) -> None:
        """Write it for the last time, so that it outlives a power cut."""
        self.write(prd, outcome(prd)[0], now=now, durable=True)

    def write(self, prd: Prd, status: str, *, now: float, durable: bool = False) -> None:
        """Write it as it stands."""
        data = self._text(prd, status, now).encode(errors="backslashreplace")
        try:
            write_atomically(self._path, data, durable=durable)
        except OSError:
            self._is_stale = True
        else:
            self._is_stale = False

    def _text(self, prd: Prd, status: str, now: float) -> str:
        """A line a story, so that only those that have changed are made anew."""
        head = {
            "version": VERSION,
            "prd": prd.prd_id,
            "title": prd.title,
            "branch": prd.branch or None,
            "status": status,
            "updatedAt": moment(now),
        }
        lines = [self._line(number, story) for number, story in enumerate(prd.stories, 1)]
        kept = {story.story_id for story in prd.stories}
        self._lines = {name: line for name, line in self._lines.items() if name in kept}
        opening = json.dumps(head, ensure_ascii=False)[:-1]
        return f'{opening}, "stories": [\n' + ",\n".join(lines) + "\n]}\n"

    def _line(self, number: int, story: Story) -> str:
        lifespan = self._lifespans.get(story.story_id, NO_LIFESPAN)
        known = self._lines.get(story.story_id)
        if known is None or known[0] is not story or known[1] != lifespan:
            line = json.dumps(entry(number, story, lifespan), ensure_ascii=False)
            known = self._lines[story.story_id] = (story, lifespan, line)
        return known[2]


def entry(number: int, story: Story, lifespan: Lifespan) -> dict[str, object]:
    """What is told of a story."""
    memory = story.memory
    ended = lifespan.decided if memory.state is not StoryState.PENDING else 0.0
    is_known = bool(lifespan.began and ended)
    return {
        "storyNumber": number,
        "id": story.story_id,
        "title": story.title,
        "agent": memory.choice.agent or None,
        "model": memory.choice.model or None,
        "status": _status(story),
        "attempts": memory.attempt,
        "startedAt": moment(lifespan.began) if lifespan.began else None,
        "completedAt": moment(ended) if ended else None,
        "duration": round(max(0.0, ended - lifespan.began), 1) if is_known else None,
        "filesCreated": list(memory.added),
        "filesModified": list(memory.modified),
        "filesDeleted": list(memory.removed),
        "filesNotListed": memory.more,
        "commit": memory.commit or None,
        "evidence": memory.evidence or None,
        "error": _error(memory.lost),
    }


def _status(story: Story) -> str:
    if story.memory.state is not StoryState.PENDING:
        return _STATES[story.memory.state]
    return "in_progress" if story.run is not None else "pending"


def _error(failure: Failure | None) -> dict[str, object] | None:
    """What the last attempt was lost for, or why it was given up or skipped."""
    if failure is None:
        return None
    return {
        "type": failure.type,
        "message": failure.message,
        "context": failure.context[-TEXT_MAX:],
        "recoveryHints": list(failure.recovery_hints),
    }


def moment(at: float) -> str:
    """A moment as programs read it: 2026-11-21T06:30:00Z."""
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%S}Z"

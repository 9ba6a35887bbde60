"""The last line that each story at work has printed, read again only when its log has grown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ....policies.counting import counted
from ...shell.status.document import StatusDocument, StoryStatus
from ...shell.storage.layout import Layout
from ..logs.tail import last_lines
from .seen import StoryName

STORIES_MAX = 64
LINES_LOOKED_AT = 5  # the last one that says something is shown
ACTIVE, RUNNING, AGENT_LOG = "active", "running", "agent.log"
_AT_REST = frozenset({"failed", "quarantined", "skipped", "waiting", "done"})

_Stamp = tuple[str, int, int]


class OutputLines:
    """What was read last, by story."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._known: dict[StoryName, tuple[_Stamp, str]] = {}

    def of(self, document: StatusDocument) -> dict[StoryName, str]:
        """The last lines as of now; nothing of a story that has printed nothing."""
        known = self._known
        self._known = {}
        for name, story in list(_at_work(document))[:STORIES_MAX]:
            found = _log_of(self._layout.attempt(*name, story.attempt), story.state)
            if found is None:
                continue
            stamp, log = found
            before = known.get(name)
            is_same = before is not None and before[0] == stamp
            line = before[1] if before is not None and is_same else _last_line(log)
            self._known[name] = stamp, line
        told = self._known.items()
        return {name: _silence(document.at, stamp) + line for name, (stamp, line) in told if line}


def _at_work(document: StatusDocument) -> Iterator[tuple[StoryName, StoryStatus]]:
    for prd in document.prds:
        if prd.state != ACTIVE:
            continue
        for story in prd.stories:
            if story.worktree and story.attempt and story.state not in _AT_REST:
                yield (prd.id, story.id), story


def _log_of(attempt: Path, state: str) -> tuple[_Stamp, Path] | None:
    """The log that was written last: an agent's, or that of what verifies its work.

    While the agent runs it is the agent's as soon as that says something: what is verified
    meanwhile is the base.
    """
    found = []
    for path in attempt.glob("*.log"):
        try:
            told = path.stat()
        except OSError:
            continue
        found.append(((path.name, told.st_mtime_ns, told.st_size), path))
    said = [each for each in found if state == RUNNING and each[0][0] == AGENT_LOG and each[0][2]]
    return max(said or found, key=lambda each: each[0][1], default=None)


def _silence(at: float, stamp: _Stamp) -> str:
    """For how long nothing has followed, where that is long: who hangs is seen at a glance."""
    minutes = int((at - stamp[1] / 1e9) // 60)
    return f"silent {counted(minutes, 'minute')}: " if minutes > 0 else ""


def _last_line(log: Path) -> str:
    lines = last_lines(log, LINES_LOOKED_AT)
    return next((line.strip() for line in reversed(lines) if line.strip()), "")

"""The story of one child, as the journals tell it, looked at again and again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from ...shell.control.stories import named
from ...shell.control.targets import Target, TargetError
from ...shell.storage import chronicle
from ...shell.storage.chronicle import Chronicle
from ...shell.storage.eventlog import Event
from ...shell.storage.journal import JOURNAL
from ...shell.storage.layout import Layout
from ..errors import UsageError
from ..known import known_board


class ChildStory:
    """It is read again only when a journal has changed."""

    def __init__(self, tell: Callable[[], Chronicle], journals: Sequence[Path]) -> None:
        self._tell = tell
        self._journals = journals
        self._seen: object = None
        self._count = 0
        self.gaps: tuple[str, ...] = ()

    def look(self) -> list[Event]:
        """What has come since the look before."""
        state = [_state_of(path) for path in self._journals]
        if state == self._seen:
            return []
        told = self._tell()
        new = list(told.events[self._count :])
        self._seen, self._count, self.gaps = state, len(told.events), told.gaps
        return new


def story_of(layout: Layout, child: str) -> ChildStory:
    """The story of root, of a PRD or of a story."""
    roots = layout.state_dir / JOURNAL
    if child == "root":
        return ChildStory(lambda: chronicle.of_root(layout), [roots, layout.events])
    (target,) = targets_of(layout, (child,))
    prd_id, story_id = target.prd_id, target.story_id
    journals = [roots, layout.prd(prd_id) / JOURNAL]
    if story_id:
        return ChildStory(lambda: chronicle.of_story(layout, prd_id, story_id), journals)
    return ChildStory(lambda: chronicle.of_prd(layout, prd_id), journals)


def targets_of(layout: Layout, names: Collection[str]) -> list[Target]:
    """The PRDs and stories that are called so."""
    try:
        return named(layout, known_board(layout), names) if names else []
    except TargetError as error:
        raise UsageError(str(error)) from None


def _state_of(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns

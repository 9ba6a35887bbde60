"""What the journals of a repository tell in place of a root that does not."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from ..shell.status.document import NOT_ANSWERING, RootStatus, StatusDocument
from ..shell.storage.layout import Layout

LOOK_EVERY_S = 1.0


class Holder(Struct, frozen=True, kw_only=True):
    """Who holds root's lock, as far as it says."""

    pid: int | None = None
    started_at: float | None = None


class Journals:
    """Reads them again when one has changed, and not more often than once a second."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._found: tuple[StatusDocument, float] | None = None
        self._holder: Holder | None = None  # of which, and of journals in this state, it is
        self._state: list[tuple[int, int, int] | None] = []
        self._read_s = 0.0

    def holder(self) -> Holder | None:
        """The root that lives; None if none does. One that ended well has emptied its lock."""
        with contextlib.suppress(OSError):
            if not self._layout.root_lock.stat().st_size:
                return None
        from ..shell.storage.locks import holder_of  # noqa: PLC0415  as in _read

        found = holder_of(self._layout.root_lock)
        if found is None:
            return None
        pid, started = found.get("pid"), found.get("started_at")
        return Holder(
            pid=pid if isinstance(pid, int) else None,
            started_at=float(started) if isinstance(started, int | float) else None,
        )

    def look(self, holder: Holder | None) -> tuple[StatusDocument, float]:
        """The document, and the moment of the last word; raises FatalError of damaged journals."""
        is_recent = time.monotonic() - self._read_s < LOOK_EVERY_S and holder == self._holder
        if self._found is not None and is_recent:
            return self._found
        state = [_state_of(path) for path in self._files()]
        if self._found is None or holder != self._holder or state != self._state:
            self._found = self._read(holder)
        self._holder, self._state, self._read_s = holder, state, time.monotonic()
        return self._found

    def _read(self, holder: Holder | None) -> tuple[StatusDocument, float]:
        # Half of the program: who finds a root that answers does not need it.
        from ..shell.root.agents import agents_status  # noqa: PLC0415
        from ..shell.root.boots import reboot_text  # noqa: PLC0415
        from ..shell.status.making import status_of  # noqa: PLC0415
        from .known import known_board  # noqa: PLC0415

        board = known_board(self._layout, is_root_alive=holder is not None)
        root = RootStatus(note=board.damage or reboot_text(board))
        if holder is not None:
            root = RootStatus(pid=holder.pid, started_at=holder.started_at, state=NOT_ANSWERING)
        # Of a root that says nothing, only what stands in the journals is known to be so.
        heard_at = board.heard_at or time.time()
        at = time.time() if holder is None else heard_at
        return status_of(board, root, at, agents=agents_status(board.accounts)), heard_at

    def _files(self) -> Iterator[Path]:
        prds = self._layout.state_dir / "prds"
        names = sorted(prds.iterdir()) if prds.is_dir() else []
        for folder in (self._layout.state_dir, *names):
            yield folder / "journal.log"
            yield folder / "snapshot.json"


def _state_of(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns

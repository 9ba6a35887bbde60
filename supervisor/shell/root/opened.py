"""The state on disk as root finds it when it begins: taken over, mended and compact."""

from __future__ import annotations

from msgspec import Struct

from ..board import Board
from ..service.manager import is_service
from ..service.unit import about_root
from ..storage.layout import Layout
from ..storage.locks import RootLock
from ..storage.offline import ROOT_KINDS, board_of, root_snapshot
from ..storage.store import Store
from ..storage.taking_over import take_over
from ..storage.versions import program_version


class Opened(Struct, frozen=True, kw_only=True):
    """What root goes on from; `taken_over` and `mended` are for people."""

    board: Board
    store: Store
    taken_over: str

    @property
    def mended(self) -> tuple[str, ...]:
        """What was damaged, a sentence each."""
        return self.store.mended


def lock_root(layout: Layout, started_at: float) -> RootLock:
    """Take root's lock; raises LockBusyError. Who comes second reads who holds it."""
    layout.state_dir.mkdir(mode=0o700, exist_ok=True)
    about = about_root(started_at) | {"version": program_version()}
    return RootLock(layout.root_lock, about)


def open_state(layout: Layout) -> Opened:
    """Open it, with root's lock held; raises StoreError or OSError, nothing changed."""
    taken_over = take_over(layout)
    board = board_of(layout)
    store = Store(layout.state_dir, ROOT_KINDS)
    # Who types a start clears the window of restarts.
    store.compact(root_snapshot(store.stored, keeps_restarts=is_service()))
    return Opened(board=board, store=store, taken_over=taken_over)

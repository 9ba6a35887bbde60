"""What root takes hold of first: its lock, and its journal."""

from __future__ import annotations

import os

from ....workers.process.boot import read_boot
from ..service.unit import about_service
from ..storage.layout import Layout
from ..storage.locks import RootLock
from ..storage.offline import ROOT_KINDS, root_snapshot
from ..storage.store import Store


def take_lock(layout: Layout, started_at: float) -> RootLock:
    """Take the lock that root holds for life; LockBusyError says who holds it."""
    layout.state_dir.mkdir(mode=0o700, exist_ok=True)
    about = {
        "pid": os.getpid(),
        "started_at": started_at,
        "boot": read_boot(),
        **about_service(),
    }
    return RootLock(layout.root_lock, about)


def open_store(layout: Layout) -> Store:
    """Open root's journal for writing; what it told is a snapshot then."""
    store = Store(layout.state_dir, ROOT_KINDS)
    store.compact(root_snapshot(store.stored))
    return store

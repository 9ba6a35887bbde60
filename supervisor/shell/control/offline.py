"""Orders where no root runs: they are journalled, and the next root goes by them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from ...core.root.records import RootRecord
from ..storage.layout import Layout
from ..storage.locks import RootLock
from ..storage.offline import ROOT_KINDS
from ..storage.store import Store
from ..storage.taking_over import take_over


@contextmanager
def no_root(layout: Layout) -> Iterator[None]:
    """See that none comes up meanwhile; raises LockBusyError where one has."""
    lock = RootLock(layout.root_lock, {"pid": os.getpid(), "started_at": time.time()})
    try:
        take_over(layout)
        yield
    finally:
        lock.close()


def journal(layout: Layout, records: Sequence[RootRecord]) -> None:
    """Write them durably into root's journal; raises StoreError or OSError."""
    store = Store(layout.state_dir, ROOT_KINDS)
    try:
        for record in records:
            store.append(record, at=time.time())
        store.flush()
    finally:
        store.close()

"""Records for a store, and a disk that is full until it is not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prd_supervise.supervisor.shell.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A record that says how many there were before it."""

    number: int
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A record of another kind."""

    name: str
    parts: tuple[str, ...] = ()


KINDS = (Counted, Named)


@contextmanager
def full_disk(store: Store) -> Iterator[None]:
    """Have every write of the store's journal fail with ENOSPC: it goes to /dev/full."""
    journal = os.dup(store._fd)
    full = os.open("/dev/full", os.O_WRONLY | os.O_CLOEXEC)
    os.dup2(full, store._fd, inheritable=False)
    os.close(full)
    try:
        yield
    finally:
        os.dup2(journal, store._fd, inheritable=False)
        os.close(journal)

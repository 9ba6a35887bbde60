"""Records for a store, and a disk that is full until it is not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from prd_supervise.supervisor.shell.storage.store import Store


class Counted(Struct, frozen=True, kw_only=True):
    """A record that says how many there were before it."""

    number: int
    text: str = ""


class Named(Struct, frozen=True, kw_only=True):
    """A record of another kind."""

    name: str
    parts: tuple[str, ...] = ()


KINDS = (Counted, Named)


@contextmanager
def full_disk(store: Store) -> Iterator[None]:
    """Have every write of the store's journal fail with ENOSPC: it goes to /dev/full."""
    with journal_is(store, os.open("/dev/full", os.O_WRONLY | os.O_CLOEXEC)):
        yield


@contextmanager
def broken_disk(store: Store) -> Iterator[None]:
    """Have every write of the store's journal fail with EIO: there is no memory at address 0."""
    with journal_is(store, os.open("/proc/self/mem", os.O_WRONLY | os.O_CLOEXEC)):
        yield


@contextmanager
def lying_disk(store: Store) -> Iterator[None]:
    """Have the store's journal take what is written, and fail to make it durable: a pipe."""
    theirs, ours = os.pipe()
    with journal_is(store, ours):
        yield
    os.close(theirs)


@contextmanager
def journal_is(store: Store, fd: int) -> Iterator[None]:
    """Put another file, which is given away, in the place of the journal."""
    journal = os.dup(store._fd)
    os.dup2(fd, store._fd, inheritable=False)
    os.close(fd)
    try:
        yield
    finally:
        os.dup2(journal, store._fd, inheritable=False)
        os.close(journal)

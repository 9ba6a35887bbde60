"""Who may hold a lock file of git's: it is a leftover only where nobody alive can have made it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from msgspec import Struct
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from ...process import capabilities
from ...process.process_table import (
    read_commands,
    read_proc,
    read_process,
    read_start_ticks,
)
from ..place import Place
from ..standstill import announce

# What shows and never writes: a pager that somebody left open holds such a git for days.
_READERS = frozenset(
    {
        b"blame",
        b"cat-file",
        b"diff",
        b"grep",
        b"log",
        b"ls-files",
        b"rev-list",
        b"shortlog",
        b"show",
    }
)
_OPTIONS_WITH_VALUE = frozenset({b"-c", b"-C", b"--git-dir", b"--work-tree", b"--namespace"})
_PLACES_IN_ENVIRONMENT = (b"GIT_DIR=", b"GIT_COMMON_DIR=", b"GIT_WORK_TREE=", b"GIT_INDEX_FILE=")
_WORDS_BYTES_MAX = 60


# How long a living process may keep us waiting: git needs milliseconds, a user's hook more.
WAIT_S = 10.0
_POLL_S = 0.02


class Holder(Struct, frozen=True, kw_only=True):
    """A process that may hold a lock; `words` is its command, cut short, for people."""

    pid: int
    start_ticks: int
    words: str

    @property
    def is_alive(self) -> bool:
        """Say whether it still runs."""
        found = read_process(self.pid)
        if found is None or found.is_zombie:
            return False
        return found.start_ticks == self.start_ticks

    def __str__(self) -> str:
        """Name it for people."""
        return f"{self.pid} ({self.words})"


def holders_of(lock: Path | None, folders: Iterable[Path]) -> tuple[Holder, ...]:
    """Find who has the lock open, and each git at work in these folders.

    Git closes a lock file before it moves it into its place, so that an open file alone shows too
    little. Who starts later cannot hold a lock that is there already.
    """
    places = tuple(os.fsencode(folder) for folder in folders)
    found = []
    for pid, words in read_commands().items():
        if (lock is not None and _has_open(pid, lock)) or (
            _is_writing_git(words) and _works_in(pid, words, places)
        ):
            text = b" ".join(words)[:_WORDS_BYTES_MAX].decode("utf-8", "replace").strip()
            found.append(Holder(pid=pid, start_ticks=read_start_ticks(pid) or 0, words=text))
    return tuple(each for each in found if each.is_alive)


def wait_for_nobody(lock: Path | None, folders: tuple[Path, ...]) -> tuple[Holder, ...]:
    """Wait until all that may hold the lock, or work in these folders, are gone.

    Only who is there now counts: the lock is older than whoever comes. Gives those who stay.
    """
    found = holders_of(lock, folders)
    wait_while(lambda: any(holder.is_alive for holder in found))
    return tuple(holder for holder in found if holder.is_alive)


def wait_while(is_so: Callable[[], bool]) -> None:
    """Wait until it is so no longer, for a while."""
    announce(WAIT_S)
    Retrying(
        stop=stop_after_delay(WAIT_S),
        wait=wait_fixed(_POLL_S),
        retry=retry_if_result(bool),
        retry_error_callback=lambda _state: None,
    )(is_so)


def repository_folders(place: Place) -> tuple[Path, ...]:
    """All folders in which a git can work on this repository."""
    pointers = place.common_dir.glob("worktrees/*/gitdir")
    linked = (Path(os.fsdecode(pointer.read_bytes()).rstrip("\n")).parent for pointer in pointers)
    main = (place.common_dir.parent,) if place.common_dir.name == ".git" else ()
    checkout = Path(os.path.realpath(place.checkout))
    return (place.common_dir, place.worktrees, checkout, *main, *linked)


def _is_writing_git(words: list[bytes]) -> bool:
    name = words[0].rpartition(b"/")[2]
    if name != b"git":
        return name.startswith(b"git-")
    rest = iter(words[1:])
    for word in rest:
        if word in _OPTIONS_WITH_VALUE:
            next(rest, b"")
        elif not word.startswith(b"-"):
            return word not in _READERS
    return False


def _works_in(pid: int, words: list[bytes], places: tuple[bytes, ...]) -> bool:
    if not capabilities.HERE.procfs:
        return True  # nobody tells where it works, so anywhere
    named = [word for word in read_proc(pid, "environ").split(b"\0") if _names_place(word)]
    with suppress(OSError):
        named.append(os.fsencode(os.readlink(f"/proc/{pid}/cwd")))  # noqa: PTH115  bytes and no Path
    said = [word + b"/" for word in (*words, *named)]
    return any(place + b"/" in word for place in places for word in said)


def _names_place(variable: bytes) -> bool:
    return variable.startswith(_PLACES_IN_ENVIRONMENT)


def _has_open(pid: int, lock: Path) -> bool:
    with suppress(OSError), os.scandir(f"/proc/{pid}/fd") as descriptors:
        for descriptor in descriptors:
            with suppress(OSError):
                if os.readlink(descriptor.path) == str(lock):  # noqa: PTH115  thousands of them
                    return True
    return False

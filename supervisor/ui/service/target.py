"""What a command of the service is about: a repository, its unit, and the user's folders."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from ..errors import FatalError, UsageError
from .escaping import NotSayableError
from .own_program import home_of
from .places import state_folder, units_folder
from .units import instance_name


class Target(Struct, frozen=True, kw_only=True):
    """One repository's unit."""

    repository: str
    unit: str
    folder: Path  # for units
    state: Path
    home: Path


def target_of(repository: str) -> Target:
    """Where all of it lies."""
    home = home_of(os.environ)
    try:
        unit = instance_name(repository)
    except NotSayableError as error:
        raise UsageError(str(error)) from None
    return Target(
        repository=repository,
        unit=unit,
        folder=units_folder(home, os.environ),
        state=state_folder(home, os.environ),
        home=home,
    )


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Change services of this user while nobody else does: by a lock on the folder itself."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise FatalError(f"{folder}: cannot be used for units: {error.strerror}") from None
    try:
        _lock(handle, folder)
        yield
    finally:
        os.close(handle)


def _lock(handle: int, folder: Path) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FatalError(
            f"{folder}: another `prd-supervise service` is at work here; try again after it"
        ) from None
    except OSError:  # file systems of a network lock no folders, and go without
        return

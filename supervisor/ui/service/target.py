"""What a command of the service is about: a repository, its unit, and the user's folders."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from ...shell.storage.locks import LockBusyError, RootLock
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
def alone(target: Target) -> Iterator[None]:
    """Change a service while nobody else does."""
    path = target.state / "service.lock"
    try:
        lock = RootLock(path, {"pid": os.getpid()})
    except LockBusyError as busy:
        raise FatalError(
            f"{path}: another `prd-supervise service` is at work ({busy}); wait for it"
        ) from None
    except OSError as error:
        raise FatalError(f"{path}: {error.strerror}; it has to be writable by you") from None
    try:
        yield
    finally:
        lock.close()

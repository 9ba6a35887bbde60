"""Orders that are journalled because no root runs: where, and what people are told if not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...shell.storage.found import StoreError
from ...shell.storage.locks import LockBusyError
from ..errors import FatalError
from ..place import Place, place_of


def place_with_state(folder: Path) -> Place | None:
    """The repository with its settings; None where nothing was run in it yet."""
    place = place_of(folder, {})
    return place if place.layout.state_dir.is_dir() else None


@contextmanager
def journalling() -> Iterator[None]:
    """Say in a line what kept the journal from being written."""
    try:
        yield
    except LockBusyError:
        raise FatalError("root has just come up here; ask once more") from None
    except (OSError, StoreError) as error:
        raise FatalError(f"cannot write the state: {error}") from None

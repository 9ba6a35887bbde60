"""Where a command works: the repository, what was run there, and who runs there now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from ..shell.board import Board, Row
from ..shell.repository.checkout import Checkout, RepositoryError, find_checkout
from ..shell.storage.layout import Layout
from ..shell.storage.offline import board_of
from ..shell.storage.store import StoreError
from .errors import FatalError, UsageError


def checkout_of(folder: Path) -> Checkout:
    """Find the checkout that the folder lies in."""
    try:
        return find_checkout(folder)
    except RepositoryError as error:
        raise UsageError(str(error)) from None


def layout_of(folder: Path) -> Layout:
    """Where the state of the folder's repository lies."""
    return checkout_of(folder).layout()


def known_board(layout: Layout, *, is_root_alive: bool = False) -> Board:
    """What earlier runs have left, or one that lives and does not answer."""
    try:
        return board_of(layout, is_root_alive=is_root_alive)
    except StoreError as error:
        raise FatalError(str(error)) from None


def row_named(board: Board, name: str) -> Row:
    """The PRD of this id, among those that were run."""
    if name not in board.rows:
        known = ", ".join(board.rows) or "none yet"
        raise UsageError(f"{name}: no PRD of this id was run here; there are: {known}")
    return board.rows[name]


def already_running(holder: Mapping[str, object]) -> str:
    """Say who holds the lock."""
    started = holder.get("started_at")
    since = ""
    if isinstance(started, int | float):
        since = f" since {datetime.fromtimestamp(started).astimezone():%Y-%m-%d %H:%M:%S}"
    return (
        f"root already runs here: pid {holder.get('pid', '?')}{since}; "
        "`prd-supervise status` shows it, `prd-supervise start PRD` hands a PRD to it"
    )

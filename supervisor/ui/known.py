"""What was run in a repository, by its journals."""

from __future__ import annotations

from ..shell.board import Board, Row
from ..shell.control.targets import unknown_prd
from ..shell.storage.found import AnotherVersionError, StoreError
from ..shell.storage.layout import Layout
from ..shell.storage.offline import board_of
from .errors import FatalError, StateError, UsageError


def known_board(layout: Layout, *, is_root_alive: bool = False) -> Board:
    """What earlier runs have left, or one that lives and does not answer."""
    try:
        return board_of(layout, is_root_alive=is_root_alive)
    except AnotherVersionError as error:
        raise StateError(str(error)) from None
    except StoreError as error:
        raise FatalError(str(error)) from None
    except OSError as error:
        why = f"{error.filename}: {error.strerror}"
        raise FatalError(f"{why}; what runs have left has to be readable by you") from None


def row_named(board: Board, name: str) -> Row:
    """The PRD of this id, among those that were run."""
    if name not in board.rows:
        raise UsageError(unknown_prd(name, board.rows))
    return board.rows[name]

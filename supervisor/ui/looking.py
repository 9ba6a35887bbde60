"""Looking at a tree again and again: its status and its events, whether a root answers or not."""

from __future__ import annotations

import time

from msgspec import Struct, convert

from ..shell.control.client import NoRootError, RootClient
from ..shell.root.agents import agents_status
from ..shell.status.document import RootStatus, StatusDocument
from ..shell.status.making import status_of
from ..shell.storage.eventlog import Event
from ..shell.storage.layout import Layout
from .whereabouts import known_board

ANSWER_S = 2.0


class Look(Struct, frozen=True, kw_only=True):
    """What one look has found; `events` are those since the look before."""

    document: StatusDocument
    taken_at: float
    is_live: bool
    problem: str = ""
    events: tuple[Event, ...] = ()


class Looker:
    """Asks root, and reads the journals where none answers within two seconds."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def look(self) -> Look:
        """Look once more."""
        try:
            root = RootClient(self._layout.open_socket)
            answer = root.ask("status")
            root.close()
        except NoRootError as error:
            board = known_board(self._layout)
            now = time.time()
            told = status_of(board, RootStatus(), now, agents=agents_status(board.accounts))
            return Look(document=told, taken_at=now, is_live=False, problem=str(error))
        document = convert(answer["status"], StatusDocument)
        return Look(document=document, taken_at=document.at, is_live=True)

"""registry.json: written as a whole whenever what it shows has changed."""

from __future__ import annotations

import contextlib
import json
import time
from pathlib import Path

from ..board import Board
from .atomic import write_atomically


class RegistryFile:
    """The public snapshot. It is derived: a full disk costs nothing but its freshness."""

    def __init__(self, path: Path, max_prds: int, api_limit: int) -> None:
        self.is_stale = True
        self._path = path
        self._max_prds = max_prds
        self._api_limit = api_limit

    def write(self, board: Board) -> None:
        """Write it, if it is stale."""
        if not self.is_stale:
            return
        document = board.registry(
            max_prds=self._max_prds, api_limit=self._api_limit, now=time.time()
        )
        with contextlib.suppress(OSError):
            write_atomically(self._path, json.dumps(document, indent=1).encode() + b"\n")
            self.is_stale = False

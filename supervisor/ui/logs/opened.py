"""A log that is open to people: what was read, as it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .reading import Reader
from .rendering.pieces import Line
from .rendering.renderer import CommandRenderer, Renderer

_BY_AGENTS = frozenset({"agent.log", "review.log"})


class Opened:
    """Gives what has come since, again and again."""

    def __init__(self, log: Path, offset: int = 0) -> None:
        self.reader = Reader(log, offset)
        self.renderer = Renderer() if log.name in _BY_AGENTS else CommandRenderer()

    def lines(self, bytes_max: int | None = None) -> Iterator[Line]:
        """What has come since, of so many bytes at most."""
        for line in self.reader.lines(bytes_max):
            yield from self.renderer.feed(line.decode(errors="replace"))

    def rest(self) -> Iterator[Line]:
        """What is not whole yet: nobody waits for the rest of it."""
        yield from self.renderer.rest()
        for line in self.reader.rest():
            yield from self.renderer.feed(line.decode(errors="replace"))
            yield from self.renderer.rest()

"""Descriptors and pipes of a simulated kernel: who holds what, and what waits to be read."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

from tests.simulation.things import End, ExitFd, Open, Proc

TORN = 0.05  # the share of writes that go in part
FULL_S = 0.3
BUFFER_BYTES = 1 << 15


class Descriptors:
    """The part of a kernel that has descriptors."""

    chance: random.Random
    now_s: float
    procs: dict[int, Proc]

    def poke(self, proc: Proc) -> None:
        """Look soon whether the process can go on."""
        raise NotImplementedError

    def at(self, at_s: float, callback: Callable[[], None]) -> None:
        """Do something later."""
        raise NotImplementedError

    def soon(self, late_s: float) -> float:
        """A moment from now on, not later than this."""
        return self.now_s + self.chance.random() * late_s

    def open(self, proc: Proc, what: Open) -> int:
        """Give a process a descriptor of it."""
        number = next(n for n in itertools.count(10) if n not in proc.fds)
        proc.fds[number] = what
        what.holders += 1
        return number

    def close(self, proc: Proc, number: int) -> None:
        """Close a descriptor."""
        what = proc.fds.pop(number)
        self.let_go(what)

    def let_go(self, what: Open) -> None:
        """Count one holder less."""
        what.holders -= 1
        if what.holders > 0:
            return
        if what.on_close is not None:
            what.on_close()
        if isinstance(what, End):
            what.is_gone = True
            if what.lock is not None:
                self.let_go(what.lock)
                what.lock = None
            if what.peer is not None:
                what.peer.is_hung_up = True
                self._poke_holders(what.peer)

    def _poke_holders(self, what: Open) -> None:
        for proc in tuple(self.procs.values()):
            if what in proc.fds.values():
                self.poke(proc)

    def pair(self) -> tuple[End, End]:
        """Two ends that are connected."""
        left, right = End(), End()
        left.peer, right.peer = right, left
        return left, right

    def send(self, end: End, data: bytes) -> int:
        """Write what goes: as a full buffer does, chance takes a part, or nothing, for now."""
        peer = end.peer
        assert peer is not None
        if peer.is_gone:
            raise BrokenPipeError
        room = BUFFER_BYTES - len(peer.incoming)
        if room <= 0 or (self.now_s < end.is_full_until_s):
            raise BlockingIOError
        taken = data[:room]
        if self.chance.random() < TORN:
            taken = taken[: self.chance.randint(1, len(taken))]
            end.is_full_until_s = self.soon(FULL_S)
            self.at(end.is_full_until_s, lambda: self._poke_holders(end))
        peer.incoming += taken
        self._poke_holders(peer)
        return len(taken)

    def receive(self, end: End, size: int) -> bytes:
        """Read what has arrived."""
        if not end.incoming:
            if end.is_hung_up:
                return b""
            raise BlockingIOError
        data = bytes(end.incoming[:size])
        del end.incoming[: len(data)]
        if end.peer is not None:
            self._poke_holders(end.peer)
        return data

    def is_readable(self, what: Open) -> bool:
        """Say whether reading would not block."""
        if isinstance(what, End):
            return bool(what.incoming) or what.is_hung_up
        return isinstance(what, ExitFd) and what.process is not None and not what.process.is_alive

    def is_writable(self, what: Open) -> bool:
        """Say whether writing would not block."""
        if not isinstance(what, End) or what.peer is None:
            return True
        has_room = len(what.peer.incoming) < BUFFER_BYTES and self.now_s >= what.is_full_until_s
        return what.peer.is_gone or has_room

"""Story workers that are warm: started and ready before it is known which story they will serve.

No supervisor knows of a spare: until it is taken it is a part of how workers are started. One that
dies is missed, not restarted; all die with this process, like any child. A spare does not beat and
is not watched, so that it costs nothing: one that somebody has stopped is found when it is wanted.
"""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable
from multiprocessing.connection import Connection

from ....workers.process.lock_handover import give, make_door
from .processes import Processes

UNFIT = "a spare that does not answer, killed"

Start = Callable[[str, int, Connection], None]  # child id, incarnation, the child's end of the door


class Spares:
    """The warm workers of one PRD, and the doors by which they get their story's lock."""

    def __init__(self, processes: Processes, start: Start) -> None:
        self._processes = processes
        self._start = start
        self._doors: dict[str, socket.socket] = {}
        self._numbers = itertools.count(1)

    def keep(self, wanted: int) -> None:
        """Start what is missing. One that is stopped counts: the whole tree may be waking up."""
        self._forget({None})
        while len(self._doors) < wanted:
            number = next(self._numbers)
            name = f"spare/{number}"
            self._doors[name] = self._start_with_door(name, number)

    def become(self, child_id: str, incarnation: int, lock: Connection) -> None:
        """Give a spare, or a new worker where none is left, its place in the tree and the lock.

        OSError or ProgramReplacedError if none can be started; the lock is free again then.
        """
        self._forget({None, True})
        with lock:
            if not self._has_become(child_id, incarnation, lock):
                give(self._start_with_door(child_id, incarnation), lock)

    def _has_become(self, child_id: str, incarnation: int, lock: Connection) -> bool:
        while self._doors:
            name = next(iter(self._doors))  # the oldest is the warmest
            try:
                give(self._doors.pop(name), lock)
            except OSError:  # it is dying just now
                self._processes.condemn(name, UNFIT)
                continue
            self._processes.rename(name, child_id, incarnation)
            return True
        return False

    def _start_with_door(self, child_id: str, incarnation: int) -> socket.socket:
        ours, theirs = make_door()
        try:
            self._start(child_id, incarnation, theirs)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return ours

    def _forget(self, unfit: set[bool | None]) -> None:
        """Pass over spares that are gone (None) or, where one is wanted, stopped (True)."""
        for name in tuple(self._doors):
            if self._processes.is_stopped(name) in unfit:
                self._doors.pop(name).close()
                self._processes.condemn(name, UNFIT)

"""Story workers that are warm: started and ready before it is known which story they will serve.

No supervisor knows of a spare: until it is taken it is a part of how workers are started. One that
dies is missed, not restarted; all die with this process, like any child.
"""

from __future__ import annotations

import itertools
import socket
from collections.abc import Callable
from multiprocessing.connection import Connection

from ...workers.lock_handover import give, make_door
from .processes import Processes

Start = Callable[[str, int, Connection], None]  # child id, incarnation, the child's end of the door


class Spares:
    """The warm workers of one PRD, and the doors by which they get their story's lock."""

    def __init__(self, processes: Processes, start: Start) -> None:
        self._processes = processes
        self._start = start
        self._doors: dict[str, socket.socket] = {}
        self._numbers = itertools.count(1)

    def keep(self, wanted: int) -> None:
        """Start what is missing."""
        self._forget_dead()
        while len(self._doors) < wanted:
            number = next(self._numbers)
            name = f"spare/{number}"
            self._doors[name] = self._start_with_door(name, number)

    def become(self, child_id: str, incarnation: int, lock: Connection) -> None:
        """Give a spare, or a new worker where none is left, its place in the tree and the lock.

        OSError if none can be started; the lock is free again then.
        """
        self._forget_dead()
        with lock:
            if self._doors:
                name, door = next(iter(self._doors.items()))  # the oldest is the warmest
                del self._doors[name]
                self._processes.rename(name, child_id, incarnation)
            else:
                door = self._start_with_door(child_id, incarnation)
            give(door, lock)

    def _start_with_door(self, child_id: str, incarnation: int) -> socket.socket:
        ours, theirs = make_door()
        try:
            self._start(child_id, incarnation, theirs)
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        return ours

    def _forget_dead(self) -> None:
        for name in [name for name in self._doors if self._processes.pid_of(name) is None]:
            self._doors.pop(name).close()

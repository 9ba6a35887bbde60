"""A lock that is handed to a process which lives already: its open file, through a door of its own.

A worker is started before it is known which story it will serve, so the lock of that story cannot
come with its start. What is on its way through the door holds the lock, too.
"""

from __future__ import annotations

import os
import socket
from multiprocessing.connection import Connection


def make_door() -> tuple[socket.socket, Connection]:
    """Make the two ends: ours to give by, and one that can be an argument of a spawned process."""
    ours, theirs = socket.socketpair()
    with theirs:
        return ours, Connection(os.dup(theirs.fileno()))


def give(door: socket.socket, lock: Connection) -> None:
    """Hand a lock over; what the giver holds of it is still to be closed."""
    with door:
        socket.send_fds(door, [b"L"], [lock.fileno()])


def take(door: Connection) -> int:
    """Take the lock that was handed over before: the descriptor to keep open and to pass on."""
    with socket.socket(fileno=os.dup(door.fileno())) as end:
        _, descriptors, _, _ = socket.recv_fds(end, 1, 1)
    if not descriptors:
        raise AssertionError("a story worker was given a story before its lock")
    return descriptors[0]

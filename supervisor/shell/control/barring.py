"""Orders are for people: an agent that stops the tree, or approves of itself, is refused."""

from __future__ import annotations

from collections.abc import Collection

from ....workers.process.process_table import read_process

REFUSED = (
    "this is asked from inside a story, by its agent or a verify command; orders are for people,"
    " who type them outside of it"
)
_GENERATIONS_MAX = 1000  # numbers that are used again could close a circle


def is_below(pid: int | None, supervisors: Collection[int]) -> bool:
    """Say whether a process descends from one of these, as far as the kernel tells.

    Who loses its parent below a supervisor of ours becomes the child of one: none escapes so.
    """
    for _ in range(_GENERATIONS_MAX):
        if pid is None or pid <= 1:
            return False
        if pid in supervisors:
            return True
        process = read_process(pid)
        pid = None if process is None else process.parent
    return False

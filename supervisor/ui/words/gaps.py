"""What the journals of a folder can no longer tell, in words."""

from __future__ import annotations

from ....policies.counting import counted
from ...shell.storage.history import History


def gaps_of(name: str, history: History) -> tuple[str, ...]:
    """A line each for what was dropped and what is damaged; `name` is root, or the PRD's."""
    found = []
    if history.is_cut:
        found.append(f"the oldest records of {name} are no longer kept: it took more than this")
    if history.unreadable:
        found.append(f"{counted(history.unreadable, 'line')} of {name}'s journals cannot be read")
    return tuple(found)

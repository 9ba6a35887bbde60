"""Whom the kernel's OOM killer takes first: agents before workers, these before supervisors.

It weighs memory, and this number on top: what is lost with an agent is an attempt, with root a
night. Everybody may raise it for his own; where there is no such file (macOS, a sandbox), nothing
happens.
"""

from __future__ import annotations

from contextlib import suppress

AGENT = 500  # of 1000: before most of what else runs, too
STEP = 50  # from a parent to its children
_MOST = 1000


def go_before_parent() -> None:
    """Let this process, and what it will start, be taken before the one that has started it."""
    with suppress(OSError, ValueError):
        _write("self", _own() + STEP)


def offer(pid: int) -> None:
    """Put an agent, or a verify command, and what it will fork, before all supervisors."""
    with suppress(OSError, ValueError):  # it is gone, perhaps
        _write(str(pid), max(AGENT, _own() + STEP))


def _own() -> int:
    with open("/proc/self/oom_score_adj", encoding="ascii") as file:  # noqa: PTH123  on every start
        return int(file.read())


def _write(whose: str, score: int) -> None:
    with open(f"/proc/{whose}/oom_score_adj", "w", encoding="ascii") as file:  # noqa: PTH123
        file.write(f"{min(_MOST, score)}")

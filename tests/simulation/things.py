"""What a simulated kernel keeps: processes, and what their descriptors refer to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import greenlet

INIT = 1


class KilledError(BaseException):
    """The process is dead: none of its code runs any more."""


class ExitedError(BaseException):
    """The process has called _exit."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True, eq=False)
class Open:
    """Something that descriptors refer to; it is closed with the last of them."""

    holders: int = 0
    on_close: Callable[[], None] | None = None


@dataclass(slots=True, eq=False)
class End(Open):
    """One end of a pair of pipes."""

    peer: End | None = None
    incoming: bytearray = field(default_factory=bytearray)
    is_hung_up: bool = False  # nothing more will come
    is_gone: bool = False  # nobody holds this end any more
    is_full_until_s: float = 0.0
    lock: Open | None = None  # handed over by this way


@dataclass(slots=True, eq=False)
class ExitFd(Open):
    """A pidfd."""

    process: Proc | None = None


@dataclass(slots=True, eq=False, kw_only=True)
class Proc:
    """A process, from its start to when it is reaped."""

    pid: int
    parent: int
    start_ticks: int
    role: str
    session: int = 0
    about: tuple[str, ...] = ()  # what it works on, for the invariants
    body: greenlet.greenlet | None = None
    fds: dict[int, Open] = field(default_factory=dict)
    handlers: dict[int, Any] = field(default_factory=dict)
    wakeup_fd: int = -1
    blocked: set[int] = field(default_factory=set)
    pending: set[int] = field(default_factory=set)
    death_signal: int = 0
    is_subreaper: bool = False
    is_stopped: bool = False
    sleeps_until_s: float = 0.0  # in the kernel: no signal reaches it before
    dies_in_calls: int = -1
    status: int | None = None  # as waitpid tells it
    is_gone: bool = False  # reaped
    ready: Callable[[], bool] = lambda: False
    until_s: float = float("inf")
    is_queued: bool = False
    orphan_since_s: float | None = None
    ignores_term: bool = False
    notes: set[int] = field(default_factory=set)  # that waitid tells: stopped, continued

    @property
    def is_alive(self) -> bool:
        """Say whether it is there and no zombie."""
        return self.status is None

"""What SIGTERM and SIGINT mean to root."""

from __future__ import annotations

import signal
from typing import Protocol

from ....policies.supervising.shutdown import HURRIED_GRACE_S
from ....workers.process.entry import leave
from ...core.root.step import EXIT_STOPPED
from ..run_settings import RootSettings


class Stopping(Protocol):
    """What can be stopped."""

    settings: RootSettings

    def stop(self, grace_s: float) -> None:
        """Stop within this time."""


class StopSignals:
    """The first asks, the second hurries, the third ends everything at once."""

    def __init__(self, root: Stopping) -> None:
        self._root = root
        self._count = 0

    def __call__(self) -> None:
        """Hear one more."""
        self._count += 1
        if self._count > 2:  # noqa: PLR2004  the third
            leave(EXIT_STOPPED)
        grace_s = self._root.settings.grace_s
        self._root.stop(grace_s if self._count == 1 else min(HURRIED_GRACE_S, grace_s))


def hear_no_more() -> None:
    """Let none be heard any longer: it could stop nothing, and would cost the exit code.

    A handler would not do: the interpreter takes it back at its end, and then a signal kills.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)

"""What signals mean to root."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Protocol

from ....policies.supervising.shutdown import HURRIED_GRACE_S
from ....workers.process.entry import STRAY, leave
from ...core.root.step import EXIT_STOPPED
from ..run_settings import RootSettings
from ..storage.eventlog import EventLog


class Stopping(Protocol):
    """What can be stopped."""

    settings: RootSettings
    log: EventLog
    on_reload: Callable[[], None]

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
            self.at_once()
        grace_s = self._root.settings.grace_s
        self._root.stop(grace_s if self._count == 1 else min(HURRIED_GRACE_S, grace_s))

    def at_once(self) -> None:
        """End everything, and leave no process; what the journals tell is kept."""
        leave(EXIT_STOPPED)


def heard_by(root: Stopping, stop: StopSignals) -> dict[int, Callable[[], None]]:
    """What root does on which signal; none but SIGKILL and those of a crash ends it unheard."""

    def passed_over(number: signal.Signals) -> Callable[[], None]:
        text = f"{number.name}: it means nothing here; SIGTERM stops, SIGHUP reads the files again"
        return lambda: root.log.tell("signal_passed_over", text)

    return {
        signal.SIGTERM: stop,
        signal.SIGINT: stop,
        signal.SIGQUIT: stop.at_once,
        signal.SIGHUP: lambda: root.on_reload(),  # noqa: PLW0108  it is set later
        **{number: passed_over(number) for number in STRAY},
    }


def hear_no_more() -> None:
    """Let none be heard any longer: it could stop nothing, and would cost the exit code.

    A handler would not do: the interpreter takes it back at its end, and then a signal kills.
    """
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_IGN)

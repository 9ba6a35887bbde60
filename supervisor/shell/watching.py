"""The monitor in root: where it takes its samples from, and where its verdicts go."""

from __future__ import annotations

from collections.abc import Callable

from ...policies.verdicts import Attempt, Ceilings
from ...workers.eventloop import EventLoop
from ...workers.messages.prd import EndAttempt, LimitStoryCpu
from .eventlog import EventLog
from .kinship import Kinship
from .monitor import Monitor
from .sampling import Sampler, read_host


class _RootEffects:
    """Sends orders down, events to the log, and a short host to root's core."""

    def __init__(
        self,
        send: Callable[[str, object], None],
        log: EventLog,
        on_admission: Callable[[bool, str], None],
    ) -> None:
        self._send = send
        self._log = log
        self._on_admission = on_admission

    def send(self, prd_id: str, order: EndAttempt | LimitStoryCpu) -> None:
        self._send(prd_id, order)

    def tell(self, event: str, text: str, attempt: Attempt | None) -> None:
        if attempt is None:
            self._log.tell(event, text)
            return
        self._log.tell(
            event,
            text,
            prd_id=attempt.prd_id,
            story_id=attempt.story_id,
            attempt=attempt.number,
        )

    def admit(self, *, is_admitting: bool, why: str) -> None:
        self._on_admission(is_admitting, why)


def watch_stories(
    loop: EventLoop,
    marker: str,
    ceilings: Ceilings,
    *,
    send: Callable[[str, object], None],
    log: EventLog,
    on_admission: Callable[[bool, str], None],
) -> Monitor:
    """Make root's monitor; it does nothing until a story is at work."""
    sampler = Sampler(Kinship(marker))
    return Monitor(loop, sampler, read_host, ceilings, _RootEffects(send, log, on_admission))

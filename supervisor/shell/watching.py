"""The monitor in root: where it takes its samples from, and where its verdicts go."""

from __future__ import annotations

from ...policies.verdicts import Attempt, Ceilings
from ...workers.messages.prd import EndAttempt, LimitStoryCpu
from ..core.root_state import Root
from ..core.root_words import AdmissionChanged, RootCommand, RootEvent
from .eventlog import EventLog
from .host import Host
from .kinship import Kinship
from .layout import Layout
from .monitor import Monitor
from .sampling import Sampler, read_host

_RootHost = Host[Root, RootEvent, RootCommand]


class _RootEffects:
    """Sends orders down, events to the log, and a short host to root's core."""

    def __init__(self, host: _RootHost, log: EventLog) -> None:
        self._host = host
        self._log = log

    def send(self, prd_id: str, order: EndAttempt | LimitStoryCpu) -> None:
        self._host.processes.send(prd_id, order)

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
        self._host.post(AdmissionChanged(is_admitting=is_admitting, why=why))


def watch_stories(host: _RootHost, log: EventLog, layout: Layout, ceilings: Ceilings) -> Monitor:
    """Make root's monitor; it does nothing until a story is at work."""
    sampler = Sampler(Kinship(layout.marker))
    return Monitor(host.loop, sampler, read_host, ceilings, _RootEffects(host, log))

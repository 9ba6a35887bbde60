"""What root does about the resources of stories: it watches them, and confines them if it can."""

from __future__ import annotations

from collections.abc import Mapping

from ....policies.ceilings.pressure import HostSample
from ....policies.ceilings.verdicts import Attempt, Ceilings, Sample
from ....policies.values import replace
from ....workers.messages.prd import Begin, EndAttempt, LimitStoryCpu, StoryAtRest, StoryAtWork
from ...core.root.state import Root
from ...core.root.words import AdmissionChanged, HostSeen, RootCommand, RootEvent
from ..host import Host
from ..storage.eventlog import EventLog
from ..storage.layout import Layout
from .cgroups import (
    Delegation,
    NotDelegatedError,
    end_all_stories,
    end_story,
    story_cgroup,
    take_delegation,
)
from .kinship import Kinship
from .monitor import Monitor
from .pacing import Most, figures_of
from .sampling import Sampler, read_host
from .usage import Usage

AT_REST_S = 0.1  # root does not wait longer for what is killed; what is left goes with root
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


class StoryWatch:
    """The ceilings of all stories: by our own samples always, by the kernel where it is given."""

    def __init__(self, host: _RootHost, log: EventLog, layout: Layout, ceilings: Ceilings) -> None:
        """Take the cgroup that is delegated to us, before anything is started."""
        self._host = host
        self._most = Most()
        self._ceilings = ceilings
        self._attempts: dict[tuple[str, str], Attempt] = {}
        self._monitor = Monitor(
            host.loop,
            Sampler(Kinship(layout.marker)),
            read_host,
            ceilings,
            _RootEffects(host, log),
            on_pass=self._tell_host,
        )
        self._delegation: Delegation | None = None
        try:
            self._delegation = take_delegation()
            kept = ", ".join(self._delegation.controllers)
            self.note = f"the kernel keeps the ceilings of each story, too ({kept})"
        except NotDelegatedError as error:
            self.note = f"off: {error}"

    def _tell_host(self, samples: list[Sample], host: HostSample) -> None:
        """Let root's core know of the host, if it has to decide how many stories run."""
        self._most.see(samples)
        if self._host.state.pacing.runners:
            reserve = self._ceilings.memory_reserve
            figures = figures_of(host, self._most.bytes_of, reserve)
            self._host.post(HostSeen(figures=figures))

    def confined(self, begin: Begin) -> Begin:
        """Tell a PRD supervisor where its stories' cgroups belong, and what holds in them."""
        if self._delegation is None:
            return begin
        return replace(begin, cgroup=str(self._delegation.path), ceilings=self._ceilings)

    def on_word(self, prd_id: str, word: StoryAtWork | StoryAtRest) -> None:
        """Note who is at work; what is left in the cgroup of who is not any more is ended."""
        self._monitor.on_word(prd_id, word)
        key = prd_id, word.story_id
        before, now = self._attempts.pop(key, None), None
        if isinstance(word, StoryAtWork):
            now = Attempt(prd_id=prd_id, story_id=word.story_id, number=word.attempt)
            self._attempts[key] = now
        # An attempt whose PRD supervisor has died may go on under the next one.
        if before is not None and before != now and self._delegation is not None:
            end_story(story_cgroup(self._delegation.path, before), within_s=AT_REST_S)

    def change(self, ceilings: Ceilings, of_prds: Mapping[str, Ceilings]) -> None:
        """Take other ceilings: at once for our own samples, for cgroups when they are made."""
        self._ceilings = ceilings
        self._monitor.change(ceilings, of_prds)

    def usage(self, prd_id: str, story_id: str) -> Usage | None:
        """What a story used at the last pass; None while it is not at work."""
        return self._monitor.usage(prd_id, story_id)

    def close(self) -> None:
        """Remove the cgroups of stories whose PRD supervisors died with their last words."""
        if self._delegation is not None:
            end_all_stories(self._delegation)

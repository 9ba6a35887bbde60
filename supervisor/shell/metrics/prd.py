"""What a PRD's supervisor counts and times of what passes it by; root hears of it once a second.

A supervisor that is killed takes the figures of its last second along.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from functools import cache
from typing import Protocol

from ....policies.costs.budget import NOTHING_SPENT, Spent
from ....policies.metrics import families
from ....policies.metrics.tally import Tally
from ....policies.supervising.spec import ExitClass, ExitReason
from ....workers.messages.figures import Measured
from ....workers.messages.git import GitRequest
from ....workers.messages.prd import LeaseReturned, LeaseWanted
from ....workers.process.eventloop import EventLoop
from ...core.common import Noted
from ...core.prd import measures
from ...core.prd.landing.landing_state import LANDER
from ...core.prd.memory import StoryState
from ...core.prd.records import (
    AgentBegan,
    AttemptBegun,
    Record,
    StoryDone,
    StoryGivenUp,
    StoryReset,
    StorySkipped,
)
from ...core.prd.state import GIT, Prd

SAY_EVERY_S = 1.0
LAG_EVERY_S = 60.0  # what only shows that the loop turns can wait
OPEN_MAX = 1000  # of what is waited for, so that nothing grows where an end is never told
_CAPITAL = re.compile(r"(?<!^)(?=[A-Z])")
_RESULTS = {
    StoryState.DONE: measures.DONE,
    StoryState.FAILED: measures.FAILED,
    StoryState.SKIPPED: measures.SKIPPED,
}
_DEATHS = {"died": families.RESTARTS, "given_up": families.GIVEN_UP}


class Tells(Protocol):
    """The process of a PRD's supervisor, as far as it matters here."""

    loop: EventLoop

    def say(self, message: object) -> None:
        """Tell root."""


class PrdMeter:
    """Listens to one PRD's supervisor, and changes nothing."""

    def __init__(self, process: Tells, prd_id: str, state: Callable[[], Prd]) -> None:
        self._process = process
        self._loop = process.loop
        self._prd_id = prd_id
        self._state = state
        self._tally = Tally()
        self._is_due = False
        self._agents: dict[str, str] = {}  # who works on a story
        self._begun: dict[str, float] = {}  # when its first attempt began, in this process's life
        self._leases: dict[str, float] = {}  # since when they are waited for
        self._asked: deque[tuple[str, float]] = deque()  # of the integrator, which serves in order
        self._answered_s = 0.0
        self._died: dict[str, ExitReason] = {}
        self._spent: dict[str, Spent] = {}
        self._resolved: set[tuple[str, int, str]] = set()
        self._results: dict[str, str] = {}  # what was counted of a story; it may be told again
        self._loop.on_late = self._on_late
        self._say_lag_later()

    def begin(self) -> None:
        """Begin with what the journal knew: what was spent before was counted then."""
        for story in self._state().stories:
            self._spent[story.story_id] = story.memory.spending.spent
            if result := _RESULTS.get(story.memory.state):
                self._results[story.story_id] = result

    def on_record(self, record: Record) -> None:
        """Hear what is journalled."""
        story_id = str(getattr(record, "story_id", ""))
        match record:
            case AgentBegan():
                self._agents[story_id] = record.agent
            case AttemptBegun():
                if record.attempt == 1 or story_id in self._begun:
                    self._begun.setdefault(story_id, self._loop.now_s())
            case StoryDone() | StoryGivenUp():
                self._time_story(record)
            case Noted():
                self._on_note(record)
            case _:
                pass
        if self._is_repeated(record):
            return
        agent = self._agents.get(story_id, "")
        measures.count(self._tally, self._prd_id, record, agent)
        self._count_spent(story_id, str(getattr(record, "agent", "")) or agent)
        self._say_soon()

    def _is_repeated(self, record: Record) -> bool:
        """Say whether it was counted before: a merge is made again, a branch is looked at again."""
        match record:
            case Noted() if record.event == measures.RESOLVED:
                key = (record.child_id, record.attempt, record.text)
                is_known = key in self._resolved
                if len(self._resolved) < OPEN_MAX:
                    self._resolved.add(key)
                return is_known
            case StoryDone() | StoryGivenUp() | StorySkipped():
                result = measures.result_of(record)
                is_known = self._results.get(record.story_id) == result
                self._results[record.story_id] = result
                return is_known
            case StoryReset():
                self._results.pop(record.story_id, None)
            case _:
                pass
        return False

    def _time_story(self, record: StoryDone | StoryGivenUp) -> None:
        """Time it, unless a former process began it: nobody knows here when that was."""
        began_s = self._begun.pop(record.story_id, None)
        if (result := measures.result_of(record)) and began_s is not None:
            took_s = self._loop.now_s() - began_s
            self._tally.time(families.STORY_S.name, (result,), took_s)

    def _count_spent(self, story_id: str, agent: str) -> None:
        story = self._state().story(story_id) if story_id else None
        if story is None:
            return
        now, before = story.memory.spending.spent, self._spent.get(story_id, NOTHING_SPENT)
        if now is before or now == before:
            return
        self._spent[story_id] = now
        new = now.since(before)
        if new.tokens:
            self._tally.count(families.TOKENS.name, (agent,), new.tokens)
        if new.usd:
            self._tally.count(families.COST.name, (agent,), new.usd)

    # --- children -------------------------------------------------------------------------------

    def on_gone(self, child_id: str, reason: ExitReason) -> None:
        """A child's process is gone; what follows of that is told by a note."""
        if child_id == GIT:
            self._asked.clear()  # it will be asked again
        note_death(self._died, child_id, reason)

    def _on_note(self, note: Noted) -> None:
        family = _DEATHS.get(note.event)
        if family is None:
            return
        reason = self._died.pop(note.child_id, None)
        labels = (_kind_of(note.child_id), why(reason))
        self._tally.count(family.name, labels[: len(family.labels)])

    # --- waiting --------------------------------------------------------------------------------

    def on_word(self, word: object) -> None:
        """Hear what root is told."""
        if isinstance(word, LeaseWanted) and word.needs_agent and len(self._leases) < OPEN_MAX:
            self._leases.setdefault(word.lease, self._loop.now_s())
        elif isinstance(word, LeaseReturned):
            self._leases.pop(word.lease, None)

    def on_lease(self, lease: str) -> None:
        """A lease has come."""
        since_s = self._leases.pop(lease, None)
        if since_s is not None:
            self._tally.time(families.LEASE_S.name, (), self._loop.now_s() - since_s)
            self._say_soon()

    def on_asked(self, request: GitRequest) -> None:
        """The integrator is asked."""
        if len(self._asked) < OPEN_MAX:
            self._asked.append((_words(type(request)), self._loop.now_s()))

    def on_answered(self) -> None:
        """The integrator answers; it serves one request after the other."""
        if not self._asked:
            return
        request, asked_s = self._asked.popleft()
        now_s = self._loop.now_s()
        began_s = max(asked_s, self._answered_s)
        self._tally.time(families.GIT_S.name, (request,), now_s - began_s)
        self._tally.time(families.GIT_WAIT_S.name, (), began_s - asked_s)
        self._answered_s = now_s
        self._say_soon()

    def _on_late(self, late_s: float) -> None:
        self._tally.time(families.LAG_S.name, ("prd",), late_s)

    # --- telling --------------------------------------------------------------------------------

    def say(self) -> None:
        """Tell root what has come together."""
        self._is_due = False
        batch = self._tally.batch()
        if not batch.is_empty:
            self._tally = Tally()
            self._process.say(Measured(batch=batch))

    def _say_soon(self) -> None:
        if not self._is_due:
            self._is_due = True
            self._loop.call_at(self._loop.now_s() + SAY_EVERY_S, self.say)

    def _say_lag_later(self) -> None:
        self._loop.call_at(self._loop.now_s() + LAG_EVERY_S, self._say_lag)

    def _say_lag(self) -> None:
        self.say()
        self._say_lag_later()


def note_death(died: dict[str, ExitReason], child_id: str, reason: ExitReason) -> None:
    """Keep the last deaths: a restart is told a moment later, and most are never asked for."""
    died.pop(child_id, None)
    died[child_id] = reason
    if len(died) > OPEN_MAX:
        del died[next(iter(died))]


def why(reason: ExitReason | None) -> str:
    """A process's end as a label."""
    if reason is None:
        return "unknown"
    if reason.exit_class is not ExitClass.ABNORMAL:
        return "group"  # another one's death took it along, or somebody asked
    return {"ordinary": "crash"}.get(reason.cause.value, reason.cause.value)


def _kind_of(child_id: str) -> str:
    return {GIT: "git", LANDER: "landing"}.get(child_id, "story")


@cache
def _words(kind: type) -> str:
    return _CAPITAL.sub("_", kind.__name__).lower()

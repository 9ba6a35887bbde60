from __future__ import annotations

from collections.abc import Iterator

import pytest

from prd_supervise.policies.costs.budget import Spent
from prd_supervise.policies.costs.spending import Spending
from prd_supervise.policies.metrics.tally import Batch, Timed
from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.policies.supervising.spec import Backoff, Cause, ExitClass, ExitReason, Intensity
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.common import Noted
from prd_supervise.supervisor.core.otp.state import Supervisor
from prd_supervise.supervisor.core.prd.memory import Memory, StoryState
from prd_supervise.supervisor.core.prd.records import (
    AgentBegan,
    AgentOver,
    AttemptBegun,
    AttemptLost,
    StoryDone,
    StoryGivenUp,
    StoryReset,
    StorySkipped,
)
from prd_supervise.supervisor.core.prd.state import GIT, Prd, Story, worker_of
from prd_supervise.supervisor.shell.metrics.prd import OPEN_MAX, PrdMeter
from prd_supervise.workers.messages.figures import Measured
from prd_supervise.workers.messages.git import CheckOut
from prd_supervise.workers.messages.prd import LeaseReturned, LeaseWanted, Limits
from prd_supervise.workers.process.eventloop import EventLoop

SELDOM = Intensity(max_restarts=1, period_s=1.0)
CRASH = ExitReason(exit_class=ExitClass.ABNORMAL, detail="signal SIGKILL")


class Clock(EventLoop):
    """A loop whose time is told."""

    def __init__(self) -> None:
        super().__init__()
        self.at_s = 100.0

    def now_s(self) -> float:
        """The time that was told."""
        return self.at_s


class Bench:
    """A meter of a PRD with these stories, and what it has said."""

    def __init__(self, *stories: Story) -> None:
        self.clock = Clock()
        self.loop: EventLoop = self.clock
        self.said: list[Batch] = []
        self.prd = Prd(
            prd_id="ALPHA",
            wanted_branch="b",
            base="c",
            prd_file="prd.json",
            adopt_branch=False,
            limits=Limits(),
            stories=stories or (story(),),
            supervisor=Supervisor(intensity=SELDOM, backoff=Backoff()),
            workers=Supervisor(intensity=SELDOM, backoff=Backoff()),
        )
        self.meter = PrdMeter(self, "ALPHA", lambda: self.prd)
        self.meter.begin()

    def say(self, message: object) -> None:
        """Hear what root would."""
        assert isinstance(message, Measured)
        self.said.append(message.batch)

    def counted(self) -> dict[tuple[str, ...], float]:
        """All that was counted."""
        self.meter.say()
        return {(each.name, *each.labels): each.by for batch in self.said for each in batch.counted}

    def timed(self) -> dict[tuple[str, ...], Timed]:
        """All that was timed."""
        self.meter.say()
        return {(each.name, *each.labels): each for batch in self.said for each in batch.timed}


def story(**memory: object) -> Story:
    known = Memory(**memory)  # type: ignore[arg-type]  # fields of its own
    return Story(story_id="US-1", title="t", rank=0.0, depends_on=(), verify=(), memory=known)


def done(attempt: int = 1) -> StoryDone:
    return StoryDone(story_id="US-1", attempt=attempt, commit="c", evidence="e")


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.loop.close()


def test_what_was_decided_is_counted_once_however_often_it_is_told(bench: Bench) -> None:
    for record in (done(), done(), StoryReset(story_id="US-1"), done(2), done(2)):
        bench.meter.on_record(record)
    assert bench.counted() == {("stories_total", "ALPHA", "done"): 2}


def test_what_a_former_process_or_the_document_decided_is_not_counted() -> None:
    bench = Bench(story(state=StoryState.DONE))
    skipped = StorySkipped(story_id="US-2", reason="draft", by_document=True)
    for record in (done(), replace(done(0), story_id="US-3"), skipped):
        bench.meter.on_record(record)
    assert bench.counted() == {}


def test_a_story_is_timed_from_its_first_attempt_if_that_was_seen(bench: Bench) -> None:
    bench.meter.on_record(AttemptBegun(story_id="US-1", attempt=1, slot=1))
    bench.clock.at_s += 60
    bench.meter.on_record(AttemptBegun(story_id="US-1", attempt=2, slot=1))
    bench.meter.on_record(AttemptBegun(story_id="US-2", attempt=3, slot=2))  # begun elsewhere
    bench.clock.at_s += 40
    bench.meter.on_record(StoryGivenUp(story_id="US-1", reason="r"))
    bench.meter.on_record(replace(done(3), story_id="US-2"))
    assert bench.timed()["story_seconds", "failed"].total == 100
    assert ("story_seconds", "done") not in bench.timed()


def test_agents_are_timed_by_how_they_ended_and_lost_attempts_counted_by_why(bench: Bench) -> None:
    bench.meter.on_record(
        AgentBegan(story_id="US-1", attempt=1, pid=1, start_ticks=1, agent="claude")
    )
    stalled = Outcome(kind=OutcomeKind.STALLED, detail="d", duration_s=900)
    bench.meter.on_record(AgentOver(story_id="US-1", attempt=1, outcome=stalled))
    lost = AttemptLost(story_id="US-1", attempt=1, reason="r", type="agent_stalled")
    bench.meter.on_record(replace(lost, cause=Cause.HANG))
    bench.meter.on_record(replace(lost, cause=Cause.MEMORY, type="out_of_memory", conflict=True))
    bench.meter.on_record(replace(lost, type=""))
    assert bench.timed()["agent_seconds", "claude", "stalled"].total == 900
    counted = bench.counted()
    assert counted["attempts_lost_total", "ALPHA", "agent_stalled"] == 1
    assert counted["attempts_lost_total", "ALPHA", "unknown"] == 1
    assert (counted["hangs_total",], counted["memory_kills_total",]) == (1, 1)
    assert counted["conflicts_total", "done_again"] == 1


def test_tokens_are_those_since_the_record_before(bench: Bench) -> None:
    def spent(tokens: int, usd: float) -> None:
        spending = Spending(spent=Spent(tokens=tokens, usd=usd))
        bench.prd = replace(bench.prd, stories=(story(spending=spending),))

    bench.meter.on_record(
        AgentBegan(story_id="US-1", attempt=1, pid=1, start_ticks=1, agent="claude")
    )
    over = Outcome(kind=OutcomeKind.NORMAL, detail="d")
    for tokens, usd in ((1000, 0.5), (1000, 0.5), (2500, 0.75)):
        spent(tokens, usd)
        bench.meter.on_record(AgentOver(story_id="US-1", attempt=1, outcome=over))
    counted = bench.counted()
    assert counted["tokens_total", "claude"] == 2500
    assert counted["cost_usd_total", "claude"] == 0.75


def test_a_restart_is_counted_with_what_its_process_died_of(bench: Bench) -> None:
    worker = worker_of("US-1")
    for child, reason in (
        (GIT, CRASH),
        (worker, replace(CRASH, cause=Cause.HANG)),
        (worker, ExitReason(exit_class=ExitClass.SHUTDOWN, detail="asked")),
    ):
        bench.meter.on_gone(child, reason)
        bench.meter.on_record(Noted(child_id=child, event="died", attempt=1, text="t"))
    bench.meter.on_record(Noted(child_id=worker, event="given_up", attempt=1, text="t"))
    assert bench.counted() == {
        ("restarts_total", "git", "crash"): 1,
        ("restarts_total", "story", "hang"): 1,
        ("restarts_total", "story", "group"): 1,
        ("escalations_total", "story"): 1,
    }


def test_after_thousands_of_spares_the_last_death_is_known_still(bench: Bench) -> None:
    for number in range(OPEN_MAX + 10):
        bench.meter.on_gone(f"spare/{number}", CRASH)
    bench.meter.on_gone(GIT, CRASH)
    bench.meter.on_record(Noted(child_id=GIT, event="died", attempt=0, text="t"))
    assert bench.counted() == {("restarts_total", "git", "crash"): 1}


def test_a_resolution_that_is_told_again_counts_once(bench: Bench) -> None:
    note = Noted(child_id=worker_of("US-1"), event="conflict_resolved", attempt=1, text="imports")
    for _ in range(3):
        bench.meter.on_record(note)
    bench.meter.on_record(replace(note, text="a changelog"))
    assert bench.counted() == {("conflicts_total", "resolved"): 2}


def test_the_integrator_s_time_is_told_apart_from_the_waiting_before_it(bench: Bench) -> None:
    request = CheckOut(story_id="US-1", attempt=1, commit="c")
    bench.meter.on_asked(request)
    bench.meter.on_asked(request)
    bench.clock.at_s += 3
    bench.meter.on_answered()
    bench.clock.at_s += 4
    bench.meter.on_answered()
    bench.meter.on_answered()  # what nobody asked for
    served, waited = bench.timed()["git_seconds", "check_out"], bench.timed()["git_wait_seconds",]
    assert (served.count, served.total, served.top) == (2, 7, 4)
    assert (waited.count, waited.total) == (2, 3)


def test_what_a_dead_integrator_was_asked_is_forgotten(bench: Bench) -> None:
    request = CheckOut(story_id="US-1", attempt=1, commit="c")
    bench.meter.on_asked(request)
    bench.meter.on_gone(GIT, CRASH)
    bench.clock.at_s += 50
    bench.meter.on_asked(request)
    bench.clock.at_s += 1
    bench.meter.on_answered()
    assert bench.timed()["git_seconds", "check_out"].total == 1


def test_a_lease_is_timed_from_the_wish_to_its_coming(bench: Bench) -> None:
    bench.meter.on_word(LeaseWanted(lease="US-1/1"))
    bench.clock.at_s += 5
    bench.meter.on_word(LeaseWanted(lease="US-1/1"))  # asked again after a crash of root
    bench.clock.at_s += 5
    bench.meter.on_lease("US-1/1")
    bench.meter.on_lease("US-1/1")
    bench.meter.on_word(LeaseWanted(lease="US-2/1"))
    bench.meter.on_word(LeaseReturned(lease="US-2/1"))
    bench.meter.on_lease("US-2/1")
    bench.meter.on_word(LeaseWanted(lease="US-3/1", needs_agent=False))
    bench.meter.on_lease("US-3/1")
    found = bench.timed()["lease_wait_seconds",]
    assert (found.count, found.total) == (1, 10)


def test_what_comes_within_a_second_is_told_in_one_word(bench: Bench) -> None:
    for number in range(5):
        bench.meter.on_record(AttemptBegun(story_id=f"US-{number}", attempt=1, slot=1))
    assert bench.said == []
    bench.clock.at_s += 1.1
    bench.loop.run_once()
    (batch,) = bench.said
    assert batch.counted[0].by == 5
    bench.meter.say()
    assert len(bench.said) == 1, "nothing is said of nothing"

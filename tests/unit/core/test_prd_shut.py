"""A PRD whose agents root lets nobody start: what waits, what lets go, what root hears."""

from __future__ import annotations

import pytest

from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.policies.usage import Usage
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.records import AttemptBegun, AttemptLost
from prd_supervise.supervisor.core.prd.state import PrdPhase, Run, Stage, Story, worker_of
from prd_supervise.supervisor.core.prd.view import note_of, view_of
from prd_supervise.supervisor.core.prd.words import (
    LeaseArrived,
    RootSaid,
    WorkerSaid,
)
from prd_supervise.workers.messages.agents import Choice
from prd_supervise.workers.messages.gate import (
    AgentAnswered,
    AgentRefused,
    AgentsClosed,
    AgentStrained,
    Closed,
)
from prd_supervise.workers.messages.prd import LeaseReturned, LeaseWanted, Limits
from prd_supervise.workers.messages.story import AgentEnded, AgentNews
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

CLAUDE = Closed(agent="claude", why="claude until 22:33, its limit", is_default=True)
CODEX = Closed(agent="codex", why="codex until 23:00, its limit")


def closed(world: World, *agents: Closed) -> World:
    return world.hear(RootSaid(order=AgentsClosed(closed=agents)))


def with_chain(story: Story, *agents: str) -> Story:
    return replace(story, choices=tuple(Choice(agent=name) for name in agents))


def run_of(world: World, story_id: str) -> Run:
    run = world.story(story_id).run
    assert run is not None
    return run


def lease(world: World, story_id: str, agent: str) -> World:
    name = f"{story_id}#{run_of(world, story_id).attempt}"
    return world.hear(LeaseArrived(lease=name, agent=agent))


def said(world: World, kind: type) -> list[object]:
    return [word for word in world.around.words if isinstance(word, kind)]


def test_a_story_whose_agents_are_all_closed_asks_for_nothing_and_says_what_it_waits_for() -> None:
    world = closed(prd_world(a_story("A")), CLAUDE).settle()

    assert world.story("A").run is None
    assert not said(world, LeaseWanted)
    assert view_of(world.story("A")).reason == "waits for claude until 22:33, its limit"
    assert note_of(world.prd) == "waits for claude until 22:33, its limit"
    assert world.prd.phase is PrdPhase.RUNNING, "the PRD waits with it"
    done = closed(world).run()
    assert done.memory("A").state is StoryState.DONE
    assert not view_of(done.story("A")).reason


def test_a_story_with_an_open_agent_in_its_chain_goes_on_with_that() -> None:
    chained = with_chain(a_story("A"), "claude", "codex")
    world = closed(prd_world(chained, a_story("B")), CLAUDE).settle()
    (wanted,) = said(world, LeaseWanted)
    assert isinstance(wanted, LeaseWanted)
    assert wanted.agents == ("claude", "codex")
    both = closed(prd_world(chained), CLAUDE, CODEX).settle()
    assert (
        both.story("A").shut == "claude until 22:33, its limit, or for codex until 23:00, its limit"
    )


def test_who_waits_for_a_lease_takes_that_back_and_leaves_the_place_to_others() -> None:
    limits = Limits(max_workers=1)
    other = with_chain(a_story("B", rank=2.0), "codex")
    world = prd_world(a_story("A"), other, limits=limits, grants=False).settle()
    assert world.is_in("A", Stage.LEASE)

    world = closed(world, CLAUDE).settle()

    assert world.story("A").run is None
    assert [word.lease for word in said(world, LeaseReturned) if isinstance(word, LeaseReturned)]
    assert world.is_in("B", Stage.LEASE)
    assert world.count(AttemptBegun) == 0


def test_who_has_a_worker_but_no_agent_yet_lets_go_without_losing_an_attempt() -> None:
    world = lease(prd_world(a_story("A"), grants=False).settle(), "A", "claude")
    assert world.is_in("A", Stage.GATHER)

    world = closed(world, CLAUDE)
    world = world.until_that(lambda w: w.story("A").run is None)

    assert world.process(worker_of("A")) is None
    assert not world.memory("A").failures
    assert not any(loss.counts for loss in losses(world))
    assert closed(world).with_(grants=True).prd.phase is PrdPhase.RUNNING


def losses(world: World) -> list[AttemptLost]:
    return [record for record in world.around.records if isinstance(record, AttemptLost)]


def test_an_agent_at_work_goes_on_when_its_account_is_closed() -> None:
    world = lease(prd_world(a_story("A"), grants=False).settle(), "A", "claude")
    world = world.until("A", Stage.AGENT)
    assert closed(world, CLAUDE).run().memory("A").state is StoryState.DONE


def test_a_start_on_trial_goes_on_though_its_agent_was_closed_before() -> None:
    chained = with_chain(a_story("A"), "claude", "codex")
    world = closed(prd_world(chained, grants=False), CLAUDE).settle()
    world = lease(world, "A", "claude")  # root's trial, before it says that it is open
    later = closed(world, replace(CLAUDE, why="later"))
    assert later.until("A", Stage.AGENT)


def test_behind_a_start_on_trial_nobody_waits_with_a_place() -> None:
    limits = Limits(max_workers=2)
    other = with_chain(a_story("C", rank=3.0), "codex")
    stories = (a_story("A"), a_story("B", rank=2.0), other)
    world = lease(prd_world(*stories, limits=limits, grants=False).settle(), "A", "claude")
    assert world.is_in("B", Stage.LEASE)

    world = closed(world, replace(CLAUDE, is_on_trial=True)).settle()

    assert world.story("B").run is None
    assert world.is_in("C", Stage.LEASE), "it has the place that B waited with"
    assert not losses(world), "A is the one on trial"


def test_what_only_its_evidence_is_missing_of_needs_no_agent() -> None:
    world = prd_world(a_story("A")).until("A", Stage.VERIFY).kill_worker("A")
    world = closed(world, CLAUDE)
    assert world.run().memory("A").state is StoryState.DONE


def ended(kind: OutcomeKind) -> World:
    world = prd_world(a_story("A"), script=Script(agents={("A", 1): kind}), grants=False)
    return lease(world.settle(), "A", "claude").until("A", Stage.COMMIT)


def test_a_refused_run_is_told_to_root_before_its_lease_is_free_again() -> None:
    for kind in (
        OutcomeKind.RATE_LIMITED,
        OutcomeKind.TRANSIENT,
        OutcomeKind.AUTH,
        OutcomeKind.BILLING,
        OutcomeKind.MISSING,
    ):
        words = [
            word
            for word in ended(kind).around.words
            if isinstance(word, AgentRefused | LeaseReturned)
        ]
        refused, returned = words
        assert isinstance(refused, AgentRefused)
        assert (refused.agent, refused.kind, refused.story_id) == ("claude", kind, "A")
        assert isinstance(returned, LeaseReturned)


def test_a_run_whose_model_has_answered_says_so_and_one_that_failed_says_nothing() -> None:
    assert said(ended(OutcomeKind.NORMAL), AgentAnswered) == [AgentAnswered(agent="claude")]
    assert said(ended(OutcomeKind.CONTEXT), AgentAnswered)
    silent = (OutcomeKind.INCOMPLETE, OutcomeKind.RUNAWAY)
    for kind in (OutcomeKind.FAILED, OutcomeKind.CRASHED, OutcomeKind.STALLED, *silent):
        assert not said(ended(kind), AgentAnswered | AgentRefused)  # type: ignore[arg-type]  # isinstance takes it


@pytest.mark.parametrize("kind", [OutcomeKind.INCOMPLETE, OutcomeKind.RUNAWAY])
def test_a_run_that_was_cut_short_has_an_answer_if_it_has_used_something(kind: OutcomeKind) -> None:
    world = lease(prd_world(a_story("A"), grants=False).settle(), "A", "claude")
    world = world.until("A", Stage.AGENT)
    outcome = Outcome(kind=kind, detail="cut", usage=Usage(output_tokens=5))
    end = AgentEnded(attempt=1, outcome=outcome)
    number = run_of(world, "A").incarnation
    world = world.hear(WorkerSaid(story_id="A", incarnation=number, answer=end))
    assert said(world, AgentAnswered)


def test_news_of_an_agent_at_work_go_to_root_once() -> None:
    world = lease(prd_world(a_story("A"), grants=False).settle(), "A", "claude")
    world = world.until("A", Stage.AGENT)
    news = AgentNews(attempt=1, is_answered=True, warned=0.9, warned_until_s=5.0)
    used_up = AgentNews(attempt=1, is_answered=True, warned=1.0)
    for each in (news, used_up):
        number = run_of(world, "A").incarnation
        world = world.hear(WorkerSaid(story_id="A", incarnation=number, answer=each))
    assert said(world, AgentAnswered) == [AgentAnswered(agent="claude")]
    assert said(world, AgentStrained) == [
        AgentStrained(agent="claude", utilization=0.9, until_s=5.0)
    ]


def test_a_worker_that_comes_back_to_a_closed_agent_lets_go_of_its_place() -> None:
    world = lease(prd_world(a_story("A"), grants=False).settle(), "A", "claude")
    world = world.until("A", Stage.AGENT)
    world = closed(world, CLAUDE).kill_worker("A")

    world = world.until_that(lambda w: w.story("A").run is None)

    assert world.story("A").shut
    assert not world.process(worker_of("A"))

"""Budgets in a PRD: what runs goes on, nothing new begins, and a release lets it go on."""

from __future__ import annotations

import pytest

from prd_supervise.policies.costs.budget import Budget, Spent
from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.usage import Usage
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.costs.records import (
    BudgetFree,
    BudgetUsed,
    PrdBudgetFree,
    PrdBudgetUsed,
    UsageSeen,
)
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.records import AttemptBegun
from prd_supervise.supervisor.core.prd.state import PrdPhase, Stage
from prd_supervise.supervisor.core.prd.view import view_of
from prd_supervise.supervisor.core.prd.words import StartAgent, WorkerSaid
from prd_supervise.workers.messages.budget import BudgetReleased, RunSpent
from prd_supervise.workers.messages.prd import Happened, Hold, Limits, PrdReport, Release
from prd_supervise.workers.messages.story import AgentNews
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

ONE_DOLLAR = Usage(input_tokens=1000, cost_usd=1.0)
FAILED = OutcomeKind.FAILED


def costing(*names: str, attempts: int = 3, fails: tuple[str, ...] = ()) -> Script:
    """Each attempt of these stories costs a dollar; those that fail fail once."""
    pairs = [(name, attempt) for name in names for attempt in range(1, attempts + 1)]
    return Script(
        usages=dict.fromkeys(pairs, ONE_DOLLAR), agents={(name, 1): FAILED for name in fails}
    )


def told(world: World, event: str) -> list[str]:
    words = world.around.words
    return [each.story_id for each in words if isinstance(each, Happened) and each.event == event]


def last_report(world: World) -> PrdReport:
    return [word for word in world.around.words if isinstance(word, PrdReport)][-1]


def news(world: World, story_id: str, usage: Usage) -> World:
    run = world.story(story_id).run
    assert run is not None
    said = AgentNews(attempt=run.attempt, usage=usage)
    return world.hear(WorkerSaid(story_id=story_id, incarnation=run.incarnation, answer=said))


def test_a_story_over_its_budget_gets_no_second_attempt_and_the_prd_stops_instead_of_failing() -> (
    None
):
    limits = Limits(story_budget=Budget(usd=1.0))
    world = prd_world(a_story("A"), limits=limits, script=costing("A", fails=("A",))).run()
    assert world.count(AttemptBegun) == 1
    assert world.outcome is not None
    assert world.outcome.state == "stopped"
    assert world.outcome.reasons == ("A: waits: $1.00 of $1.00 spent",)
    assert told(world, "budget_used") == ["A"]
    assert view_of(world.story("A")).reason == "waits: $1.00 of $1.00 spent"
    failure = view_of(world.story("A")).failure
    assert failure is not None
    assert (failure.type, failure.message) == ("budget", "waits: $1.00 of $1.00 spent")
    assert world.around.exit_code == 0


def test_what_is_within_its_budget_is_done_though_it_used_all_of_it() -> None:
    limits = Limits(story_budget=Budget(usd=1.0), budget=Budget(usd=1.0))
    world = prd_world(a_story("A"), limits=limits, script=costing("A")).run()
    assert world.outcome is not None
    assert world.outcome.state == "completed"
    assert told(world, "budget_used") == []  # it stops nobody
    assert last_report(world).spent == Spent(usd=1.0, tokens=1000)


def test_other_stories_go_on_and_what_needs_the_one_that_waits_waits_with_it() -> None:
    limits = Limits(story_budget=Budget(usd=1.0))
    stories = (a_story("A"), a_story("B", "A"), a_story("C"))
    world = prd_world(*stories, limits=limits, script=costing("A", fails=("A",))).run()
    assert world.memory("C").state is StoryState.DONE
    assert world.memory("B").state is StoryState.PENDING
    assert world.outcome is not None
    assert world.outcome.state == "stopped"


def test_the_prds_budget_stops_every_story_that_has_not_begun() -> None:
    limits = Limits(budget=Budget(tokens=1500), max_workers=1)
    world = prd_world(*map(a_story, "ABC"), limits=limits, script=costing(*"ABC")).run()
    states = [world.memory(name).state for name in "ABC"]
    assert states == [StoryState.DONE, StoryState.DONE, StoryState.PENDING]
    assert world.outcome is not None
    assert world.outcome.reasons == ("waits: the PRD's budget: 2 k tokens of 1.5 k tokens spent",)
    assert world.count(PrdBudgetUsed) == 1
    assert last_report(world).budget_used


def test_a_storys_own_budget_goes_before_that_of_every_story_part_by_part() -> None:
    rich = replace(a_story("A"), budget=Budget(usd=5.0))
    limits = Limits(story_budget=Budget(usd=1.0))
    script = costing("A", fails=("A",))
    world = prd_world(rich, limits=limits, script=script).run()
    assert world.memory("A").state is StoryState.DONE
    limits = Limits(story_budget=Budget(usd=1.0, tokens=500))
    world = prd_world(rich, limits=limits, script=script).run()
    assert world.memory("A").state is StoryState.PENDING


def test_an_attempt_whose_agent_was_about_to_start_is_taken_back_and_costs_nothing() -> None:
    limits = Limits(budget=Budget(usd=1.0))
    script = replace(costing("A"), setups=frozenset({("B", 1)}))
    world = prd_world(a_story("A"), a_story("B"), limits=limits, script=script)
    world = world.until("B", Stage.SETUP).until_that(lambda w: bool(w.prd.funds.used))
    assert world.is_in("B", Stage.SETUP)
    world = world.run()
    started = [each.story_id for each in world.commands if isinstance(each, StartAgent)]
    assert started == ["A"]
    assert world.memory("B").failures == 0
    assert world.memory("A").state is StoryState.DONE
    assert world.outcome is not None
    assert world.outcome.state == "stopped"


def test_a_story_that_waits_for_a_lease_is_withdrawn() -> None:
    limits = Limits(story_budget=Budget(usd=1.0))
    world = prd_world(a_story("A"), limits=limits, grants=False).settle()
    assert world.is_in("A", Stage.LEASE)
    world = world.order(RunSpent(why="the run's budget: $9.00 of $9.00 spent")).run()
    assert world.outcome is not None
    assert world.outcome.reasons == ("waits: the run's budget: $9.00 of $9.00 spent",)
    assert world.count(PrdBudgetUsed) == 0  # it is not the PRD's: root tells of it


def test_a_release_counts_from_there_on() -> None:
    limits = Limits(story_budget=Budget(usd=1.0))
    stories = (a_story("A"), a_story("C"))
    world = prd_world(*stories, limits=limits, script=costing("A", fails=("A",)), grants=True)
    world = world.until_that(lambda w: bool(w.memory("A").budget_used)).order(Hold(story_id="C"))
    world = world.order(BudgetReleased(story_id="A", spent=Spent(usd=1.0, tokens=1000)))
    assert told(world, "budget_taken") == ["A"]
    world = world.order(Release(story_id="C")).run()
    assert world.memory("A").state is StoryState.DONE
    assert (world.count(BudgetUsed), world.count(BudgetFree)) == (1, 1)
    assert world.memory("A").spending.spent == Spent(usd=2.0, tokens=2000)


def test_a_release_before_the_next_start_is_known_from_its_beginning() -> None:
    limits = Limits(budget=Budget(usd=1.0), max_workers=1)
    world = prd_world(a_story("A"), a_story("B"), limits=limits, script=costing(*"AB")).run()
    assert world.memory("B").state is StoryState.PENDING
    again = world.resume().run()
    assert again.memory("B").state is StoryState.PENDING
    assert again.count(PrdBudgetUsed) == 1  # told once, however often it is begun anew
    funds = replace(world.prd.funds, renewed=(("", Spent(usd=1.0, tokens=1000)),))
    released = world.resume(funds=funds).run()
    assert released.memory("B").state is StoryState.DONE
    assert released.count(PrdBudgetFree) == 1


def test_a_larger_budget_frees_what_waited() -> None:
    limits = Limits(story_budget=Budget(usd=1.0))
    world = prd_world(a_story("A"), limits=limits, script=costing("A", fails=("A",))).run()
    again = world.resume(limits=Limits(story_budget=Budget(usd=3.0))).run()
    assert again.memory("A").state is StoryState.DONE
    assert again.count(BudgetFree) == 1


def test_evidence_needs_no_budget() -> None:
    limits = Limits(budget=Budget(usd=1.0))
    world = prd_world(a_story("A"), limits=limits, script=costing("A"))
    world = world.until("A", Stage.VERIFY).stop().run()
    assert world.memory("A").is_claimed
    assert world.resume().run().memory("A").state is StoryState.DONE


def test_what_an_agent_said_last_counts_when_its_worker_is_killed() -> None:
    world = prd_world(a_story("A")).until("A", Stage.AGENT)
    world = news(world, "A", Usage(input_tokens=10, cost_usd=0.25))
    world = news(world, "A", Usage(input_tokens=40, cost_usd=0.75))
    assert world.count(UsageSeen) == 1  # the second one is too soon
    world = world.kill_worker("A")
    assert world.memory("A").spending.spent == Spent(usd=0.75, tokens=40)
    assert world.count(UsageSeen) == 2


def test_news_come_into_the_journal_now_and_then_only() -> None:
    world = prd_world(a_story("A")).until("A", Stage.AGENT)
    for number in range(1, 50):
        world = news(world, "A", Usage(input_tokens=number))
    assert world.count(UsageSeen) == 1
    world = replace(world, now_s=world.now_s + 31.0)
    assert news(world, "A", Usage(input_tokens=90)).count(UsageSeen) == 2


@pytest.mark.parametrize("is_held_first", [True, False])
def test_a_hold_and_a_used_budget_stand_beside_each_other(*, is_held_first: bool) -> None:
    limits = Limits(budget=Budget(usd=1.0), max_workers=1)
    world = prd_world(a_story("A"), a_story("B"), limits=limits, script=costing("A"))
    if is_held_first:
        world = world.order(Hold(story_id="B"))
    world = world.until_that(lambda w: w.memory("A").state is StoryState.DONE)
    world = world.run()
    assert world.outcome is not None
    assert world.outcome.state == "stopped"
    assert world.prd.phase is PrdPhase.ENDED

"""Counters by cause, ceilings, groups of workers, and workers that cannot be started yet."""

from __future__ import annotations

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.supervising.spec import Cause, Tally
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.common import Noted
from prd_supervise.supervisor.core.prd.attempt.worker_notices import REFUSALS_MAX
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.records import AttemptLost
from prd_supervise.supervisor.core.prd.state import Stage, worker_of
from prd_supervise.supervisor.core.prd.words import AskGit, StartAgent, TellWorker
from prd_supervise.workers.messages.prd import (
    EndAttempt,
    Happened,
    Limits,
    LimitStoryCpu,
    StoryAtRest,
)
from prd_supervise.workers.messages.story import EndAgent, LimitCpu
from prd_supervise.workers.messages.train import PublishTrain
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

SAMPLE = "7.1 GiB over memory_max 6 GiB"


def over_memory(attempt: int = 1, *, at_once: bool = False) -> EndAttempt:
    return EndAttempt(
        story_id="A",
        attempt=attempt,
        kind=OutcomeKind.OUT_OF_MEMORY,
        detail=SAMPLE,
        at_once=at_once,
    )


def losses(world: World) -> list[AttemptLost]:
    return [each for each in world.around.records if isinstance(each, AttemptLost)]


@pytest.mark.parametrize("stage", [Stage.AGENT, Stage.VERIFY])
def test_an_attempt_that_goes_for_others_counts_for_nothing_and_waits(stage: Stage) -> None:
    limits = Limits(max_memory_kills=1, backoff_cap_s=30.0)
    world = prd_world(a_story("A"), limits=limits).until("A", stage)
    ended = world.order(replace(over_memory(), is_for_others=True))
    ended = ended.until_that(lambda after: bool(losses(after)))
    (lost,) = losses(ended)
    assert (lost.counts, ended.memory("A").losses) == (False, Tally())
    assert ended.story("A").not_before_s == ended.now_s + 30.0
    assert ended.run().memory("A").state is StoryState.DONE


@pytest.mark.parametrize(
    ("kind", "cause", "counter"),
    [
        (OutcomeKind.FAILED, Cause.ORDINARY, "2 failed attempts"),
        (OutcomeKind.STALLED, Cause.HANG, "2 hangs"),
        (OutcomeKind.OUT_OF_MEMORY, Cause.MEMORY, "2 memory kills"),
    ],
)
def test_each_cause_has_its_own_cap(kind: OutcomeKind, cause: Cause, counter: str) -> None:
    script = Script(agents={("A", 1): kind, ("A", 2): kind})
    limits = Limits(max_attempts=2, max_memory_kills=2, max_hangs=2)
    world = prd_world(a_story("A"), script=script, limits=limits).run()
    assert world.memory("A").state is StoryState.FAILED
    assert world.memory("A").losses == Tally().plus(cause).plus(cause)
    assert world.memory("A").reason.startswith(f"given up after {counter}")


def test_failures_of_different_causes_do_not_add_up() -> None:
    kinds = (OutcomeKind.FAILED, OutcomeKind.STALLED, OutcomeKind.OUT_OF_MEMORY)
    script = Script(agents={("A", n): kind for n, kind in enumerate(kinds, 1)})
    limits = Limits(max_attempts=2, max_memory_kills=2, max_hangs=2)
    world = prd_world(a_story("A"), script=script, limits=limits).run()
    assert world.memory("A").state is StoryState.DONE
    assert world.memory("A").losses == Tally(ordinary=1, memory=1, hang=1)


@pytest.mark.parametrize("cause", list(Cause))
def test_a_worker_s_death_counts_as_what_killed_it(cause: Cause) -> None:
    limits = Limits(max_attempts=2, max_memory_kills=2, max_hangs=2)
    world = prd_world(a_story("A"), limits=limits).until("A", Stage.AGENT)
    world = world.kill_worker("A", cause).until("A", Stage.AGENT)
    assert world.memory("A").losses.of(cause) == 1
    assert world.kill_worker("A", cause).memory("A").state is StoryState.FAILED


def test_a_ceiling_has_the_agent_ended_and_the_attempt_counts_as_a_memory_kill() -> None:
    world = prd_world(a_story("A")).until("A", Stage.AGENT).order(over_memory(at_once=True))
    order = EndAgent(kind=OutcomeKind.OUT_OF_MEMORY, detail=SAMPLE, at_once=True)
    assert [e.order for e in world.commands if isinstance(e, TellWorker)] == [order]
    world = world.run()
    assert [(each.cause, SAMPLE in each.reason) for each in losses(world)] == [(Cause.MEMORY, True)]
    assert world.memory("A").state is StoryState.DONE


def test_a_worker_that_dies_while_its_agent_is_ended_for_a_ceiling_counts_as_that() -> None:
    world = prd_world(a_story("A")).until("A", Stage.AGENT).order(over_memory())
    world = world.kill_worker("A")
    assert world.memory("A").losses == Tally(memory=1)
    assert world.memory("A").reason.startswith(SAMPLE)


@pytest.mark.parametrize("stage", [Stage.COMMIT, Stage.VERIFY, Stage.TRIAL, Stage.MERGED])
def test_what_judges_the_work_has_the_same_ceilings(stage: Stage) -> None:
    world = prd_world(a_story("A")).until("A", stage).order(over_memory())
    world = world.run()
    assert [(each.cause, each.reason) for each in losses(world)] == [(Cause.MEMORY, SAMPLE)]
    assert world.count(StartAgent) == 2
    assert world.memory("A").state is StoryState.DONE


def test_a_merge_that_is_being_published_is_not_ended() -> None:
    world = prd_world(a_story("A")).until("A", Stage.PUBLISH).order(over_memory()).run()
    assert losses(world) == []
    publishes = [e for e in world.commands if isinstance(e, AskGit)]
    assert sum(isinstance(each.request, PublishTrain) for each in publishes) == 1


def test_an_order_for_another_attempt_is_late() -> None:
    world = prd_world(a_story("A")).until("A", Stage.AGENT)
    late = world.order(over_memory(attempt=2)).order(LimitStoryCpu(story_id="A", attempt=2))
    assert late.count(TellWorker) == 0
    assert late.order(EndAttempt(story_id="?", attempt=1, kind=OutcomeKind.STALLED, detail="")).prd


def test_a_share_of_the_processor_is_passed_on() -> None:
    world = prd_world(a_story("A")).until("A", Stage.AGENT)
    world = world.order(LimitStoryCpu(story_id="A", attempt=1, share=0.5, nice=10))
    orders = [each.order for each in world.commands if isinstance(each, TellWorker)]
    assert orders == [LimitCpu(share=0.5, nice=10)]


def test_root_hears_when_nothing_of_a_story_lives_any_more() -> None:
    world = prd_world(a_story("A")).run()
    assert StoryAtRest(story_id="A") in world.around.words


# --- groups ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("strategy", ["one_for_all", "rest_for_one"])
def test_a_group_goes_down_with_one_of_it_and_only_that_one_has_lost_an_attempt(
    strategy: str,
) -> None:
    limits = Limits(strategy=strategy, max_workers=0)
    world = prd_world(*(a_story(name) for name in "ABC"), limits=limits)
    world = world.until_that(lambda w: all(w.is_in(name, Stage.AGENT) for name in "ABC"))
    world = world.kill_worker("B").run()
    assert [world.memory(name).failures for name in "ABC"] == [0, 1, 0]
    assert all(world.memory(name).state is StoryState.DONE for name in "ABC")
    stopped = {each.story_id: each.reason for each in losses(world) if not each.counts}
    expected = "AC" if strategy == "one_for_all" else "C"
    assert set(stopped) == set(expected)
    assert set(stopped.values()) <= {"stopped with its group: the worker of B died"}
    assert world.prd.workers.restarted_at_s != ()


def test_one_for_one_concerns_nobody_else() -> None:
    world = prd_world(a_story("A"), a_story("B"), limits=Limits(max_workers=0))
    world = world.until_that(lambda w: all(w.is_in(name, Stage.AGENT) for name in "AB"))
    assert [each.story_id for each in losses(world.kill_worker("A").run())] == ["A"]


def test_a_temporary_worker_is_not_restarted_and_its_story_is_scheduled_again() -> None:
    world = prd_world(a_story("A"), limits=Limits(restart="temporary", intensity=0))
    world = world.until("A", Stage.AGENT).kill_worker("A")
    assert world.story("A").run is None
    world = world.run()
    assert world.memory("A").state is StoryState.DONE
    assert (world.memory("A").failures, world.prd.workers.restarted_at_s) == (1, ())


def test_a_temporary_worker_that_always_dies_over_its_evidence_is_given_up() -> None:
    world = prd_world(a_story("A"), limits=Limits(restart="temporary", max_attempts=2))
    world = world.until("A", Stage.VERIFY).kill_worker("A")
    world = world.until("A", Stage.VERIFY).kill_worker("A")
    assert world.memory("A").state is StoryState.FAILED
    assert world.memory("A").is_claimed


# --- undead ---------------------------------------------------------------------------------------


def test_a_worker_beside_which_an_earlier_one_lives_costs_neither_attempt_nor_restart() -> None:
    world = prd_world(a_story("A"), limits=Limits(intensity=0, max_attempts=1))
    for _ in range(REFUSALS_MAX - 1):
        world = world.until_that(lambda w: w.process(worker_of("A")) is not None)
        world = world.refuse_worker("A")
        assert world.story("A").run is None
    assert world.memory("A").failures == 0
    assert world.prd.workers.restarted_at_s == ()
    told = [each for each in world.around.words if isinstance(each, Happened)]
    assert [each.event for each in told].count("undead") == 1
    assert world.now_s > 60.0  # it waited longer from time to time
    assert world.run().memory("A").state is StoryState.DONE


def test_a_worker_that_is_refused_too_often_costs_an_attempt() -> None:
    world = prd_world(a_story("A"), limits=Limits(max_attempts=1))
    for _ in range(REFUSALS_MAX):
        world = world.until_that(lambda w: w.process(worker_of("A")) is not None)
        world = world.refuse_worker("A")
    assert world.memory("A").state is StoryState.FAILED
    assert "an earlier attempt lives" in world.memory("A").reason


def test_everything_that_happens_to_a_worker_is_in_its_story() -> None:
    world = prd_world(a_story("A")).until("A", Stage.AGENT).kill_worker("A").run()
    noted = [each for each in world.around.records if isinstance(each, Noted)]
    mine = [each.event for each in noted if each.child_id == worker_of("A")]
    for event in ("started", "ready", "died", "attempt_failed", "merged", "ended"):
        assert event in mine
    assert mine.count("started") == 2
    assert [each.event for each in noted if each.child_id == "git"][:2] == ["started", "ready"]

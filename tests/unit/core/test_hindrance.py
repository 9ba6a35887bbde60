from __future__ import annotations

import pytest

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.attempt import hindrance
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.state import Stage
from prd_supervise.supervisor.core.prd.view import view_of
from prd_supervise.supervisor.core.prd.words import FinishWorker, Say, StartVerify
from prd_supervise.workers.messages.prd import LeaseReturned, LeaseWanted, Limits
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

ONE_ATTEMPT = Limits(max_attempts=1)
REQUESTS = ("Prepare", "Commit", "AssembleTrain", "PublishTrain")


def _refusing(*names: str, is_short: bool) -> World:
    world = prd_world(a_story("A"), limits=ONE_ATTEMPT).until("A", Stage.LEASE)
    return world.refuse(*names, is_short=is_short)


@pytest.mark.parametrize("request_name", REQUESTS)
def test_what_passes_by_itself_costs_no_attempt(request_name: str) -> None:
    world = _refusing(*[request_name] * 5, is_short=True).run()
    assert world.memory("A").state is StoryState.DONE
    assert world.memory("A").failures == 0
    assert world.around.repository.refuses == ()


@pytest.mark.parametrize("request_name", REQUESTS)
def test_what_a_person_has_to_mend_costs_one(request_name: str) -> None:
    world = _refusing(request_name, is_short=False).run()
    assert world.memory("A").state is StoryState.FAILED


def test_each_time_the_story_waits_longer() -> None:
    few = _refusing(*["Prepare"] * 2, is_short=True).run()
    many = _refusing(*["Prepare"] * 6, is_short=True).run()
    assert many.now_s > 2 * few.now_s


def test_a_hindrance_without_end_is_paid_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hindrance, "HINDRANCES_MAX", 3)
    world = _refusing(*["Prepare"] * 9, is_short=True).run()
    assert world.memory("A").state is StoryState.FAILED
    assert len(world.around.repository.refuses) == 5


@pytest.mark.parametrize("request_name", ["AssembleTrain", "PublishTrain"])
def test_what_was_verified_is_not_verified_again_for_it(request_name: str) -> None:
    world = _refusing(*[request_name] * 3, is_short=True).run()
    assert world.memory("A").state is StoryState.DONE
    orders = [each.order.stage for each in world.commands if isinstance(each, StartVerify)]
    assert (orders.count("story"), orders.count("merged")) == (1, 1)
    [result] = [each.result for each in world.commands if isinstance(each, FinishWorker)][-1:]
    assert result.story_run is not None
    assert result.merged_run is not None
    assert result.merged_run.commit == result.commit


def test_other_work_is_verified_for_itself() -> None:
    script = Script(reds=frozenset({("A", 1, "merged")}))
    world = prd_world(a_story("A"), script=script).run()
    assert world.memory("A").attempt == 2
    orders = [each.order.stage for each in world.commands if isinstance(each, StartVerify)]
    assert (orders.count("story"), orders.count("merged")) == (2, 2)


def test_status_says_what_a_story_waits_for() -> None:
    world = _refusing("AssembleTrain", is_short=True)

    def waits(world: World) -> bool:
        story = world.prd.story("A")
        return story is not None and bool(story.hindrance) and story.run is None

    world = world.until_that(waits)
    [view] = [view_of(story) for story in world.prd.stories]
    assert view.reason.startswith("waits until git can go on: ")
    assert "waits until" not in view_of(world.run().prd.stories[0]).reason


def test_evidence_alone_needs_a_lease_where_others_may_be_excluded() -> None:
    for mutex, leases in (((), 1), (("db",), 2)):
        story = replace(a_story("A"), mutex=mutex)
        world = prd_world(story).until("A", Stage.LEASE).refuse("PublishTrain", is_short=True).run()
        assert world.memory("A").state is StoryState.DONE
        words = [each.word for each in world.commands if isinstance(each, Say)]
        assert sum(isinstance(word, LeaseWanted) for word in words) == leases
        assert {word.lease for word in words if isinstance(word, LeaseReturned)} == {"A#1"}


def test_a_lease_for_evidence_is_given_back_before_anybody_is_waited_for() -> None:
    story = replace(a_story("A"), mutex=("db",))
    world = prd_world(story).until("A", Stage.LEASE).refuse("PublishTrain", is_short=True)
    world = world.until("A", Stage.PUBLISH).until("A", Stage.GATHER).until("A", Stage.PUBLISH)
    assert world.around.leases == frozenset()

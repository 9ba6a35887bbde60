from __future__ import annotations

import pytest

from prd_supervise.supervisor.core.prd import hindrance
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.state import Stage
from prd_supervise.workers.messages.prd import Limits
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

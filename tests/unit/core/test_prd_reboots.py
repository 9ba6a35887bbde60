"""The whole tree goes down, and comes up again: what that costs a story, and what it does not."""

from __future__ import annotations

import pytest

from prd_supervise.policies.outcomes.setbacks import DOWNS_MAX
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.memory import Memory, StoryState
from prd_supervise.supervisor.core.prd.records import AttemptLost
from prd_supervise.supervisor.core.prd.remembering import remember
from prd_supervise.supervisor.core.prd.state import Stage
from prd_supervise.supervisor.core.prd.words import StartAgent
from prd_supervise.supervisor.shell.moments import Moments
from prd_supervise.supervisor.shell.prd.first_state import Clocks, remembered
from prd_supervise.supervisor.shell.storage.recollection import Recollection
from prd_supervise.workers.messages.prd import Limits
from tests.support.prd_world import World, a_story, prd_world

NO_ATTEMPT_LEFT = Limits(max_attempts=1)


def gone_down(world: World, stage: Stage, times: int) -> World:
    """Go down so often, each time when the story has come to this stage."""
    for _ in range(times):
        world = world.resume(went_down=True).until("A", stage)
    return world


def test_going_down_again_and_again_costs_nothing_for_a_while_and_then_ends() -> None:
    """A machine that crashes because of a story must not crash for ever."""
    world = prd_world(a_story("A"), limits=NO_ATTEMPT_LEFT).until("A", Stage.AGENT)
    world = gone_down(world, Stage.AGENT, DOWNS_MAX)
    assert (world.memory("A").failures, world.memory("A").downs) == (0, DOWNS_MAX)

    world = world.resume(went_down=True).run()

    assert world.memory("A").state is StoryState.FAILED
    assert world.memory("A").reason.endswith(f"the tree went down, {DOWNS_MAX + 1} times in a row")


def test_a_claim_is_kept_when_the_tree_goes_down_and_not_for_ever_either() -> None:
    world = prd_world(a_story("A"), limits=NO_ATTEMPT_LEFT).until("A", Stage.VERIFY)
    world = gone_down(world, Stage.VERIFY, DOWNS_MAX)
    assert world.memory("A").attempt == 1
    assert world.count(StartAgent) == 0
    assert world.resume(went_down=False).run().memory("A").state is StoryState.DONE

    world = world.resume(went_down=True).run()

    assert world.memory("A").state is StoryState.FAILED


def test_a_story_that_gets_on_begins_to_count_anew() -> None:
    world = prd_world(a_story("A")).until("A", Stage.AGENT)
    world = gone_down(world, Stage.AGENT, DOWNS_MAX).until("A", Stage.VERIFY)
    assert world.memory("A").downs == 0


@pytest.mark.parametrize(
    ("passed_s", "waits_s"),
    [(0.0, 40.0), (15.0, 25.0), (40.0, 0.0), (1e6, 0.0), (-1e9, 40.0)],
    ids=["at once", "meanwhile", "just over", "long over", "the clock was set back"],
)
def test_a_pause_goes_on_by_the_wall_clock(passed_s: float, waits_s: float) -> None:
    lost = AttemptLost(story_id="A", attempt=1, reason="red", wait_s=40.0)
    known = Recollection(moments={"A": Moments(since=5000.0)})
    known.stories["A"] = remember(Memory(attempt=1, is_open=True), lost)

    now = Clocks(now_s=7.0, wall_s=5000.0 + passed_s)
    story = remembered(a_story("A"), known, now)

    assert story.not_before_s == (7.0 + waits_s if waits_s else 0.0)


def test_a_story_that_still_waits_is_begun_when_its_pause_is_over() -> None:
    world = prd_world(replace(a_story("A"), not_before_s=30.0)).until("A", Stage.AGENT)
    assert 30.0 <= world.now_s < 31.0

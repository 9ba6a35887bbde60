from __future__ import annotations

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.state import Stage
from prd_supervise.supervisor.core.prd.words import AssignWorker
from prd_supervise.workers.messages.prd import EndAttempt, Limits
from tests.support.prd_world import World, a_story, prd_world


def memory_kill(world: World) -> World:
    run = world.story("A").run
    assert run is not None
    return world.order(
        EndAttempt(
            story_id="A",
            attempt=run.attempt,
            kind=OutcomeKind.OUT_OF_MEMORY,
            detail="2 GiB in 3 processes, over memory_max (1 GiB)",
            at_once=True,
        )
    )


def test_the_attempt_before_the_last_memory_kill_is_told_apart_for_the_choice_of_victims() -> None:
    world = prd_world(a_story("A"), limits=Limits(max_memory_kills=2))
    for attempt in (1, 2):
        world = memory_kill(
            world.until_that(
                lambda each, attempt=attempt: (  # type: ignore[misc]  # the loop's, bound now
                    each.is_in("A", Stage.AGENT) and each.memory("A").attempt == attempt
                )
            )
        )
    world = world.run()
    assigned = [each for each in world.commands if isinstance(each, AssignWorker)]
    assert [each.is_last_chance for each in assigned] == [False, True]
    assert world.memory("A").state is StoryState.FAILED
    assert "2 GiB in 3 processes" in world.memory("A").reason

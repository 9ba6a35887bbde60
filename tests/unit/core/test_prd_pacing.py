"""max_workers = "auto" in a PRD: what root hears, and what its number does."""

from __future__ import annotations

from prd_supervise.supervisor.core.prd.state import Stage
from prd_supervise.workers.messages.pace import Faring, PlacesChanged
from prd_supervise.workers.messages.prd import Limits
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

AUTO = Limits(max_workers=2, auto_workers=True)


def heard(world: World) -> list[Faring]:
    return [word for word in world.around.words if isinstance(word, Faring)]


def test_root_hears_how_many_stories_run_and_could() -> None:
    world = prd_world(*(a_story(name) for name in "ABCD"), a_story("E", "A"), limits=AUTO)
    world = world.until("A", Stage.AGENT)
    assert heard(world)[-1] == Faring(width=4, running=2)


def test_root_hears_what_was_merged_and_what_conflicted() -> None:
    script = Script(conflicts=frozenset({("B", 1)}))
    world = prd_world(a_story("A"), a_story("B"), limits=AUTO, script=script).run()
    assert (heard(world)[-1].merged, heard(world)[-1].conflicts) == (2, 1)


def test_a_red_merge_is_no_conflict() -> None:
    script = Script(reds=frozenset({("B", 1, "merged")}))
    world = prd_world(a_story("A"), a_story("B"), limits=AUTO, script=script).run()
    assert world.memory("B").reruns == 1
    assert (heard(world)[-1].merged, heard(world)[-1].conflicts) == (2, 0)


def test_who_has_a_number_of_its_own_says_nothing() -> None:
    assert not heard(prd_world(a_story("A"), a_story("B"), limits=Limits(max_workers=2)).run())


def test_more_places_take_effect_at_once_and_fewer_end_nothing() -> None:
    world = prd_world(*(a_story(name) for name in "ABCD"), limits=AUTO).until("A", Stage.AGENT)
    world = world.order(PlacesChanged(max_workers=3, reason="calm"))
    assert sum(story.run is not None for story in world.prd.stories) == 3
    world = world.order(PlacesChanged(max_workers=1, reason="storm"))
    assert sum(story.run is not None for story in world.prd.stories) == 3
    assert world.run().around.exit_code == 0

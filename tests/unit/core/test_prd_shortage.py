from __future__ import annotations

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.common import Noticed
from prd_supervise.supervisor.core.prd.attempt.slots import AGAIN, TRIES_MAX, on_no_worktree
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.state import GIT, Stage, worker_of
from prd_supervise.supervisor.core.prd.turn import Turn, running
from prd_supervise.supervisor.core.prd.words import Say
from prd_supervise.workers.messages.prd import Happened, Limits
from prd_supervise.workers.messages.worktrees import NoWorktree
from tests.support.prd_world import World, a_story, prd_world

NAMES = ("A", "B", "C", "D")
THREE = Limits(max_workers=3, max_attempts=1)


def _world(room: int) -> World:
    world = prd_world(*map(a_story, NAMES), limits=THREE)
    return _with_room(world, room)


def _with_room(world: World, room: int) -> World:
    return world.with_(repository=replace(world.around.repository, room=room))


def _told(world: World, event: str) -> list[str]:
    words = world.around.words
    return [word.text for word in words if isinstance(word, Happened) and word.event == event]


def test_with_a_single_worktree_the_stories_are_worked_on_one_after_the_other() -> None:
    world, most = _world(1), 0
    while world.around.exit_code is None:
        at_work = [each for each in running(world.prd) if each.run and each.run.is_prepared]
        most = max(most, len(at_work))
        world = world.go_on()
    assert most == 1
    assert {world.memory(name).state for name in NAMES} == {StoryState.DONE}
    assert {world.memory(name).failures for name in NAMES} == {0}
    (text,) = _told(world, "worktrees_short")
    assert text.startswith("goes on in 1 worktree,")


def test_only_a_change_for_the_worse_is_told() -> None:
    world = _world(0).until_that(lambda world: world.story("A").run is not None)
    story, known = world.story("A"), None
    assert story.run is not None
    told = []
    for slots in ((1, 2), (1,), (1, 2), (1,), (), (1,), ()):
        turn = Turn(replace(world.prd, shortage=known), now_s=world.now_s)
        answer = NoWorktree(story_id="A", attempt=1, message="full", slots=slots)
        on_no_worktree(turn, story, story.run, answer)
        known = turn.prd.shortage
        words = [each.word for each in turn.commands if isinstance(each, Say)]
        told += [slots for word in words if getattr(word, "event", "") == "worktrees_short"]
    assert told == [(1, 2), (1,), ()]


def test_where_not_a_single_one_can_be_made_the_prd_fails_in_time() -> None:
    world = _world(0).run()
    outcome = world.outcome
    assert outcome is not None
    assert outcome.reasons == ("not a single worktree can be made: the disk is full",)
    assert outcome.state == "failed"
    assert 300 < world.now_s < 1800
    assert {world.memory(name).failures for name in NAMES} == {0}
    assert {world.memory(name).state for name in NAMES} == {StoryState.PENDING}
    assert len(_told(world, "worktrees_short")) == 1
    assert _with_room(world, 1).resume().run().memory("A").state is StoryState.DONE


def test_where_room_comes_before_that_the_prd_goes_on() -> None:
    short = _world(0).until_that(_tried_often)
    world = _with_room(short, 3).run()
    assert world.around.exit_code == 0
    assert len(_told(world, "worktrees_again")) == 1


def _tried_often(world: World) -> bool:
    return world.prd.shortage is not None and world.prd.shortage.times == TRIES_MAX - 1


def test_once_there_is_room_again_one_worktree_after_the_other_is_made() -> None:
    short = _world(1).until_that(lambda world: bool(_with_agents(world)))
    while (at := _whose_turn_it_is(short)) is not None:
        short = short.deliver(at)
    assert len(_with_agents(short)) == 1
    world = _with_room(short, 3)
    while len(_with_agents(world)) < 3:
        at = _whose_turn_it_is(world)
        world = world.wait() if at is None else world.deliver(at)
    assert _told(world, "worktrees_again") == ["there are 3 worktrees, as many as are wanted"]
    assert world.prd.shortage is None
    assert world.now_s >= AGAIN.base_s / 2
    assert world.run().memory("D").state is StoryState.DONE


def _whose_turn_it_is(world: World) -> int | None:
    """The first who has to say something that is not the end of an agent."""
    busy = _with_agents(world)
    return next((at for at, (who, _) in enumerate(world.around.pending) if who not in busy), None)


def _with_agents(world: World) -> set[str]:
    return {worker_of(name) for name in NAMES if world.is_in(name, Stage.AGENT)}


def test_what_the_integrator_notices_names_it_once() -> None:
    world = _world(3).hear(Noticed(child_id=GIT, event="stashed", text="A stashed work"))
    assert _told(world, "stashed") == ["git: A stashed work"]

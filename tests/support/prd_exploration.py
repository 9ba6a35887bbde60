"""Every order of events in a PRD's world, and every fault between two of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from prd_supervise.policies.approval import Word
from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.otp.events import ChildReady
from prd_supervise.supervisor.core.prd.needs import all_needs
from prd_supervise.supervisor.core.prd.state import GIT, story_of
from prd_supervise.workers.messages.approval import Answer
from prd_supervise.workers.messages.git import GitRequest, OpenBranch
from prd_supervise.workers.messages.prd import EndAttempt, Hold, Release, Retry, Standing
from prd_supervise.workers.messages.train import PublishTrain
from tests.support.prd_world import World

STEPS_MAX = 400
STATES_MAX = 200_000


def _turns(world: World) -> Iterator[World]:
    """Every order in which those who have something to say may say it, each in its own order."""
    senders = [who for who, _ in world.around.pending]
    for index, who in enumerate(senders):
        if who not in senders[:index]:
            yield world.deliver(index)
    if senders:
        return
    freed = released(world)
    assert world.around.timers or freed != world, f"nobody ever says anything again: {world.prd}"
    yield world.wait() if world.around.timers else freed


def faults(world: World) -> Iterator[World]:
    for process in world.around.processes:
        yield world.kill(process.child_id)
    asked = next((item for who, item in world.around.pending if who == GIT), None)
    if isinstance(asked, GitRequest):
        yield world.kill(GIT, after_serving=True)
        if not _is_done_already(world, asked):
            yield world.refuse(type(asked).__name__)
        if isinstance(asked, OpenBranch):
            yield world.refuse("OpenBranch", is_short=True)
    for who, item in world.around.pending:
        if who != GIT and isinstance(item, ChildReady):  # or it was not started at all
            yield world.refuse_worker(story_of(who))
    yield world.stop(60.0)
    yield world.stop(5.0)
    yield world.move_branch()


def interventions(world: World) -> Iterator[World]:
    """What root may order: each hold is taken back later, or nothing would ever end."""
    for story_id in ("", "A"):
        held = world.prd.is_held if not story_id else world.memory("A").is_held
        yield world.order(Release(story_id=story_id) if held else Hold(story_id=story_id))
    yield world.order(Retry(story_id="A"))
    attempt = world.memory("A").attempt
    kind = OutcomeKind.OUT_OF_MEMORY
    yield world.order(EndAttempt(story_id="A", attempt=attempt, kind=kind, detail="too big"))


def people(world: World) -> Iterator[World]:
    """What people may say: yes or no to what is asked, both, or something about what is over."""
    for story_id in _asked(world):
        yield world.say(Word.APPROVED, story_id)
        yield world.say(Word.REJECTED, story_id, reason="no")
        asked = world.asked(story_id)
        if asked is not None:
            late = replace(asked, work="over", word=Word.APPROVED, by="ana")
            yield world.order(Answer(story_id=story_id, approval=late))


def _asked(world: World) -> tuple[str, ...]:
    names = ("", *(story.story_id for story in world.prd.stories))
    return tuple(name for name in names if world.asked(name) is not None)


def released(world: World) -> World:
    """Take back whatever keeps it waiting: people say yes to all that they are asked."""
    for name in _asked(world):
        world = world.say(Word.APPROVED, name) if world.asked(name) is not None else world
    told = {each.need for each in world.prd.elsewhere if each.standing is Standing.DONE}
    for need in all_needs(world.prd):
        world = world if need in told else world.elsewhere(need, Standing.DONE)
    world = world.order(Release()) if world.prd.is_held else world
    story = world.prd.story("A")
    is_held = story is not None and story.memory.is_held
    return world.order(Release(story_id="A")) if is_held else world


def _is_done_already(world: World, asked: GitRequest) -> bool:
    """Say whether this merge is in the branch: asked again, the integrator has nothing to do."""
    return isinstance(asked, PublishTrain) and asked.commit in world.around.repository.past


Strike = Callable[[World], Iterator[World]]


def explore(first: World, strikes: int, strike: Strike = faults) -> dict[World, World]:
    """Every world that can be reached with so many faults: where it goes once there are none.

    Those of fewer faults come first, so that each is gone on from once, with the most of them left.
    """
    found: dict[World, World] = {}
    struck = [first]
    for rest in range(strikes, -1, -1):
        todo, struck = struck, []
        while todo:
            world = todo.pop()
            if world in found:
                continue
            nexts = list(_turns(world)) if world.around.exit_code is None else []
            found[world] = nexts[0] if nexts else world
            todo += nexts
            if rest and nexts:
                struck += strike(world)
            assert len(found) < STATES_MAX, "the world does not end"
    return found


def assert_that_all_end(found: Mapping[World, World], begun: Iterable[World] | None = None) -> None:
    """Once nothing more goes wrong, every way leads to the end: from these, or from all found."""
    ending: set[World] = set()
    for world in found if begun is None else begun:
        way: list[World] = []
        here = world
        while here.around.exit_code is None and here not in ending:
            way.append(here)
            assert len(way) < STEPS_MAX, f"this never ends: {way[0].prd}"
            here = found[here] if here in found else next(_turns(here))
        ending.update(way)


def resumed(found: Iterable[World]) -> set[World]:
    """What a resume with --retry begins with after each end: many an end leads to the same."""
    return {
        world.resume(retry=True, after_crash=world.around.exit_code != 0)
        for world in found
        if world.around.exit_code is not None
    }

"""Stories that need stories of other PRDs: what their PRD makes of what root says of them."""

from __future__ import annotations

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.state import PrdPhase, Stage
from prd_supervise.supervisor.core.prd.words import WakeAt
from prd_supervise.workers.messages.prd import (
    Hold,
    Limits,
    PrdReport,
    Release,
    Retry,
    Standing,
    Waiting,
)
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

NEED = "OTHER/X"
LOST = "and OTHER is not being run: start it too"


def reports(world: World) -> list[PrdReport]:
    return [word for word in world.around.words if isinstance(word, PrdReport)]


def waiting(world: World) -> Waiting:
    return reports(world)[-1].waiting


def a_waiting_prd() -> World:
    return prd_world(a_story("A", needs=(NEED,)), a_story("B", "A")).settle()


def test_a_story_waits_for_a_story_of_another_prd_and_root_is_told() -> None:
    world = a_waiting_prd()
    assert world.around.exit_code is None
    assert all(story.run is None for story in world.prd.stories)
    whole = next(each for each in reports(world) if each.is_whole)
    assert whole.needs == (NEED,)
    assert waiting(world) == Waiting(needs=(NEED,))
    assert reports(world)[-1].note == f"waits for {NEED}"
    done = world.elsewhere(NEED, Standing.DONE).run()
    assert done.outcome is not None
    assert done.outcome.state == "completed"


def test_what_is_not_yet_done_elsewhere_changes_nothing() -> None:
    world = a_waiting_prd().elsewhere(NEED, Standing.OPEN).settle()
    assert world.story("A").run is None
    assert waiting(world).needs == (NEED,)


def test_whoever_needs_nothing_of_others_goes_on_meanwhile() -> None:
    world = prd_world(a_story("A", needs=(NEED,)), a_story("C")).until("C", Stage.AGENT)
    assert waiting(world) == Waiting()
    world = world.until_that(lambda each: bool(waiting(each).needs))
    assert world.memory("C").state is StoryState.DONE
    assert not world.elsewhere(NEED, Standing.DONE).prd.waiting.needs


def test_what_only_comes_after_a_story_that_waits_goes_first() -> None:
    stories = (a_story("A", needs=(NEED,)), a_story("C", after=("A",), verify=()))
    world = prd_world(*stories).until("C", Stage.AGENT)
    world = world.elsewhere(NEED, Standing.DONE)
    assert world.story("A").run is None  # never both at once
    assert world.run().outcome is not None


def test_who_waits_in_vain_is_skipped_with_the_reason_and_the_prd_ends() -> None:
    world = a_waiting_prd().elsewhere(NEED, Standing.LOST, LOST).run()
    assert world.outcome is not None
    assert world.outcome.state == "failed"
    assert world.outcome.reasons == (
        f"A: needs {NEED}, {LOST}",
        "B: needs A, which is not done",
    )
    views = {view.story_id: view for each in reports(world) for view in each.stories}
    assert [views[name].standing for name in "AB"] == [Standing.LOST] * 2
    assert views["A"].reason == f"needs {NEED}, {LOST}"


def test_a_skip_for_others_is_no_decision_a_resume_without_retry_takes_it_back() -> None:
    world = a_waiting_prd().elsewhere(NEED, Standing.LOST, LOST).run()
    assert world.memory("A").state is StoryState.PENDING
    again = world.resume().settle().elsewhere(NEED, Standing.DONE).run()
    assert again.outcome is not None
    assert again.outcome.state == "completed"


def test_a_lost_need_that_may_come_yet_lets_its_story_wait_again() -> None:
    stories = (a_story("A", needs=(NEED,)), a_story("C"))
    world = prd_world(*stories).until("C", Stage.AGENT)
    world = world.elsewhere(NEED, Standing.LOST, LOST).elsewhere(NEED, Standing.OPEN)
    assert not world.story("A").lacks
    world = world.until_that(lambda each: bool(waiting(each).needs)).settle()
    assert world.elsewhere(NEED, Standing.DONE).run().memory("A").state is StoryState.DONE


def test_hope_that_comes_while_the_prd_is_being_closed_opens_it_again() -> None:
    world = a_waiting_prd().elsewhere(NEED, Standing.LOST, LOST)
    assert world.prd.phase is PrdPhase.CLOSING
    world = world.elsewhere(NEED, Standing.DONE).run()
    assert world.outcome is not None
    assert world.outcome.state == "completed"


def test_hope_that_comes_too_late_is_for_the_next_run() -> None:
    world = a_waiting_prd().elsewhere(NEED, Standing.LOST, LOST)
    world = world.until_that(lambda each: each.prd.phase is PrdPhase.ENDING)
    world = world.elsewhere(NEED, Standing.DONE).run()
    assert world.outcome is not None
    assert world.outcome.state == "failed"
    assert world.resume().settle().elsewhere(NEED, Standing.DONE).run().memory("A").commit


def test_a_need_that_is_reopened_keeps_back_only_what_has_not_begun() -> None:
    stories = (a_story("A", needs=(NEED,)), a_story("B", "A", needs=(NEED,)))
    world = prd_world(*stories).settle().elsewhere(NEED, Standing.DONE).until("A", Stage.AGENT)
    world = world.elsewhere(NEED, Standing.OPEN)
    assert world.is_in("A", Stage.AGENT)
    world = world.until_that(lambda each: bool(waiting(each).needs)).settle()
    assert world.memory("A").state is StoryState.DONE
    assert world.story("B").run is None
    assert world.elsewhere(NEED, Standing.DONE).run().memory("B").state is StoryState.DONE


def test_an_attempt_that_fails_waits_for_a_need_that_was_reopened_meanwhile() -> None:
    script = Script(agents={("A", 1): OutcomeKind.FAILED})
    world = prd_world(a_story("A", needs=(NEED,)), script=script).settle()
    world = world.elsewhere(NEED, Standing.DONE).until("A", Stage.AGENT)
    world = world.elsewhere(NEED, Standing.OPEN)
    world = world.until_that(lambda each: bool(waiting(each).needs)).settle()
    while world.around.timers:
        world = world.wait().settle()
    assert world.story("A").run is None
    assert world.elsewhere(NEED, Standing.DONE).run().memory("A").attempt == 2


def test_a_held_prd_or_story_does_not_only_wait_for_others() -> None:
    world = a_waiting_prd().order(Hold())
    assert waiting(world) == Waiting()
    world = world.order(Release())
    assert waiting(world) == Waiting(needs=(NEED,))
    world = prd_world(a_story("A", needs=(NEED,)), a_story("C")).order(Hold(story_id="C")).settle()
    assert waiting(world) == Waiting(needs=(NEED,), has_held=True)


def test_a_story_that_failed_skips_its_dependants_for_good_whatever_they_need() -> None:
    script = Script(agents={("A", 1): OutcomeKind.FAILED})
    stories = (a_story("A"), a_story("B", "A", needs=(NEED,)))
    world = prd_world(*stories, script=script, limits=Limits(max_attempts=1)).run()
    assert world.memory("B").state is StoryState.SKIPPED


def test_a_stop_leaves_who_waits_for_a_resume() -> None:
    world = a_waiting_prd().stop().run()
    assert world.outcome is not None
    assert world.outcome.state == "stopped"


def test_a_retry_lets_a_failed_story_wait_for_its_need_like_any_other() -> None:
    script = Script(agents={("A", 1): OutcomeKind.FAILED})
    stories = (a_story("A", needs=(NEED,)), a_story("C", needs=("OTHER/Y",)))
    world = prd_world(*stories, script=script, limits=Limits(max_attempts=1)).settle()
    world = world.elsewhere(NEED, Standing.DONE)
    world = world.until_that(lambda each: each.memory("A").state is StoryState.FAILED)
    world = world.elsewhere(NEED, Standing.OPEN).order(Retry(story_id="A"))
    world = world.until_that(lambda each: NEED in waiting(each).needs).settle()
    assert waiting(world).needs == (NEED, "OTHER/Y")
    world = world.elsewhere(NEED, Standing.DONE).elsewhere("OTHER/Y", Standing.DONE).run()
    assert world.outcome is not None
    assert world.outcome.state == "completed"


def test_who_waits_for_others_keeps_no_timer_of_its_own() -> None:
    assert a_waiting_prd().count(WakeAt) == 0


def test_one_failure_stays_one_failure_what_comes_after_it_runs() -> None:
    script = Script(agents={("A", 1): OutcomeKind.FAILED})
    stories = (a_story("A"), a_story("B", after=("A",)), a_story("C", mutex=("db",), after=("B",)))
    world = prd_world(*stories, script=script, limits=Limits(max_attempts=1)).run()
    assert [world.memory(name).state.value for name in "ABC"] == ["failed", "done", "done"]


def test_stories_of_one_name_run_one_at_a_time_over_backoff_and_death() -> None:
    script = Script(agents={("A", 1): OutcomeKind.FAILED})
    stories = [a_story(name, mutex=("db",)) for name in "ABC"]
    world = prd_world(*stories, script=script, limits=Limits(max_workers=0))
    world = world.until("B", Stage.AGENT)  # while A backs off
    assert world.story("A").not_before_s > world.now_s
    world = world.kill_worker("B").run()  # the invariants look after each step
    assert [world.memory(name).state.value for name in "ABC"] == ["done"] * 3


def test_a_whole_report_of_many_stories_comes_in_parts_that_fit() -> None:
    stories = [a_story(f"S{number}", needs=(NEED,)) for number in range(1_201)]
    told = reports(prd_world(*stories).settle())
    assert [len(each.stories) for each in told[:4]] == [250] * 4
    assert [each.is_whole for each in told[:4]] == [True] + [False] * 3

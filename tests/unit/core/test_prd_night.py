"""Several stories, stops, full disks and mornings after."""

from __future__ import annotations

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.outcomes.setbacks import DOWNS_MAX
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.attempt.settle import STOPS_FREE
from prd_supervise.supervisor.core.prd.memory import Memory, StoryState
from prd_supervise.supervisor.core.prd.records import AttemptBegun, WorkKept
from prd_supervise.supervisor.core.prd.remembering import remember
from prd_supervise.supervisor.core.prd.state import Prd, PrdPhase, Stage
from prd_supervise.supervisor.core.prd.words import StartAgent
from prd_supervise.workers.messages.agents import ReviewRules
from prd_supervise.workers.messages.prd import Limits
from prd_supervise.workers.messages.rules import MergeRules
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

FAILING = Script(agents={("A", n): OutcomeKind.FAILED for n in range(1, 9)})


def state(world: World) -> str:
    assert world.outcome is not None
    return world.outcome.state


def test_a_story_starts_when_all_that_it_needs_is_done() -> None:
    rules = MergeRules(speculate=False)
    world = prd_world(a_story("B", "A"), a_story("A"), merging=rules).until("B", Stage.AGENT)
    assert world.memory("A").state is StoryState.DONE
    assert world.memory("B").base == world.memory("A").commit
    assert state(world.run()) == "completed"


def test_no_more_stories_run_than_the_limit_says() -> None:
    stories = [a_story(name) for name in "ABCDE"]
    world = prd_world(*stories, limits=Limits(max_workers=2))
    while world.around.exit_code is None:
        assert sum(story.run is not None for story in world.prd.stories) <= 2
        world = world.go_on()
    assert len(world.around.repository.merged) == 5


def test_a_failed_story_skips_its_dependants_only() -> None:
    stories = (a_story("A"), a_story("B", "A"), a_story("C", "B"), a_story("D"))
    world = prd_world(*stories, script=FAILING, limits=Limits(max_attempts=2)).run()
    assert [world.memory(name).state.value for name in "ABCD"] == [
        "failed",
        "skipped",
        "skipped",
        "done",
    ]
    assert state(world) == "failed"
    assert world.around.exit_code == 0


def test_a_merge_that_has_to_check_its_base_itself_goes_on() -> None:
    stories = (a_story("A"), a_story("B", verify=("other",)))
    world = prd_world(*stories).run()
    assert len(world.around.repository.merged) == 2
    assert "not known" not in world.memory("B").evidence


STAGES = tuple(stage for stage in Stage if stage not in {Stage.RESTART, Stage.BASE, Stage.GATE})


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("grace_s", [60.0, 5.0])
def test_a_stop_in_any_stage_is_finished_by_a_resume(stage: Stage, grace_s: float) -> None:
    script = Script(setups=frozenset({("A", 1)} if stage is Stage.SETUP else ()))
    review = ReviewRules(agent="codex" if stage is Stage.REVIEW else "")
    grants = stage is not Stage.LEASE
    first = prd_world(a_story("A"), grants=grants, script=script, review=review)
    world = first.until("A", stage).stop(grace_s).run()
    assert world.around.exit_code == 0
    assert world.memory("A").failures == 0
    began_s = first.until("A", stage).now_s
    assert world.now_s <= began_s + grace_s
    again = world.resume().run()
    assert state(again) == "completed"
    assert len(again.around.repository.merged) == 1


def test_a_story_whose_agent_is_over_goes_on_at_verify_after_a_stop() -> None:
    world = prd_world(a_story("A")).until("A", Stage.VERIFY).stop().run()
    assert world.resume().run().count(StartAgent) == 0


def test_a_second_stop_hurries() -> None:
    world = prd_world(a_story("A")).until("A", Stage.AGENT).stop(60.0).stop(5.0)
    assert world.prd.deadline is not None
    assert world.prd.deadline.at_s == world.now_s + 5.0
    assert world.run().now_s <= world.now_s + 5.0


def test_a_stop_while_a_worker_backs_off_leaves_nothing_under_way() -> None:
    world = prd_world(a_story("A")).until("A", Stage.AGENT).kill_worker("A")
    assert world.is_in("A", Stage.RESTART)
    world = world.stop()
    assert world.story("A").run is None
    assert state(world.run()) == "stopped"


@pytest.mark.parametrize("is_stopped", [True, False])
def test_what_brings_a_service_down_each_time_is_given_up_and_costs_nobody_else(
    *, is_stopped: bool
) -> None:
    world = prd_world(a_story("A"), a_story("B"), a_story("C"), limits=Limits(max_attempts=2))
    downs = 0
    while world.memory("A").state is StoryState.PENDING:
        world = world.until_that(lambda now: now.is_in("A", Stage.AGENT) or now.outcome is not None)
        if world.outcome is None:
            downs += 1
            world = (world.stop(0.0).run() if is_stopped else world).resume(is_service=True)
    assert downs == (STOPS_FREE + 2 if is_stopped else 2 * (DOWNS_MAX + 1))
    world = world.run() if world.outcome is None else world.resume(is_service=True).run()
    assert "in a row" in world.memory("A").reason
    assert [world.memory(name).state for name in "BC"] == [StoryState.DONE, StoryState.DONE]
    assert [world.memory(name).failures for name in "BC"] == [0, 0]


def test_what_a_person_stops_again_and_again_costs_nothing() -> None:
    world = prd_world(a_story("A"), limits=Limits(max_attempts=1))
    for _ in range(STOPS_FREE + 3):
        world = world.until("A", Stage.AGENT).stop(0.0).run().resume()
    assert world.memory("A").failures == 0
    assert state(world.run()) == "completed"


def test_the_last_words_are_the_last() -> None:
    world = prd_world(a_story("A")).until("A", Stage.LEASE).stop().run()
    assert world.around.words[-1] == world.outcome


def test_a_full_disk_starts_nothing_new_until_it_has_room_again() -> None:
    world = prd_world(a_story("A"), a_story("B", "A")).until("A", Stage.AGENT)
    world = world.storage(is_full=True).until_that(
        lambda w: w.memory("A").state is StoryState.DONE and w.story("A").run is None
    )
    assert world.story("B").run is None
    assert state(world.storage(is_full=False).run()) == "completed"


def test_too_many_deaths_burn_the_prd_out() -> None:
    stories = [a_story(name) for name in "ABC"]
    world = prd_world(*stories, limits=Limits(intensity=1, max_attempts=9))
    world = world.until("A", Stage.AGENT).kill_worker("A").until("B", Stage.AGENT)
    world = world.kill_worker("B").run()
    assert world.around.exit_code == 70
    assert world.outcome is None
    assert world.prd.phase is PrdPhase.ENDED


def test_an_integrator_that_never_comes_up_burns_the_prd_out_once() -> None:
    world = prd_world(a_story("A"), limits=Limits(intensity=0)).kill_git()
    assert world.around.exit_code == 70
    assert world.prd.phase is PrdPhase.ENDED


def test_a_branch_that_git_refuses_fails_the_prd() -> None:
    world = prd_world(a_story("A")).refuse("OpenBranch").run()
    assert world.outcome is not None
    assert (world.outcome.state, world.outcome.reasons) == ("failed", ("no",))


def test_a_branch_that_cannot_be_opened_for_what_passes_is_asked_for_again() -> None:
    world = prd_world(a_story("A")).refuse("OpenBranch", "OpenBranch", is_short=True)
    world = world.settle()
    assert world.prd.phase is PrdPhase.OPENING
    assert world.around.exit_code is None
    assert state(world.run()) == "completed"


def test_what_does_not_pass_after_all_fails_the_prd_in_a_bounded_time() -> None:
    world = prd_world(a_story("A")).refuse(*["OpenBranch"] * 20, is_short=True).run()
    assert state(world) == "failed"
    assert len(world.around.repository.refuses) == 20 - 9
    assert world.now_s < 300.0


def test_a_stop_ends_a_prd_that_waits_to_open_its_branch() -> None:
    world = prd_world(a_story("A")).refuse(*["OpenBranch"] * 20, is_short=True).settle()
    assert state(world.stop(5.0).run()) == "stopped"


def test_an_integrator_that_comes_back_while_the_system_is_short_opens_the_branch_later() -> None:
    world = prd_world(a_story("A"), a_story("B", "A")).until("A", Stage.AGENT).kill_git()
    world = world.refuse("OpenBranch", is_short=True).run()
    assert state(world) == "completed"


def test_a_tidying_up_that_git_refuses_fails_nothing() -> None:
    world = prd_world(a_story("A")).refuse("CloseBranch").run()
    assert state(world) == "completed"


def test_a_merge_in_the_branch_is_done_whatever_the_journal_says() -> None:
    world = prd_world(a_story("A")).until("A", Stage.PUBLISH)
    world = world.kill("git", after_serving=True)
    again = world.resume(after_crash=True).run()
    assert again.memory("A").state is StoryState.DONE
    assert again.count(StartAgent) == 0


def test_what_ran_when_the_supervisor_died_has_cost_an_attempt_and_a_reboot_none() -> None:
    world = prd_world(a_story("A")).until("A", Stage.AGENT)
    for after_crash in (True, False):
        again = world.resume(after_crash=after_crash).run()
        assert again.memory("A").failures == after_crash
        assert state(again) == "completed"


def test_a_retry_gives_failed_and_skipped_stories_a_new_start() -> None:
    limits = Limits(max_attempts=1)
    script = Script(agents={("A", 1): OutcomeKind.FAILED})
    world = prd_world(a_story("A"), a_story("B", "A"), script=script, limits=limits).run()
    assert state(world.resume().run()) == "failed"
    assert state(world.resume(retry=True).run()) == "completed"


def test_what_the_document_does_not_want_is_not_run_even_by_a_retry() -> None:
    unwanted = replace(a_story("A"), skipped_in_document=True)
    world = prd_world(unwanted, a_story("B")).run()
    assert state(world) == "completed"
    again = world.resume(retry=True).run()
    assert again.count(StartAgent) == 0
    wanted = tuple(replace(each, run=None, skipped_in_document=False) for each in world.prd.stories)
    assert world.resume(stories=wanted).run().count(StartAgent) == 1


def test_what_the_document_says_is_known_before_conclusions_are_drawn() -> None:
    """A dies for good before B, which a person has done by hand; C needs B and not A."""
    died = replace(a_story("A"), memory=Memory(attempt=1, is_open=True, slot=1))
    by_hand = replace(a_story("B", "A"), done_in_document=True)
    first = prd_world(a_story("A"))
    stories = (died, by_hand, a_story("C", "B"))
    prd: Prd = replace(first.prd, stories=stories, after_crash=True, limits=Limits(max_attempts=1))
    records = first.until("A", Stage.GATHER).around.records
    begun = replace(first, prd=prd).with_(records=records)
    begun = begun.settle()
    assert begun.memory("A").state is StoryState.FAILED
    assert begun.memory("C").state is StoryState.DONE


def test_two_stories_never_share_a_worktree_even_if_the_journal_says_so() -> None:
    """B was set aside while A got its place; then the document wanted B again."""
    begun = prd_world(a_story("A"), a_story("B"), limits=Limits(max_workers=0))
    slots = tuple(AttemptBegun(story_id=name, attempt=1, slot=1) for name in ("A", "B"))
    stories = tuple(
        replace(story, memory=remember(story.memory, record))
        for story, record in zip(begun.prd.stories, slots, strict=True)
    )
    world = replace(begun, prd=replace(begun.prd, stories=stories)).with_(records=slots)
    world = world.until_that(lambda w: all(w.is_in(name, Stage.AGENT) for name in "AB"))
    assert {world.memory(name).slot for name in "AB"} == {1, 2}


def test_a_base_that_is_known_is_not_checked_again() -> None:
    world = prd_world(a_story("A"), a_story("B", "A")).run()
    known = world.prd.known
    assert len({(each.of, each.commands, each.story_id) for each in known}) == len(known)


def test_a_stop_has_the_work_of_the_running_agent_committed() -> None:
    world = prd_world(a_story("A")).until("A", Stage.AGENT).stop().run()
    assert world.count(WorkKept) == 1
    assert world.memory("A").is_kept


def test_a_story_that_a_person_finished_keeps_the_number_of_its_attempts() -> None:
    world = prd_world(a_story("A"), script=FAILING, limits=Limits(max_attempts=2)).run()
    by_hand = tuple(replace(each, done_in_document=True) for each in world.prd.stories)
    again = world.resume(stories=by_hand).run()
    assert (again.memory("A").state, again.memory("A").attempt) == (StoryState.DONE, 2)
    assert state(again) == "completed"


def test_a_story_whose_merge_is_no_longer_in_the_branch_is_open_again() -> None:
    world = prd_world(a_story("A"), a_story("B", "A")).run()
    assert state(world) == "completed"
    reset = world.with_(repository=replace(world.around.repository, merged=(), tip="base"))
    again = reset.resume().run()
    assert state(again) == "completed"
    assert [name for name, _ in again.around.repository.merged] == ["A", "B"]

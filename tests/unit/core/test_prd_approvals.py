"""A person has the word before a story, before its merge, and before a PRD is complete."""

from __future__ import annotations

import pytest

from prd_supervise.policies.approval import Approval, Point, Word
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.approvals.records import (
    ApprovalWanted,
    Approved,
    PrdApprovalWanted,
    Rejected,
)
from prd_supervise.supervisor.core.prd.approvals.waits import merge_word, merge_work
from prd_supervise.supervisor.core.prd.memory import Memory, StoryState
from prd_supervise.supervisor.core.prd.records import (
    AttemptBegun,
    AttemptLost,
    BegunAnew,
    StoryGivenUp,
    Terms,
)
from prd_supervise.supervisor.core.prd.state import PrdPhase, Stage, Story
from prd_supervise.supervisor.core.prd.view import note_of, view_of
from prd_supervise.supervisor.core.prd.words import StartAgent, StartReview, StartVerify
from prd_supervise.workers.messages.agents import ReviewRules
from prd_supervise.workers.messages.approval import Answer, AnswerTaken
from prd_supervise.workers.messages.prd import (
    Happened,
    Hold,
    Limits,
    PrdReport,
    Release,
    Retry,
    Standing,
)
from prd_supervise.workers.messages.rules import MergeRules, OnFailure
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

YES, NO = Word.APPROVED, Word.REJECTED
MERGE, BEGIN = (Point.MERGE,), (Point.STORY,)


def until_asked(world: World, story_id: str = "") -> World:
    """Until a person is asked, and nobody has anything else to say."""
    return world.until_that(lambda here: here.asked(story_id) is not None).settle()


def told(world: World, event: str) -> list[str]:
    """The stories of which this was told."""
    words = world.around.words
    return [each.story_id for each in words if isinstance(each, Happened) and each.event == event]


def waits(world: World) -> tuple[str, ...]:
    return world.prd.waiting.approvals


def verifies(world: World) -> list[str]:
    orders = [each.order.stage for each in world.commands if isinstance(each, StartVerify)]
    return [stage for stage in orders if stage == "story"]


# --- before a merge -----------------------------------------------------------------------------


def test_green_work_lets_go_of_everything_while_it_waits_and_is_merged_once_approved() -> None:
    world = until_asked(prd_world(a_story("A", approve=MERGE)), "A")
    assert world.story("A").run is None
    assert [each.child_id for each in world.around.processes] == ["git"]
    assert not world.around.leases
    assert waits(world) == ("A",)
    assert world.prd.waiting.has_held
    assert view_of(world.story("A")).state == "waiting for approval"

    world = world.say(YES, "A").run()

    assert world.memory("A").state is StoryState.DONE
    assert world.memory("A").evidence.endswith("; approved by ana")
    assert len(verifies(world)) == 1, "its evidence was kept"
    assert world.count(AttemptBegun) == 1
    assert told(world, "approval_wanted") == told(world, "approved") == ["A"]


def test_a_rejected_merge_costs_an_attempt_and_the_next_one_is_told_why_and_asks_again() -> None:
    world = until_asked(prd_world(a_story("A", approve=MERGE)), "A")
    world = until_asked(world.say(NO, "A", reason="prices need a currency"), "A")

    (lost,) = [each for each in world.around.records if isinstance(each, AttemptLost)]
    assert (lost.type, lost.counts) == ("rejected", True)
    assert (lost.reason, lost.context) == (
        "rejected by ana: prices need a currency",
        "prices need a currency",
    )
    second = [each for each in world.commands if isinstance(each, StartAgent)][1]
    assert second.reason == lost.reason
    assert world.memory("A").attempt == 2
    assert world.say(YES, "A").run().memory("A").state is StoryState.DONE


def test_a_story_whose_work_is_rejected_again_and_again_is_given_up() -> None:
    world = prd_world(a_story("A", approve=MERGE), limits=Limits(max_attempts=2))
    for _ in range(2):
        world = until_asked(world, "A").say(NO, "A", reason="no")
    world = world.run()
    assert world.memory("A").state is StoryState.FAILED
    assert world.memory("A").reason.startswith("given up after 2 failed attempts; the last: reje")


def test_a_prd_names_whom_a_person_can_answer_now_and_not_those_behind_them() -> None:
    world = until_asked(
        prd_world(a_story("B", "A", approve=BEGIN), a_story("A", approve=BEGIN)), "A"
    )
    assert waits(world) == ("B", "A")
    assert note_of(world.prd) == "waits for approval: A; `prd-supervise approve PRD/A`"


def test_who_waits_takes_no_place_and_its_dependants_wait_as_usual() -> None:
    stories = (
        a_story("A", approve=MERGE),
        a_story("B", "A"),
        a_story("C", rank=2.0),
    )
    world = until_asked(prd_world(*stories, limits=Limits(max_workers=1)), "A")
    world = world.until_that(lambda here: here.memory("C").state is StoryState.DONE).settle()
    assert world.memory("B").attempt == 0
    assert waits(world) == ("A",)
    world = world.say(YES, "A").run()
    assert all(world.memory(name).state is StoryState.DONE for name in "ABC")


def test_it_is_asked_after_the_review_and_reviewed_once() -> None:
    world = prd_world(a_story("A", approve=MERGE), review=ReviewRules(agent="codex"))
    world = until_asked(world, "A")
    assert world.memory("A").review.verdict is not None
    world = world.say(YES, "A").run()
    assert world.count(StartReview) == 1
    evidence = world.memory("A").evidence
    assert evidence.endswith("; accepted by the review of codex; approved by ana")


def test_a_question_and_an_answer_outlive_every_supervisor() -> None:
    world = until_asked(prd_world(a_story("A", approve=MERGE)), "A")
    asked = world.asked("A")
    again = world.resume(after_crash=True)
    again = again.until_that(lambda here: here.prd.phase is PrdPhase.RUNNING).settle()
    assert again.asked("A") == asked
    assert waits(again) == ("A",)
    assert again.count(ApprovalWanted) == 1
    assert again.memory("A").failures == 0

    answered = again.say(YES, "A").resume().run()

    assert answered.memory("A").state is StoryState.DONE
    assert answered.count(ApprovalWanted) == 1
    assert len(verifies(answered)) == 1, "verified anew: what was shown died with its supervisor"


def test_an_approval_counts_for_the_work_of_that_attempt_alone() -> None:
    script = Script(conflicts=frozenset({("A", 1)}))
    world = until_asked(prd_world(a_story("A", approve=MERGE), script=script), "A")
    world = until_asked(world.say(YES, "A"), "A")
    assert world.memory("A").attempt == 2
    assert world.count(ApprovalWanted) == 2
    assert world.say(YES, "A").run().memory("A").state is StoryState.DONE


def test_what_git_only_put_off_is_not_asked_again() -> None:
    world = until_asked(prd_world(a_story("A", approve=MERGE)), "A")
    world = world.refuse("AssembleTrain").say(YES, "A").run()
    assert world.memory("A").state is StoryState.DONE
    assert world.count(ApprovalWanted) == 1


def test_where_the_setting_is_gone_the_story_goes_on_without_a_word() -> None:
    world = until_asked(prd_world(a_story("A", approve=MERGE)), "A")
    world = world.replan(a_story("A")).run()
    assert world.memory("A").state is StoryState.DONE
    assert "approved" not in world.memory("A").evidence


def test_a_held_story_is_answered_and_goes_on_once_it_is_released() -> None:
    world = until_asked(prd_world(a_story("A", approve=MERGE)), "A")
    world = world.order(Hold(story_id="A")).say(YES, "A").settle()
    assert world.story("A").run is None
    assert view_of(world.story("A")).state == "held"
    assert world.order(Release(story_id="A")).run().memory("A").state is StoryState.DONE


def test_a_prd_that_is_stopped_says_who_waits() -> None:
    world = until_asked(prd_world(a_story("A", approve=MERGE)), "A").stop().run()
    assert world.outcome is not None
    assert world.outcome.state == "stopped"
    assert world.outcome.reasons == ("A: waits for approval: `prd-supervise approve PRD/A`",)


def test_an_answer_is_taken_while_the_prd_stops() -> None:
    world = until_asked(prd_world(a_story("A", approve=MERGE), a_story("B")), "A")
    world = world.stop().say(YES, "A") if world.prd.phase is PrdPhase.RUNNING else world
    assert world.count(Approved) == 1
    world = world.run().resume().run()
    assert world.memory("A").state is StoryState.DONE


def test_a_failing_prd_that_fails_fast_waits_for_nobody() -> None:
    script = Script(reds=frozenset({("B", 1, "story")}))
    limits = Limits(max_attempts=1, fail_fast=True)
    world = prd_world(a_story("A", approve=MERGE), a_story("B"), script=script, limits=limits)
    world = world.run()
    assert world.memory("A").state is StoryState.SKIPPED
    assert world.outcome is not None
    assert world.outcome.state == "failed"


def test_the_branch_is_mended_first_although_its_mender_waits_for_a_person() -> None:
    """Others wait for who mends a red branch; one who waits for a person holds nobody up."""
    reds = frozenset({("A", 1, "merged"), ("A", 1, "branch")})
    first = prd_world(a_story("A", approve=MERGE), a_story("B"), script=Script(reds=reds))
    world = until_asked(first, "A").say(YES, "A")
    world = world.until_that(lambda here: here.memory("B").state is StoryState.DONE)
    assert world.memory("A").state in {StoryState.PENDING, StoryState.DONE}


# --- before a story -----------------------------------------------------------------------------


def test_a_story_begins_once_somebody_says_so_and_is_asked_about_when_its_turn_comes() -> None:
    first = prd_world(a_story("A", approve=BEGIN), a_story("B", "A", approve=BEGIN))
    world = until_asked(first, "A")
    assert world.asked("B") is None
    assert waits(world) == ("A", "B")
    assert not world.count(AttemptBegun)
    world = until_asked(world.say(YES, "A"), "B")
    assert world.memory("A").state is StoryState.DONE
    assert world.say(YES, "B").run().memory("B").state is StoryState.DONE
    assert told(world, "approval_wanted") == ["A", "B"]


def test_a_rejected_story_is_given_up_and_a_retry_asks_again_and_tells_its_agent() -> None:
    world = until_asked(prd_world(a_story("A", approve=BEGIN), a_story("B", "A")), "A")
    world = world.say(NO, "A", reason="not now").run()
    memory = world.memory("A")
    assert memory.state is StoryState.FAILED
    assert memory.reason == "rejected by ana: not now"
    assert memory.lost is not None
    assert memory.lost.type == "rejected"
    assert "`prd-supervise retry PRD/A`" in " ".join(memory.lost.recovery_hints)
    assert world.memory("B").state is StoryState.SKIPPED
    assert not world.count(AttemptBegun)

    world = until_asked(world.resume(retry=True), "A")
    assert world.count(ApprovalWanted) == 2
    world = world.say(YES, "A").run()

    (_, other) = [each for each in world.around.records if isinstance(each, AttemptBegun)]
    assert other.story_id == "B"
    (agent, _) = [each for each in world.commands if isinstance(each, StartAgent)]
    assert (agent.attempt, agent.reason) == (1, "rejected by ana: not now")
    assert world.memory("B").state is StoryState.DONE


def worded(words: str, **changes: object) -> Story:
    return replace(a_story("A", approve=BEGIN), terms=Terms(told=words), **changes)  # type: ignore[arg-type]


def test_new_words_are_asked_about_and_an_answer_to_the_old_ones_comes_too_late() -> None:
    world = until_asked(prd_world(worded("old")), "A")
    old = world.asked("A")
    assert old is not None
    world = world.replan(worded("new")).settle()
    assert world.asked("A") != old
    world = world.order(Answer(story_id="A", approval=replace(old, word=YES, by="ana")))
    assert told(world, "answer_late") == ["A"]
    assert not world.count(Approved)
    assert [each for each in world.around.words if isinstance(each, AnswerTaken)]
    assert world.say(YES, "A").run().memory("A").state is StoryState.DONE


@pytest.mark.parametrize("stage", [Stage.LEASE, Stage.GATHER])
def test_words_that_change_before_any_agent_was_told_them_are_asked_about_again(
    stage: Stage,
) -> None:
    world = until_asked(prd_world(worded("old"), grants=stage is not Stage.LEASE), "A")
    world = world.say(YES, "A").until("A", stage)
    world = until_asked(world.replan(worded("new")), "A")
    assert world.story("A").run is None
    assert not world.count(StartAgent)
    assert world.memory("A").failures == 0
    world = world.with_(grants=True).say(YES, "A")
    assert world.run().memory("A").state is StoryState.DONE


def test_an_approved_story_is_not_asked_about_between_its_attempts() -> None:
    script = Script(reds=frozenset({("A", 1, "story")}))
    world = until_asked(prd_world(worded("same"), script=script), "A")
    world = world.say(YES, "A").run()
    assert world.memory("A").state is StoryState.DONE
    assert world.count(ApprovalWanted) == 1
    assert world.count(AttemptBegun) == 2


def test_what_waits_for_others_is_asked_about_once_they_are_done() -> None:
    world = prd_world(a_story("A", needs=("OTHER/X",), approve=BEGIN)).settle()
    assert world.asked("A") is None
    assert world.prd.waiting.needs == ("OTHER/X",)
    world = until_asked(world.elsewhere("OTHER/X", Standing.DONE), "A")
    assert world.say(YES, "A").run().memory("A").state is StoryState.DONE


# --- before the end of a PRD --------------------------------------------------------------------


def test_a_prd_of_which_all_is_done_waits_and_is_complete_once_somebody_says_so() -> None:
    world = until_asked(prd_world(a_story("A"), asks_at_end=True))
    assert world.prd.phase is PrdPhase.RUNNING
    assert waits(world) == ("",)
    assert [each.child_id for each in world.around.processes] == ["git"]
    report = [each for each in world.around.words if isinstance(each, PrdReport)][-1]
    assert report.awaits == "prd"
    assert "`prd-supervise approve PRD`" in report.note

    world = world.say(YES).run()

    assert world.outcome is not None
    assert world.outcome.state == "completed"
    assert told(world, "approval_wanted") == told(world, "approved") == [""]


def test_a_rejected_prd_has_failed_lands_nowhere_and_a_retry_asks_again() -> None:
    rules = MergeRules(auto=True, into="main")
    world = until_asked(prd_world(a_story("A"), asks_at_end=True, merging=rules))
    world = world.say(NO, reason="wrong words").run()
    assert world.outcome is not None
    assert world.outcome.state == "failed"
    assert world.outcome.reasons == ("rejected by ana: wrong words",)
    assert world.around.repository.into == prd_world(a_story("A")).around.repository.into

    same = world.resume().run()
    assert same.outcome is not None
    assert same.outcome.state == "failed", "without a retry nothing has changed"

    world = until_asked(world.resume(retry=True)).say(YES).run()
    assert world.outcome is not None
    assert world.outcome.state == "completed"
    assert world.around.repository.tip in world.around.repository.into
    assert world.count(PrdApprovalWanted) == 2


def test_a_prd_that_was_rejected_is_retried_while_it_winds_up() -> None:
    world = until_asked(prd_world(a_story("A"), asks_at_end=True)).say(NO, reason="no")
    assert world.prd.phase is PrdPhase.CLOSING
    world = until_asked(world.order(Retry(story_id="")))
    assert world.say(YES).run().memory("A").state is StoryState.DONE


def test_what_a_rejected_prd_had_merged_is_taken_back_where_failures_are_and_done_anew() -> None:
    rules = MergeRules(on_failure=OnFailure.ROLLBACK)
    world = until_asked(prd_world(a_story("A"), asks_at_end=True, merging=rules))
    world = world.say(NO, reason="no").run()
    assert world.outcome is not None
    assert world.outcome.state == "failed"
    assert world.prd.is_rolled_back

    world = until_asked(world.resume(retry=True))

    assert world.count(BegunAnew) == 1
    assert world.memory("A").attempt == 2
    world = world.say(YES).run()
    assert world.outcome is not None
    assert world.outcome.state == "completed"


def test_a_prd_that_grows_while_it_waits_is_asked_about_with_what_came_to_it() -> None:
    world = until_asked(prd_world(a_story("A"), asks_at_end=True))
    first = world.asked()
    world = world.replan(a_story("A"), a_story("B"))
    assert waits(world) == ()
    world = world.until_that(lambda here: here.asked() not in {None, first})
    assert world.memory("B").state is StoryState.DONE
    assert world.say(YES).run().count(PrdApprovalWanted) == 2


def test_nobody_is_asked_about_a_prd_that_has_failed_or_of_which_nothing_was_merged() -> None:
    script = Script(reds=frozenset({("A", 1, "story")}))
    failed = prd_world(
        a_story("A"), script=script, limits=Limits(max_attempts=1), asks_at_end=True
    ).run()
    assert failed.outcome is not None
    assert failed.outcome.state == "failed"
    marked = prd_world(replace(a_story("A"), done_in_document=True), asks_at_end=True).run()
    assert marked.outcome is not None
    assert marked.outcome.state == "completed"
    assert not failed.count(PrdApprovalWanted) + marked.count(PrdApprovalWanted)


def test_a_prd_that_is_stopped_while_it_waits_is_not_complete() -> None:
    world = until_asked(prd_world(a_story("A"), asks_at_end=True)).stop().run()
    assert world.outcome is not None
    assert world.outcome.state == "stopped"
    assert world.outcome.reasons[0].startswith("all is done, and waits for approval")
    again = until_asked(world.resume())
    assert again.count(PrdApprovalWanted) == 1
    assert again.say(YES).run().memory("A").state is StoryState.DONE


# --- answers ------------------------------------------------------------------------------------


def test_an_answer_that_is_said_twice_changes_nothing_and_is_taken_twice() -> None:
    world = until_asked(prd_world(a_story("A", approve=MERGE)), "A")
    asked = world.asked("A")
    assert asked is not None
    answer = Answer(story_id="A", approval=replace(asked, word=YES, by="ana"))
    world = world.order(answer).order(answer)
    other = Answer(story_id="A", approval=replace(asked, word=NO, by="bob", reason="no"))
    world = world.order(other).run()
    assert world.memory("A").state is StoryState.DONE
    assert (world.count(Approved), world.count(Rejected)) == (1, 0)
    assert len([each for each in world.around.words if isinstance(each, AnswerTaken)]) == 3
    assert told(world, "answer_late") == ["A"], "who came second is told"


def test_an_answer_to_what_is_there_no_more_is_taken_and_told() -> None:
    world = prd_world(a_story("A"))
    stale = Approval(point=Point.MERGE, work="old", word=YES, by="ana")
    for story_id in ("", "A", "GONE"):
        world = world.order(Answer(story_id=story_id, approval=stale))
    assert len(told(world, "answer_late")) == 3
    assert world.run().memory("A").state is StoryState.DONE


def test_a_story_that_is_given_up_for_good_keeps_its_own_words() -> None:
    world = until_asked(prd_world(a_story("A", approve=BEGIN)), "A")
    world = world.say(NO, "A", reason="no").run()
    (given_up,) = [each for each in world.around.records if isinstance(each, StoryGivenUp)]
    assert given_up.type == "rejected"


def test_a_no_that_comes_while_the_story_goes_on_without_a_word_is_too_late() -> None:
    world = until_asked(prd_world(a_story("A", approve=MERGE)), "A")
    asked = world.asked("A")
    assert asked is not None
    world = world.replan(a_story("A")).until("A", Stage.GATE, Stage.TRIAL)
    no = Answer(story_id="A", approval=replace(asked, word=NO, by="ana", reason="no"))
    world = world.order(no)
    assert told(world, "answer_late") == ["A"]
    world = world.run()
    assert world.memory("A").state is StoryState.DONE
    assert not world.count(Rejected)


def test_an_approved_prd_that_grew_is_asked_about_again() -> None:
    world = until_asked(prd_world(a_story("A"), asks_at_end=True)).say(YES).run()
    more = world.resume().replan(a_story("A"), a_story("B"))
    world = until_asked(more)
    assert world.memory("B").state is StoryState.DONE
    assert world.say(YES).run().count(PrdApprovalWanted) == 2


def test_a_rejected_prd_that_grew_is_asked_about_again_without_a_retry() -> None:
    world = until_asked(prd_world(a_story("A"), asks_at_end=True)).say(NO, reason="no").run()
    world = until_asked(world.resume().replan(a_story("A"), a_story("B")))
    world = world.say(YES).run()
    assert world.outcome is not None
    assert world.outcome.state == "completed"


@pytest.mark.parametrize(("head", "attempt"), [("c", 2), ("d", 1)])
def test_an_answer_is_about_one_commit_of_one_attempt(head: str, attempt: int) -> None:
    """A story that needs no change has the same commit in each attempt."""
    memory = Memory(is_claimed=True, head="c", attempt=1)
    said = Approval(point=Point.MERGE, work=merge_work(memory), word=YES, by="ana")
    story = replace(a_story("A", approve=MERGE), memory=replace(memory, approval=said))
    assert merge_word(story) == said
    later = replace(story.memory, head=head, attempt=attempt)
    assert merge_word(replace(story, memory=later)) is None


def test_a_prd_that_asks_again_takes_back_what_went_on_without_a_word() -> None:
    first = a_story("A", approve=MERGE)
    world = until_asked(prd_world(first), "A")
    world = world.replan(a_story("A")).until("A", Stage.GATHER).replan(first)
    world = world.until_that(lambda here: here.story("A").run is None).settle()
    assert waits(world) == ("A",)
    assert world.memory("A").is_claimed, "the work is kept"
    world = world.say(YES, "A").run()
    assert world.memory("A").evidence.endswith("; approved by ana")
    assert world.count(ApprovalWanted) == world.count(AttemptBegun) == 1

"""A PRD whose document is changed while it runs, or between two runs."""

from __future__ import annotations

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.records import (
    AttemptBegun,
    AttemptLost,
    StoryDone,
    StoryReset,
    Terms,
)
from prd_supervise.supervisor.core.prd.state import PrdPhase, Stage, Story
from prd_supervise.supervisor.core.prd.words import AskGit, StartAgent
from prd_supervise.workers.messages.git import CloseBranch, OpenBranch
from prd_supervise.workers.messages.prd import Happened, PlanTaken, PrdReport
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

OLD = Terms(judged="old", told="old")
NEW = Terms(judged="new", told="new")
REWORDED = Terms(judged="old", told="new")
FAILS = Script(agents={("A", number): OutcomeKind.FAILED for number in (1, 2, 3)})
AT_WORK = [
    Stage.AGENT,
    Stage.COMMIT,
    Stage.VERIFY,
    Stage.TRIAL,
    Stage.MERGED,
    Stage.PUBLISH,
    Stage.FINISH,
]


def plan(*names: str, terms: Terms = OLD, **fields: object) -> tuple[Story, ...]:
    return tuple(replace(a_story(name), terms=terms, **fields) for name in names)  # type: ignore[arg-type]  # a test names real fields


def told(world: World, event: str) -> list[str]:
    words = world.around.words
    return [each.story_id for each in words if isinstance(each, Happened) and each.event == event]


def names(world: World) -> list[str]:
    return [story.story_id for story in world.prd.stories]


def attempts(world: World, story_id: str) -> int:
    begun = [each for each in world.around.records if isinstance(each, AttemptBegun)]
    return sum(each.story_id == story_id for each in begun)


def agents(world: World, story_id: str) -> int:
    started = [each for each in world.commands if isinstance(each, StartAgent)]
    return sum(each.story_id == story_id for each in started)


def test_a_plan_that_says_the_same_changes_nothing() -> None:
    world = prd_world(*plan("A", "B")).until("A", Stage.AGENT)
    again = world.replan(*plan("A", "B"))
    assert again.around.records == world.around.records
    assert [each for each in again.around.words if isinstance(each, PlanTaken)]
    assert again.run().outcome == world.run().outcome


def test_a_new_story_joins_and_people_see_it_at_once() -> None:
    world = prd_world(*plan("A")).until("A", Stage.AGENT).replan(*plan("B", "A"))
    reports = [word for word in world.around.words if isinstance(word, PrdReport)]
    assert reports[-1].is_whole
    assert [view.story_id for view in reports[-1].stories] == ["B", "A"]
    ended = world.run()
    assert ended.memory("B").state is StoryState.DONE
    assert agents(ended, "A") == 1


def test_a_new_story_may_come_while_the_worktrees_are_tidied_away() -> None:
    closing = prd_world(*plan("A")).until_that(lambda w: w.prd.phase is PrdPhase.CLOSING)
    ended = closing.replan(*plan("A", "B")).run()
    assert ended.memory("B").state is StoryState.DONE
    asked = [each.request for each in ended.commands if isinstance(each, AskGit)]
    assert [type(each) for each in asked if isinstance(each, OpenBranch | CloseBranch)] == [
        OpenBranch,
        CloseBranch,
        OpenBranch,
        CloseBranch,
    ]


def test_a_plan_may_come_before_the_branch_is_open() -> None:
    ended = prd_world(*plan("A")).replan(*plan("B")).run()
    assert names(ended) == ["B"]
    assert ended.memory("B").state is StoryState.DONE
    assert agents(ended, "A") == 0


def test_a_prd_that_ends_is_not_turned_back() -> None:
    ending = prd_world(*plan("A")).until_that(lambda w: w.prd.phase is PrdPhase.ENDING)
    again = ending.replan(*plan("A", "B"))
    assert names(again) == ["A"]
    assert not [each for each in again.around.words if isinstance(each, PlanTaken)]


def test_a_removed_story_that_waits_leaves_and_nobody_waits_for_it() -> None:
    world = prd_world(*plan("A"), a_story("B", "A")).until("A", Stage.AGENT)
    ended = world.replan(*plan("A")).run()
    assert names(ended) == ["A"]
    assert ended.outcome is not None
    assert ended.outcome.state == "completed"


@pytest.mark.parametrize("stage", AT_WORK)
def test_a_removed_story_that_runs_goes_on_to_its_end_and_leaves(stage: Stage) -> None:
    world = prd_world(*plan("A", "B")).until("A", stage).replan(*plan("B"))
    assert "A" in names(world)
    ended = world.run()
    assert names(ended) == ["B"]
    assert dict(ended.around.repository.merged).keys() == {"A", "B"}
    closing = [each.request for each in ended.commands if isinstance(each, AskGit)]
    assert {name for each in closing if isinstance(each, CloseBranch) for name in each.done} == {
        "A",
        "B",
    }


@pytest.mark.parametrize("stage", [Stage.LEASE, Stage.GATHER, Stage.RESTART])
def test_a_removed_story_without_an_agent_gets_none(stage: Stage) -> None:
    world = prd_world(*plan("A", "B"))
    if stage is Stage.RESTART:
        world = world.until("A", Stage.AGENT).kill_worker("A")
    world = world.until("A", stage)
    before = agents(world, "A")
    ended = world.replan(*plan("B")).run()
    assert names(ended) == ["B"]
    assert agents(ended, "A") == before


def test_a_removed_story_whose_attempt_fails_is_not_tried_again() -> None:
    world = prd_world(*plan("A", "B"), script=FAILS).until("A", Stage.AGENT).replan(*plan("B"))
    ended = world.run()
    assert attempts(ended, "A") == 1
    assert ended.outcome is not None
    assert ended.outcome.state == "completed"


def test_a_story_that_comes_back_is_what_it_was() -> None:
    world = prd_world(*plan("A", "B")).until_that(
        lambda w: w.memory("A").state is StoryState.DONE and w.story("A").run is None
    )
    away = world.replan(*plan("B"))
    assert names(away) == ["B"]
    ended = away.replan(*plan("A", "B")).run()
    assert ended.memory("A").state is StoryState.DONE
    assert agents(ended, "A") == 1


def test_a_story_that_comes_back_while_it_still_runs_stays() -> None:
    world = prd_world(*plan("A", "B")).until("A", Stage.AGENT).replan(*plan("B"))
    ended = world.replan(*plan("A", "B")).run()
    assert names(ended) == ["A", "B"]
    assert agents(ended, "A") == 1


def test_what_has_not_started_obeys_the_new_words_at_once() -> None:
    slow = prd_world(*plan("A", "B"), grants=False).settle()
    changed = (*plan("A"), replace(a_story("B", "A", rank=0.0), title="another", terms=NEW))
    world = slow.replan(*changed)
    assert world.story("B").title == "another"
    assert world.story("B").depends_on == ("A",)


def test_a_story_at_work_keeps_its_words_until_its_attempt_is_over() -> None:
    world = prd_world(*plan("A")).until("A", Stage.AGENT)
    changed = replace(a_story("A", verify=("make lint",)), title="another", terms=REWORDED)
    world = world.replan(changed)
    assert (world.story("A").title, world.story("A").verify) == ("A", ("make test",))
    ended = world.run()
    assert ended.story("A").title == "another"
    assert agents(ended, "A") == 1


def test_changed_criteria_of_a_done_story_reopen_it() -> None:
    world = prd_world(*plan("A", "B")).until_that(
        lambda w: w.memory("A").state is StoryState.DONE and w.story("A").run is None
    )
    first = world.memory("A").commit
    ended = world.replan(*plan("A", terms=NEW), *plan("B")).run()
    assert told(ended, "reopened") == ["A"]
    assert ended.memory("A").state is StoryState.DONE
    assert ended.memory("A").superseded == (first,)
    assert ended.memory("A").commit != first
    assert ended.memory("A").terms == NEW
    second = [each for each in ended.commands if isinstance(each, StartAgent)][-1]
    assert "criteria or verify commands were changed" in second.reason


def test_a_story_whose_criteria_change_while_it_runs_is_opened_again_after_it() -> None:
    world = prd_world(*plan("A")).until("A", Stage.AGENT).replan(*plan("A", terms=NEW))
    ended = world.run()
    assert told(ended, "reopened") == ["A"]
    assert agents(ended, "A") == 2
    assert len(ended.around.repository.merged) == 2


def test_the_merge_of_before_does_not_make_a_reopened_story_done_on_a_resume() -> None:
    world = prd_world(*plan("A", "B")).until_that(
        lambda w: w.memory("A").state is StoryState.DONE and w.story("A").run is None
    )
    world = world.replan(*plan("A", terms=NEW), *plan("B")).stop().run()
    again = world.resume().until("A", Stage.LEASE)
    assert again.memory("A").state is StoryState.PENDING
    ended = again.run()
    assert ended.memory("A").state is StoryState.DONE
    assert ended.resume().run().count(AttemptBegun) == ended.count(AttemptBegun)


def test_the_same_holds_for_a_document_that_was_changed_between_two_runs() -> None:
    ended = prd_world(*plan("A", "B")).run()
    changed = (replace(ended.story("A"), terms=NEW), ended.story("B"))
    again = ended.resume(stories=changed).run()
    assert told(again, "reopened") == ["A"]
    assert agents(again, "A") == 1
    assert agents(again, "B") == 0


def test_a_journal_that_knows_no_terms_reopens_nothing() -> None:
    ended = prd_world(*plan("A", terms=Terms())).run()
    again = ended.resume(stories=(replace(ended.story("A"), terms=NEW),)).run()
    assert told(again, "reopened") == []
    assert agents(again, "A") == 0


def test_other_words_alone_reopen_no_done_story() -> None:
    ended = prd_world(*plan("A")).run()
    again = ended.resume(stories=(replace(ended.story("A"), terms=REWORDED, title="x"),)).run()
    assert told(again, "reopened") == []


def test_a_done_story_that_the_document_marks_stays_done_under_new_criteria_and_says_so_once() -> (
    None
):
    ended = prd_world(*plan("A")).run()
    marked = replace(ended.story("A"), terms=NEW, done_in_document=True)
    again = ended.resume(stories=(marked,)).run()
    assert told(again, "kept_done") == ["A"]
    assert told(again.resume().run(), "kept_done") == []


def test_a_story_that_is_marked_done_before_it_began_is_not_begun() -> None:
    slow = prd_world(*plan("A", "B"), grants=False).settle()
    assert slow.is_in("B", Stage.LEASE)
    world = slow.replan(*plan("A"), *plan("B", done_in_document=True))
    assert world.memory("B").evidence == "marked done in the PRD"
    ended = world.with_(grants=True).stop().resume().with_(grants=True).run()
    assert agents(ended, "B") == 0


def test_a_mark_that_is_taken_back_opens_the_story() -> None:
    world = prd_world(*plan("A"), *plan("B", done_in_document=True)).until("A", Stage.AGENT)
    ended = world.replan(*plan("A", "B")).run()
    assert told(ended, "reopened") == ["B"]
    assert agents(ended, "B") == 1


def test_a_story_is_not_wanted_any_more_and_then_again() -> None:
    slow = prd_world(*plan("A", "B"), grants=False).settle()
    unwanted = slow.replan(*plan("A"), *plan("B", skipped_in_document=True))
    assert unwanted.memory("B").state is StoryState.SKIPPED
    wanted = unwanted.replan(*plan("A", "B"))
    assert wanted.memory("B").state is StoryState.PENDING


def test_a_failed_story_whose_words_change_gets_a_new_start_with_who_was_skipped_for_it() -> None:
    needs_a = replace(a_story("B", "A"), terms=OLD)
    failed = prd_world(*plan("A"), needs_a, script=FAILS).run()
    assert failed.memory("B").state is StoryState.SKIPPED
    changed = (replace(failed.story("A"), terms=REWORDED), failed.story("B"))
    again = failed.resume(stories=changed).run()
    assert told(again, "reopened") == ["A", "B"]
    assert again.memory("B").state is StoryState.DONE


def test_a_failed_story_that_reads_as_before_stays_as_it_is() -> None:
    failed = prd_world(*plan("A"), script=FAILS).run()
    again = failed.resume().run()
    assert again.memory("A").state is StoryState.FAILED
    assert agents(again, "A") == 0


def test_a_skipped_story_goes_on_when_it_no_longer_needs_the_one_that_failed() -> None:
    world = prd_world(*plan("A", "C"), a_story("B", "A"), script=FAILS, grants=True).until_that(
        lambda w: w.memory("B").state is StoryState.SKIPPED
    )
    ended = world.replan(*plan("A", "C"), a_story("B")).run()
    assert ended.memory("B").state is StoryState.DONE
    assert ended.memory("A").state is StoryState.FAILED


def test_a_removed_failed_story_keeps_no_prd_from_its_completion() -> None:
    failed = prd_world(*plan("A", "B"), script=FAILS).run()
    assert failed.outcome is not None
    assert failed.outcome.state == "failed"
    again = failed.resume(stories=(failed.story("B"),), left=(failed.story("A"),)).run()
    assert again.outcome is not None
    assert again.outcome.state == "completed"


def test_a_worker_that_dies_while_its_story_changes_is_replaced_under_the_new_words() -> None:
    world = prd_world(*plan("A")).until("A", Stage.AGENT).kill_worker("A")
    ended = world.replan(*plan("A", terms=NEW)).run()
    assert told(ended, "reopened") == []
    assert ended.memory("A").terms == NEW
    assert ended.count(StoryDone) == 1
    assert ended.count(StoryReset) == 0
    assert ended.count(AttemptLost) == 1

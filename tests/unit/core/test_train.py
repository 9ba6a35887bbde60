"""The merge train in virtual time: who goes with whom, what is verified, and who goes again."""

from __future__ import annotations

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.supervising.spec import Cause
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.attempt.settle import RERUNS_MAX
from prd_supervise.supervisor.core.prd.candidates import candidate_of, startable
from prd_supervise.supervisor.core.prd.memory import ALONE_AFTER, Memory, StoryState
from prd_supervise.supervisor.core.prd.records import AttemptLost, VerifyOver
from prd_supervise.supervisor.core.prd.remembering import remember
from prd_supervise.supervisor.core.prd.state import GIT, Stage, worker_of
from prd_supervise.supervisor.core.prd.view import note_of, view_of
from prd_supervise.supervisor.core.prd.words import AskGit, Say, StartAgent, StartVerify
from prd_supervise.workers.messages.merging import Finding
from prd_supervise.workers.messages.prd import EndAttempt, Happened, Hold, Limits, Release
from prd_supervise.workers.messages.rules import MergeRules, Strategy
from prd_supervise.workers.messages.train import AssembleTrain, PublishTrain
from tests.support.prd_around import Item
from tests.support.prd_nature import Repository, Script, heads_in
from tests.support.prd_world import World, a_story, prd_world

UNBOUND = Limits(max_workers=0)


def together(*names: str, script: Script | None = None, **rules: object) -> World:
    """Stories that are all ready before the first train is formed: the integrator is slow."""
    stories = [a_story(name) for name in names]
    merging = MergeRules(**rules)  # type: ignore[arg-type]  # a test names real fields
    world = prd_world(*stories, limits=UNBOUND, script=script, merging=merging)
    world = world.until_that(lambda w: all(w.is_in(name, Stage.VERIFY) for name in names))
    return world.kill_git().until_that(lambda w: _ready(w, *names))


def _ready(world: World, *names: str) -> bool:
    return all(world.is_in(name, Stage.GATE, Stage.TRIAL) for name in names)


def assembled(world: World) -> list[tuple[str, ...]]:
    """The cars of every train that was asked for."""
    asked = (each.request for each in world.commands if isinstance(each, AskGit))
    trains = {each.number: each for each in asked if isinstance(each, AssembleTrain)}
    return [tuple(car.story_id for car in each.cars) for each in trains.values()]


def published(world: World) -> list[tuple[str, ...]]:
    """The stories of every publication that was asked for."""
    asked = (each.request for each in world.commands if isinstance(each, AskGit))
    return [each.stories for each in asked if isinstance(each, PublishTrain)]


def verified(world: World) -> list[tuple[str, ...]]:
    """The stories in each tree that was verified for a train."""
    orders = (each.order for each in world.commands if isinstance(each, StartVerify))
    return [
        tuple(head.partition("@")[0] for head in reversed(heads_in(order.commit)))
        for order in orders
        if order.stage == "merged"
    ]


def told(world: World, event: str) -> list[str]:
    """The texts of these events."""
    words = (each.word for each in world.commands if isinstance(each, Say))
    return [each.text for each in words if isinstance(each, Happened) and each.event == event]


def is_done(world: World, *names: str) -> bool:
    return all(world.memory(name).state is StoryState.DONE for name in names)


def test_stories_that_finish_while_a_train_is_under_way_go_with_the_next_one() -> None:
    world = together("A", "B", "C", "D").run()
    assert assembled(world) == [("A",), ("B", "C", "D")]
    assert verified(world) == [("A",), ("A", "B", "C", "D")]
    assert published(world) == [("A",), ("B", "C", "D")]
    assert is_done(world, *"ABCD")
    assert world.memory("C").evidence == (
        "verified on the merged tree by `make test` (with B, D on board), green before the work too"
    )


def test_the_most_urgent_goes_first_and_no_more_than_fit_in() -> None:
    ranks = {"A": 1.0, "B": 3.0, "C": 2.0, "D": 3.0, "E": 1.0}
    stories = [a_story(name, rank=rank) for name, rank in ranks.items()]
    world = prd_world(*stories, limits=UNBOUND, merging=MergeRules(cars_max=3))
    world = world.until_that(lambda w: all(w.is_in(name, Stage.VERIFY) for name in ranks))
    world = world.kill_git().run()
    assert assembled(world)[1:] == [("E", "C", "B"), ("D",)]


def test_status_says_with_whom_a_story_is_merged_and_that_it_waits() -> None:
    world = together("A", "B", "C")
    assert view_of(world.story("B")).reason == "waits for the next train"
    world = world.until("B", Stage.MERGED)
    assert view_of(world.story("B")).reason == "merging with C"


@pytest.mark.parametrize("culprit", "BCDEF")
def test_the_culprit_is_found_and_goes_again_and_all_others_are_merged(culprit: str) -> None:
    script = Script(reds=frozenset({(culprit, 1, "merged")}))
    world = together(*"ABCDEF", script=script).run()
    assert is_done(world, *"ABCDEF")
    lost = [each for each in world.around.records if isinstance(each, AttemptLost)]
    assert [(each.story_id, each.counts, each.is_fresh) for each in lost] == [
        (culprit, False, True)
    ]
    assert world.memory(culprit).attempt == 2
    in_front = tuple(name for name in "BCDEF" if name < culprit)
    assert published(world)[1] == (in_front or published(world)[1])
    assert culprit not in published(world)[1]
    reds = told(world, "train_red")
    assert len(reds) == len({*reds}), "red with the variables of one story, too, is no news"


def test_a_red_prefix_is_verified_once_and_a_green_one_is_shown_at_once() -> None:
    script = Script(reds=frozenset({("E", 1, "merged")}))
    world = together(*"ABCDEF", script=script).run()
    runs = [stories for stories in verified(world) if "E" not in stories or len(stories) < 6]
    assert verified(world)[1] == (*"ABCDEF",)
    assert published(world)[1] == ("B", "C", "D")
    assert len(runs) == len({*runs})


def test_who_makes_its_own_base_red_pays_for_it() -> None:
    script = Script(reds=frozenset({("A", 1, "merged")}))
    world = prd_world(a_story("A"), script=script).run()
    assert world.memory("A").failures == 1


def test_a_conflict_costs_no_attempt_and_is_told_to_the_next_agent() -> None:
    script = Script(conflicts=frozenset({("B", 1)}))
    world = together("A", "B", script=script).run()
    assert (world.memory("B").failures, world.memory("B").reruns) == (0, 1)
    second = next(e for e in world.commands if isinstance(e, StartAgent) and e.attempt == 2)
    assert (second.story_id, second.context) == ("B", "app.py")
    (lost,) = (each for each in world.around.records if isinstance(each, AttemptLost))
    assert lost.conflict


def test_a_conflict_in_a_lock_file_says_what_makes_it_anew() -> None:
    script = Script(conflicts=frozenset({("A", 1)}), conflict_path="uv.lock")
    world = prd_world(a_story("A"), script=script).run()
    second = next(e for e in world.commands if isinstance(e, StartAgent) and e.attempt == 2)
    assert "uv.lock: regenerated by `uv lock`" in second.context
    assert is_done(world, "A")


def test_conflicts_without_end_count_at_last() -> None:
    numbers = range(1, RERUNS_MAX + 9)
    script = Script(conflicts=frozenset(("A", number) for number in numbers))
    world = prd_world(a_story("A"), script=script, limits=Limits(max_attempts=2)).run()
    assert world.memory("A").state is StoryState.FAILED
    assert world.memory("A").attempt == RERUNS_MAX + 2


def test_who_lost_the_race_again_and_again_goes_first_and_alone() -> None:
    def may_begin(world: World, **memories: Memory) -> tuple[str, ...]:
        prd = world.prd
        for name, memory in memories.items():
            prd = prd.with_story(replace(world.story(name), memory=memory))
        return startable(prd, world.now_s)

    worn = Memory(reruns=ALONE_AFTER)
    fresh = prd_world(a_story("A"), a_story("B"), a_story("C"))
    assert may_begin(fresh, B=Memory(reruns=ALONE_AFTER - 1)) == ("A", "B", "C")
    assert may_begin(fresh, B=worn) == ("B",)
    assert may_begin(fresh, B=worn, C=worn) == ("B",)
    held = replace(worn, is_held=True)
    assert may_begin(fresh, B=held) == ("A", "C"), "who cannot begin keeps nobody back"
    only_a = prd_world(a_story("A"), a_story("B"), limits=Limits(max_workers=1))
    at_work = only_a.until_that(lambda w: w.is_in("A", Stage.AGENT))
    assert may_begin(at_work) == ("B",)
    assert may_begin(at_work, B=worn) == (), "A is let finish"
    merging = replace(at_work.story("A"), memory=replace(at_work.memory("A"), reruns=ALONE_AFTER))
    alone = at_work.prd.with_story(merging)
    assert startable(alone, 0.0) == (), "nobody joins it"
    assert note_of(alone) == "A goes alone: others were merged before it 3 times or more"


def test_two_that_conflicted_in_one_place_do_not_go_again_side_by_side() -> None:
    """B and C did not fit in; both would rewrite the same once more."""
    script = Script(clashes=frozenset({("A@1", "B@1"), ("A@1", "C@1"), ("B@2", "C@2")}))
    world = together("A", "B", "C", "D", script=script).run()
    assert is_done(world, *"ABCD")
    assert [world.memory(name).attempt for name in "ABCD"] == [1, 2, 2, 1]
    assert world.memory("C").collided == ()


def test_the_same_place_is_the_same_entity_of_the_same_file_wherever_its_lines_are() -> None:
    def names(place: str) -> tuple[str, ...]:
        lost = AttemptLost(
            story_id="A", attempt=1, reason="", context=place, is_fresh=True, conflict=True
        )
        return candidate_of(replace(a_story("A"), memory=remember(Memory(), lost))).mutex

    assert names("a.py:2-3: function one") == names("a.py:4-9: function one")
    assert names("a.py:2-3") == names("a.py")
    assert names("a.py:2-3: function one") != names("b.py:2-3: function one")
    assert names("a.py:2-3: function one") != names("a.py:2-3: function two")


def test_without_a_fallback_a_conflict_is_the_end() -> None:
    script = Script(conflicts=frozenset({("A", 1)}))
    world = prd_world(a_story("A"), script=script, merging=MergeRules(fallback=False)).run()
    assert world.memory("A").state is StoryState.FAILED
    assert world.count(StartAgent) == 1
    assert "not tried again" in world.memory("A").reason


def test_who_conflicts_with_a_car_in_front_is_tried_again_on_what_was_merged() -> None:
    script = Script(clashes=frozenset({("B@1", "C@1")}))
    world = together("A", "B", "C", "D", script=script).run()
    assert assembled(world)[:3] == [("A",), ("B", "C", "D"), ("C",)]
    assert len(told(world, "merge_waits")) == 1
    assert is_done(world, *"ABCD")
    assert world.memory("C").failures == 0


def test_a_worker_that_dies_dissolves_the_train_and_the_others_go_with_the_next() -> None:
    world = together("A", "B", "C", "D").until("B", Stage.MERGED)
    world = world.kill_worker("C")
    assert world.is_in("B", Stage.TRIAL, Stage.GATE)
    assert world.prd.gate in {"", "B"}
    assert is_done(world.run(), *"ABCD")


def test_a_train_that_git_refuses_is_taken_apart_and_costs_nobody_anything() -> None:
    world = together("A", "B", "C").until("B", Stage.MERGED)
    world = world.refuse("PublishTrain").run()
    assert assembled(world) == [("A",), ("B", "C"), ("B",), ("C",)]
    assert all(world.memory(name).failures == 0 for name in "ABC")


def test_a_stop_keeps_what_the_stories_claim_and_a_resume_merges_them() -> None:
    world = together("A", "B", "C").until("B", Stage.MERGED).stop().run()
    assert all(world.memory(name).is_claimed for name in "BC")
    again = world.resume().run()
    assert is_done(again, "A", "B", "C")
    assert again.count(StartAgent) == 0


def test_a_publication_whose_answer_was_lost_has_happened() -> None:
    world = together("A", "B", "C").until("B", Stage.PUBLISH).kill(GIT, after_serving=True)
    world = world.refuse("PublishTrain").run()
    assert is_done(world, "A", "B", "C")
    assert len(world.around.repository.merged) == 3


def test_commands_that_name_the_story_are_run_for_each() -> None:
    own = ("check $PRD_SUPERVISE_STORY_ID",)
    stories = [a_story(name, verify=own) for name in "ABC"]
    world = prd_world(*stories, limits=UNBOUND)
    world = world.until_that(lambda w: all(w.is_in(name, Stage.VERIFY) for name in "ABC"))
    world = world.kill_git().run()
    orders = [e for e in world.commands if isinstance(e, StartVerify) and e.order.stage == "merged"]
    assert [(each.story_id, each.order.stories) for each in orders] == [
        ("A", ()),
        ("B", ()),
        ("C", ()),
    ]
    assert len({each.order.commit for each in orders[1:]}) == 1
    bases = [each for each in world.commands if isinstance(each, StartVerify)]
    assert sum(each.order.stage == "base" for each in bases) == 3


def test_commands_that_depend_on_the_story_unseen_are_found_out() -> None:
    world = together("A", "B", "C", "D", script=Script(by_story=frozenset({"make test"}))).run()
    assert is_done(world, *"ABCD")
    assert not any(isinstance(each, AttemptLost) for each in world.around.records)
    assert len(told(world, "verify_by_story")) == 1


def test_a_branch_that_is_red_itself_sends_one_story_back_and_not_all() -> None:
    """Somebody commits what is red; the first story mends it, the others wait for that."""
    script = Script(red_trees=frozenset({"base'"}))
    world = together("A", "B", "C", "D", script=script).move_branch().run()
    assert is_done(world, *"ABCD")
    lost = [each for each in world.around.records if isinstance(each, AttemptLost)]
    assert [(each.story_id, each.counts) for each in lost] == [("A", False)]
    assert "feature/PRD itself is red" in lost[0].reason


def test_who_waits_for_the_mending_goes_on_where_that_is_held() -> None:
    script = Script(red_trees=frozenset({"base'"}))
    world = together("A", "B", "C", script=script).move_branch()
    world = world.until_that(lambda w: w.prd.mender is not None).order(Hold(story_id="A"))
    world = world.until_that(lambda w: w.prd.mender is None or w.prd.mender.story_id != "A")
    assert world.until_that(lambda w: is_done(w, "B", "C"))


# --- merges that git finds clean ------------------------------------------------------------------

LOST = Finding(rule="removed name", path="a.py", line=3, text="`os` is gone", is_blocking=True)
DOUBTED = Script(findings={("C", 1): (LOST,)})


def test_who_is_doubted_rides_alone_and_is_merged_if_that_is_green() -> None:
    world = together("A", "B", "C", "D", script=DOUBTED).run()
    assert assembled(world) == [("A",), ("B", "C", "D"), ("B", "D"), ("C",)]
    assert not any(isinstance(each, AttemptLost) for each in world.around.records)
    assert told(world, "merge_doubted")[0].endswith("a.py:3: `os` is gone (removed name)")
    assert is_done(world, *"ABCD")


def test_type_checks_of_who_is_doubted_are_noted_as_what_nobody_needs_alone() -> None:
    world = together("A", "B", "C", "D", script=DOUBTED, checks=("mypy",)).run()
    runs = [each for each in world.around.records if isinstance(each, VerifyOver)]
    assert [each.stage for each in runs if each.is_extra] == ["merged"]
    assert is_done(world, *"ABCD")


@pytest.mark.parametrize("strategy", [Strategy.FILE, Strategy.ENTITY])
def test_who_is_doubted_and_nothing_else_can_tell_goes_again_with_the_finding(
    strategy: Strategy,
) -> None:
    verify = ("make test",) if strategy is Strategy.FILE else ()
    stories = [a_story(name, verify=verify) for name in "AC"]
    merging = MergeRules(strategy=strategy)
    world = prd_world(*stories, limits=UNBOUND, script=DOUBTED, merging=merging).run()
    (lost,) = (each for each in world.around.records if isinstance(each, AttemptLost))
    assert (lost.story_id, lost.conflict, lost.counts, lost.is_fresh) == ("C", True, False, True)
    second = next(e for e in world.commands if isinstance(e, StartAgent) and e.attempt == 2)
    assert second.context == str(LOST)
    assert is_done(world, "A", "C")


def test_what_is_only_told_stops_nobody() -> None:
    script = Script(findings={("C", 1): (replace(LOST, is_blocking=False),)})
    world = together("A", "B", "C", "D", script=script).run()
    assert assembled(world) == [("A",), ("B", "C", "D")]
    assert len(told(world, "merge_doubted")) == 1


# --- what a run over several stories took ---------------------------------------------------------


def test_a_run_over_several_stories_is_noted_for_all_of_them() -> None:
    world = together("A", "B", "C", "D").run()
    runs = [each for each in world.around.records if isinstance(each, VerifyOver)]
    merged = [(each.story_id, each.stories) for each in runs if each.stage == "merged"]
    assert merged == [("A", ()), ("B", ("B", "C", "D"))]
    assert not any(each.stories for each in runs if each.stage != "merged")


def test_a_ceiling_that_ends_a_run_over_several_has_each_verified_by_itself() -> None:
    world, late = verifying(together("A", "B", "C", "D"), "B")
    over = EndAttempt(story_id="B", attempt=1, kind=OutcomeKind.OUT_OF_MEMORY, detail="7 GiB")
    world = world.order(over)
    assert told(world, "train_dissolved") == [
        "7 GiB, with B, C, D together: each of them is verified by itself"
    ]
    world = world.with_(pending=(late, *world.around.pending)).run()
    assert assembled(world)[2:] == [("B",), ("C",), ("D",)]
    assert not any(isinstance(each, AttemptLost) for each in world.around.records)
    assert is_done(world, *"ABCD")


def test_a_ceiling_that_ends_a_run_over_one_is_that_one_s() -> None:
    world, _ = verifying(together("A", "B"), "B")
    over = EndAttempt(story_id="B", attempt=1, kind=OutcomeKind.OUT_OF_MEMORY, detail="7 GiB")
    world = world.order(over).run()
    lost = [each for each in world.around.records if isinstance(each, AttemptLost)]
    assert [(each.story_id, each.cause) for each in lost] == [("B", Cause.MEMORY)]


@pytest.mark.parametrize("mutex", [(), ("db",)])
def test_who_waits_for_the_mending_does_not_keep_the_mender_from_beginning(
    mutex: tuple[str, ...],
) -> None:
    """The only place, or a name, is taken by a more urgent story before the mender begins."""
    script = Script(red_trees=frozenset({"base'"}))
    stories = a_story("A", rank=2.0, mutex=mutex), a_story("B", mutex=mutex)
    limits = Limits(max_workers=0 if mutex else 1)
    world = prd_world(*stories, limits=limits, script=script)
    world = world.order(Hold(story_id="B")).until("A", Stage.VERIFY).move_branch()
    world = world.until_that(lambda w: w.prd.mender is not None)
    world = world.order(Hold(story_id="A")).order(Release(story_id="B")).until("B", Stage.VERIFY)
    world = world.order(Release(story_id="A"))
    assert is_done(world.run(), "A", "B")


def verifying(world: World, story_id: str) -> tuple[World, tuple[str, Item]]:
    """A world in which this story's worker takes its time over the train, and what it will say."""
    child_id = worker_of(story_id)

    def is_at_it(world: World) -> bool:
        process = world.process(child_id)
        return process is not None and "merged" in process.verifies

    world = world.until_that(is_at_it)
    verdict = next(item for item in world.around.pending if item[0] == child_id)
    rest = tuple(item for item in world.around.pending if item != verdict)
    return world.with_(pending=rest), verdict


# --- starting from what is being verified -------------------------------------------------------


def test_a_story_starts_from_a_merge_that_is_being_verified() -> None:
    world = prd_world(a_story("A"), a_story("B", "A"), limits=UNBOUND).until("B", Stage.AGENT)
    assert world.memory("A").state is StoryState.PENDING
    assert world.memory("B").base == "A@1+base"
    world = world.run()
    assert is_done(world, "A", "B")
    assert world.around.repository.tip == "B@1+A@1+base"


def test_a_story_is_not_merged_before_what_it_rests_on() -> None:
    world = prd_world(a_story("A"), a_story("B", "A"), limits=UNBOUND).run()
    assert published(world) == [("A",), ("B",)]


@pytest.mark.parametrize(
    "stage", [Stage.LEASE, Stage.GATHER, Stage.AGENT, Stage.COMMIT, Stage.VERIFY, Stage.GATE]
)
def test_a_story_whose_merge_came_to_nothing_begins_afresh_and_pays_nothing(stage: Stage) -> None:
    script = Script(reds=frozenset({("A", 1, "merged")}))
    world = prd_world(a_story("A"), a_story("B", "A"), limits=UNBOUND, script=script)
    world, verdict = verifying(world, "A")
    world = world.until("B", stage)
    world = world.with_(pending=(verdict, *world.around.pending)).run()
    assert is_done(world, "A", "B")
    assert world.memory("B").failures == 0
    assert world.around.repository.tip == "B@{}+A@2+base".format(world.memory("B").attempt)


def test_who_makes_the_merge_red_that_it_began_from_pays_for_it_whatever_marks_stand_on_it() -> (
    None
):
    script = Script(reds=frozenset({("B", 1, "merged")}))
    world = prd_world(a_story("A"), a_story("B", "A"), limits=UNBOUND, script=script)
    world = world.with_(repository=Repository(marks=True)).run()
    assert world.memory("B").failures == 1
    assert is_done(world, "A", "B")


def test_who_rests_on_a_story_that_is_given_up_is_skipped() -> None:
    script = Script(reds=frozenset({("A", 1, "merged")}))
    limits = Limits(max_workers=0, max_attempts=1)
    world = prd_world(a_story("A"), a_story("B", "A"), limits=limits, script=script).run()
    assert world.memory("A").state is StoryState.FAILED
    assert world.memory("B").state is StoryState.SKIPPED


def test_after_a_crash_nobody_goes_on_from_a_merge_that_is_not_in_the_branch() -> None:
    world, _ = verifying(prd_world(a_story("A"), a_story("B", "A"), limits=UNBOUND), "A")
    world = world.until("B", Stage.GATE)
    again = world.resume(after_crash=True).move_branch().run()
    assert is_done(again, "A", "B")
    assert [name for name, _ in again.around.repository.merged] == ["A", "B"]
    heads = heads_in(again.around.repository.tip)
    assert heads == ["B@2", "A@1"]

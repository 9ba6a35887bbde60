from __future__ import annotations

import pytest

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.landing.lander import commands_of
from prd_supervise.supervisor.core.prd.landing.landing_state import (
    LANDER,
    LANDING_NAME,
    Landing,
    LandingStage,
)
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.records import PrdLanded, VerifyOver
from prd_supervise.supervisor.core.prd.state import PrdPhase
from prd_supervise.supervisor.core.prd.view import note_of, view_of
from prd_supervise.supervisor.core.prd.words import AskGit, OrderLander, Say, WorkerRefused
from prd_supervise.workers.messages.git import TakePrdFile
from prd_supervise.workers.messages.landing import LANDING_LEASE, Land, RollBack, TryLanding
from prd_supervise.workers.messages.merging import Resolution
from prd_supervise.workers.messages.prd import (
    EndAttempt,
    Happened,
    LeaseReturned,
    LeaseWanted,
    PrdReport,
    Retry,
    Standing,
)
from prd_supervise.workers.messages.rules import MergeRules, OnFailure
from prd_supervise.workers.messages.story import Finish, RunVerify
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

AUTO = MergeRules(auto=True, into="main")
PUSHED = replace(AUTO, push=True)


def a_world(merging: MergeRules = AUTO, script: Script | None = None) -> World:
    return prd_world(a_story("A"), a_story("B"), merging=merging, script=script)


def at(stage: LandingStage, merging: MergeRules = AUTO, script: Script | None = None) -> World:
    def is_there(world: World) -> bool:
        return world.prd.landing is not None and world.prd.landing.stage is stage

    return a_world(merging, script).until_that(is_there)


def told(world: World, event: str) -> list[str]:
    words = [each.word for each in world.commands if isinstance(each, Say)]
    return [each.text for each in words if isinstance(each, Happened) and each.event == event]


def asked(world: World, kind: type) -> int:
    requests = [each.request for each in world.commands if isinstance(each, AskGit)]
    return sum(isinstance(each, kind) for each in requests)


def ended(world: World) -> tuple[str, tuple[str, ...]]:
    assert world.outcome is not None
    return world.outcome.state, world.outcome.reasons


def test_a_completed_prd_goes_into_its_base_verified_on_the_merged_tree() -> None:
    world = a_world().run()
    state, (landed,) = ended(world)
    assert state == "completed"
    assert landed.startswith("landed in main as main+")
    assert landed.endswith("verified on the merged tree")
    assert world.around.repository.into == f"main+{world.around.repository.tip}"
    assert world.count(VerifyOver) > 0
    (record,) = [each for each in world.around.records if isinstance(each, PrdLanded)]
    assert record.commit == world.around.repository.into


def test_without_the_setting_nothing_lands() -> None:
    world = a_world(MergeRules(into="main")).run()
    assert ended(world) == ("completed", ())
    assert world.around.repository.into == "main"


def test_a_prd_that_failed_does_not_land() -> None:
    script = Script(reds=frozenset(("A", attempt, "story") for attempt in (1, 2, 3)))
    world = a_world(script=script).run()
    assert ended(world)[0] == "failed"
    assert asked(world, TryLanding) == 0


def test_a_landing_waits_for_its_turn_and_gives_it_back() -> None:
    world = at(LandingStage.TURN)
    assert "waits until no other PRD goes into main" in note_of(world.prd)
    assert asked(world, TryLanding) == 0
    words = [each.word for each in world.run().commands if isinstance(each, Say)]
    assert words.count(LeaseWanted(lease=LANDING_LEASE)) == 1
    assert words.count(LeaseReturned(lease=LANDING_LEASE)) == 1


def test_a_red_merged_tree_is_not_landed_and_the_prd_is_completed() -> None:
    script = Script(reds=frozenset({(LANDER, 1, "landing")}))
    world = a_world(script=script).run()
    state, (note,) = ended(world)
    assert state == "completed"
    assert note.startswith("not landed: on top of main `make test`")
    assert told(world, "not_landed") == [note]
    assert world.around.repository.into == "main"


def test_a_base_that_moved_is_merged_again_and_not_for_ever() -> None:
    world = at(LandingStage.LAND)
    moved = world.with_(repository=replace(world.around.repository, into="theirs")).run()
    assert moved.around.repository.into.startswith("theirs+")
    assert len(told(moved, "landing_moved")) == 1
    while world.around.exit_code is None:
        landing = world.prd.landing
        if landing is not None and landing.stage is LandingStage.LAND:
            again = f"{world.around.repository.into}'"
            world = world.with_(repository=replace(world.around.repository, into=again))
        world = world.go_on()
    assert ended(world)[1] == ("not landed: somebody else moved main 10 times meanwhile",)


def test_a_push_follows_and_its_refusal_is_told() -> None:
    assert ended(a_world(PUSHED).run())[1][0].endswith("; pushed to origin")
    script = Script(reds=frozenset({(LANDER, 1, "push")}))
    world = a_world(PUSHED, script).run()
    state, (note,) = ended(world)
    assert state == "completed"
    assert note.endswith("; not pushed to origin: the tail")
    assert told(world, "not_pushed") == ["not pushed to origin: the tail"]


def test_a_worker_whose_landing_is_over_ends_by_itself_before_its_deadline() -> None:
    commands = a_world(PUSHED).run().commands
    orders = [each.order for each in commands if isinstance(each, OrderLander)]
    assert orders[-1] == Finish(result="")
    assert [type(each) for each in orders].count(Finish) == 1


@pytest.mark.parametrize("stage", [LandingStage.VERIFY, LandingStage.PUSH])
def test_the_death_of_the_worker_costs_nothing_the_first_times(stage: LandingStage) -> None:
    world = at(stage, PUSHED).until_that(lambda each: each.process(LANDER) is not None)
    assert ended(world.kill(LANDER).run())[1][0].endswith("; pushed to origin")
    while world.around.exit_code is None:
        landing = world.prd.landing
        alive = world.process(LANDER) is not None
        is_there = alive and landing is not None and landing.stage is stage
        world = world.kill(LANDER) if is_there else world.go_on()
    what = "landed" if stage is LandingStage.VERIFY else "pushed"
    assert f"not {what}: its worker ended 4 times" in ended(world)[1][0]


def test_a_worker_that_cannot_start_yet_is_tried_again() -> None:
    world = at(LandingStage.VERIFY).until_that(lambda each: each.process(LANDER) is not None)
    process = world.process(LANDER)
    assert process is not None
    left = tuple(each for each in world.around.processes if each.child_id != LANDER)
    world = world.with_(processes=left, pending=())
    refused = WorkerRefused(
        story_id=LANDER, incarnation=process.incarnation, text="an earlier one lives"
    )
    assert ended(world.hear(refused).run())[1][0].startswith("landed in main")


@pytest.mark.parametrize("stage", [LandingStage.TRIAL, LandingStage.LAND, LandingStage.PLAN])
def test_a_git_that_dies_is_asked_again_and_one_that_refuses_is_told(stage: LandingStage) -> None:
    world = at(stage, PUSHED)
    assert ended(world.kill_git().run())[1][0].endswith("; pushed to origin")
    name = {"trial": "TryLanding", "land": "Land", "plan": "PlanPush"}[stage.value]
    state, (note,) = ended(world.refuse(name).run())
    assert state == "completed"
    assert note.endswith(": no")


def test_what_has_landed_already_is_seen_and_told() -> None:
    world = at(LandingStage.PLAN, PUSHED)
    again = world.resume().run()
    assert again.around.repository.into == world.around.repository.into
    assert ended(again)[1][0].startswith("is in main")


def test_a_stop_on_the_way_is_no_end() -> None:
    world = at(LandingStage.VERIFY).stop().run()
    assert ended(world) == ("stopped", ("all is done, but it is not in main yet",))
    assert ended(world.resume().run())[0] == "completed"


def test_a_story_that_is_opened_again_ends_the_landing_and_the_next_one_has_it() -> None:
    script = Script()
    world = at(LandingStage.VERIFY, script=script)
    new = (a_story("A"), a_story("B"), a_story("C"))
    world = world.replan(*new)
    assert world.prd.phase is PrdPhase.OPENING
    assert world.prd.landing is None
    world = world.run()
    assert ended(world)[0] == "completed"
    assert "C@1" in world.around.repository.into
    assert asked(world, Land) == 1


def test_each_command_is_run_once_and_one_that_asks_for_its_story_for_each() -> None:
    asks = "check $PRD_SUPERVISE_STORY_ID"
    world = a_world().run()
    stories = tuple(replace(each, verify=("make", asks)) for each in world.prd.stories)
    titled = replace(stories[0], title="it's A")
    landing = Landing(stage=LandingStage.VERIFY, number=1, into="main")
    found = commands_of(replace(world.prd, stories=(titled, *stories[1:])), landing)
    assert found[0] == "make"
    assert found[1].startswith("export PRD_SUPERVISE_STORY_ID=A PRD_SUPERVISE_STORY_TITLE=")
    assert found[1].endswith(f"; {asks}")
    assert len(found) == 3
    orders = [each.order for each in world.commands if isinstance(each, OrderLander)]
    (order,) = [each for each in orders if isinstance(each, RunVerify)]
    assert order.commands == ("make test",)


def test_what_is_resolved_where_it_lands_is_told_and_type_checked() -> None:
    how = Script(landing_resolutions=(Resolution(path="app.py", how="imports"),))
    checked = replace(AUTO, checks=("mypy",))
    for rules in (checked, replace(checked, reconcile=False)):
        world = a_world(rules, how).run()
        (landed,) = told(world, "landed")
        orders = [each.order for each in world.commands if isinstance(each, OrderLander)]
        (order,) = [each for each in orders if isinstance(each, RunVerify)]
        assert ("conflicts resolved by themselves in app.py" in landed) == rules.reconcile
        assert order.commands == (("make test", "mypy") if rules.reconcile else ("make test",))
        assert len(told(world, "conflict_resolved")) == rules.reconcile


def test_a_landing_that_is_over_a_ceiling_is_ended_and_told() -> None:
    world = at(LandingStage.VERIFY).until_that(
        lambda each: each.prd.landing is not None and each.prd.landing.incarnation > 0
    )
    assert world.prd.landing is not None
    kind, attempt = OutcomeKind.OUT_OF_MEMORY, world.prd.landing.attempt
    order = EndAttempt(story_id=LANDING_NAME, attempt=attempt, kind=kind, detail="too big")
    late = world.order(replace(order, attempt=attempt + 1)).run()
    assert ended(late)[1][0].startswith("landed in main")
    state, (note,) = ended(world.order(order).run())
    assert state == "completed"
    assert note.startswith("not landed: on top of main")


def standings(world: World) -> dict[str, list[Standing]]:
    """How stories stood one after the other, as other PRDs were told."""
    found: dict[str, list[Standing]] = {}
    words = [each.word for each in world.commands if isinstance(each, Say)]
    for view in (view for word in words if isinstance(word, PrdReport) for view in word.stories):
        seen = found.setdefault(view.story_id, [])
        if seen[-1:] != [view.standing]:
            seen.append(view.standing)
    return found


# --- going back ---------------------------------------------------------------------------------

BACK = MergeRules(on_failure=OnFailure.ROLLBACK)
RED = Script(reds=frozenset(("B", attempt, "story") for attempt in (1, 2, 3)))


def test_a_failed_prd_goes_back_and_only_a_retry_opens_what_it_had_merged() -> None:
    world = a_world(BACK, RED).run()
    state, reasons = ended(world)
    assert state == "failed"
    assert reasons[-1].startswith("rolled back: feature/PRD stands at base again")
    assert world.around.repository.merged == ()
    assert world.memory("A").state is StoryState.DONE

    again = world.resume(after_crash=True).run()
    assert ended(again)[0] == "failed"
    assert again.memory("A").attempt == 1
    asked = [each.request for each in again.commands if isinstance(each, AskGit)]
    after = asked[asked.index(RollBack()) + 1 :]
    assert not any(isinstance(each, TakePrdFile) for each in after), "the branch stays as it is"

    # What another PRD needs of it is not there any more, until it is merged again.
    assert standings(world)["A"] == [Standing.OPEN, Standing.DONE, Standing.LOST]
    assert standings(again)["A"] == [Standing.LOST]
    assert view_of(again.prd.stories[0], is_rolled_back=True).state == "rolled back"

    retried = world.resume(retry=True).run()
    assert standings(retried)["A"] == [Standing.OPEN, Standing.DONE]
    assert ended(retried)[0] == "completed"
    assert {name for name, _ in retried.around.repository.merged} == {"A", "B"}
    assert not retried.prd.is_rolled_back


def test_what_could_not_go_back_is_there_for_other_prds_now_and_after_a_resume() -> None:
    world = a_world(BACK, RED).refuse("RollBack", is_short=False).run()
    assert ended(world)[1][-1].startswith("not rolled back: ")
    assert standings(world)["A"][-1] is Standing.DONE
    again = world.resume().refuse("RollBack", is_short=False).run()
    assert ended(again)[0] == "failed"
    assert standings(again)["A"][-1] is Standing.DONE
    assert again.memory("A").attempt == 1
    assert world.resume().run().around.repository.merged == ()  # it is tried again


def test_a_crash_between_the_decision_and_the_move_goes_on() -> None:
    def is_decided(world: World) -> bool:
        return world.prd.is_rolled_back

    world = a_world(BACK, RED).until_that(is_decided)
    assert world.around.repository.merged
    again = world.resume(after_crash=True).run()
    assert again.around.repository.merged == ()
    assert ended(again)[0] == "failed"


def test_a_live_retry_that_comes_too_late_for_the_move_opens_everything() -> None:
    def is_decided(world: World) -> bool:
        return world.prd.is_rolled_back

    world = a_world(BACK, RED).until_that(is_decided).order(Retry(story_id="B")).run()
    assert ended(world)[0] == "completed"
    assert {name for name, _ in world.around.repository.merged} == {"A", "B"}


def test_a_prd_that_is_kept_or_stopped_does_not_go_back() -> None:
    assert a_world(MergeRules(), RED).run().around.repository.merged
    stopped = a_world(BACK, RED).until_that(lambda each: each.count(VerifyOver) > 3).stop().run()
    assert ended(stopped)[0] == "stopped"
    assert not stopped.prd.is_rolled_back

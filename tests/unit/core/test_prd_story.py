"""One story's way to done, and what may happen on it."""

from __future__ import annotations

import pytest

from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.attempt.attempt import awaits_agent
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.records import AttemptBegun, AttemptLost, StoryDone
from prd_supervise.supervisor.core.prd.state import GIT, Stage, lease_of
from prd_supervise.supervisor.core.prd.words import AskGit, LeaseArrived, StartAgent
from prd_supervise.workers.messages.prd import Limits, Retry
from prd_supervise.workers.messages.train import AssembleTrain, PublishTrain
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

LONG = (
    Stage.AGENT,
    Stage.COMMIT,
    Stage.VERIFY,
    Stage.BASE,
    Stage.TRIAL,
    Stage.MERGED,
    Stage.PUBLISH,
)


def reason_of(world: World, story_id: str = "A") -> str:
    return world.memory(story_id).reason


def test_a_story_is_done_with_evidence() -> None:
    world = prd_world(a_story("A")).run()
    assert world.outcome is not None
    assert (world.outcome.state, world.around.exit_code) == ("completed", 0)
    assert world.memory("A").evidence == (
        "verified on the merged tree by `make test`, green before the work too"
    )


def test_what_was_red_before_the_work_is_on_record() -> None:
    world = prd_world(a_story("A"), script=Script(reds=frozenset({("A", 1, "base")}))).run()
    assert world.memory("A").evidence.endswith("red before")


def test_a_story_without_verify_commands_is_done_unverified() -> None:
    world = prd_world(a_story("A", verify=())).run()
    assert world.memory("A").evidence == "unverified"
    assert world.count(StartAgent) == 1


def test_a_worktree_is_set_up_before_its_agent_sees_it() -> None:
    script = Script(setups=frozenset({("A", 1)}))
    world = prd_world(a_story("A"), script=script).until("A", Stage.SETUP)
    assert world.count(StartAgent) == 0
    assert world.run().memory("A").attempt == 1


def test_a_setup_that_fails_ends_the_attempt_before_its_agent() -> None:
    script = Script(setups=frozenset({("A", 1)}), reds=frozenset({("A", 1, "setup")}))
    world = prd_world(a_story("A"), script=script).until("A", Stage.FINISH)
    assert reason_of(world) == "`make deps` exited with 1: the tail"
    assert world.count(StartAgent) == 0
    done = world.run().memory("A")
    assert (done.attempt, done.failures, done.state) == (2, 1, StoryState.DONE)


def test_a_worker_that_dies_in_the_setup_is_followed_by_another() -> None:
    script = Script(setups=frozenset({("A", 1), ("A", 2)}))
    world = prd_world(a_story("A"), script=script).until("A", Stage.SETUP).kill_worker("A").run()
    assert world.memory("A").state is StoryState.DONE
    assert world.count(StartAgent) == 1


def test_a_claim_without_a_change_is_no_claim() -> None:
    script = Script(idle=frozenset({("A", 1)}))
    world = prd_world(a_story("A"), script=script).until("A", Stage.FINISH)
    assert reason_of(world) == "the agent claims success, but nothing differs from the base"
    assert world.run().memory("A").attempt == 2


def test_a_claim_that_nothing_is_needed_is_shown_to_people_and_decides_nothing() -> None:
    script = Script(idle=frozenset({("A", 1)}))
    world = prd_world(a_story("A"), script=script).until("A", Stage.AGENT)
    said = "I looked.\n\nNO CHANGE NEEDED: `a.py` has it"
    ended = Outcome(kind=OutcomeKind.NORMAL, detail="it exited with 0")
    world = world.end_agent("A", ended, said).until("A", Stage.FINISH)
    assert reason_of(world) == "the agent claims that no change is needed: `a.py` has it"
    assert world.run().memory("A").attempt == 2


def test_a_red_story_goes_again_with_the_failure_as_its_context() -> None:
    world = prd_world(a_story("A"), script=Script(reds=frozenset({("A", 1, "story")}))).run()
    second = [each for each in world.commands if isinstance(each, StartAgent)][1]
    assert (second.attempt, second.context) == (2, "the tail")
    assert second.reason == "`make test` exited with 1: the tail"
    assert "`git diff base` shows it" in second.earlier  # what the first one did is in the worktree
    assert second.context == "the tail"
    assert world.memory("A").state is StoryState.DONE


def test_a_red_merge_never_becomes_visible() -> None:
    script = Script(reds=frozenset({("A", 1, "merged")}))
    world = prd_world(a_story("A"), script=script).until("A", Stage.FINISH)
    assert world.around.repository.merged == ()
    assert reason_of(world).startswith("green alone, but on top of feature/PRD")
    assert len(world.run().around.repository.merged) == 1


def test_a_conflict_starts_afresh_from_the_branch() -> None:
    world = prd_world(a_story("A"), script=Script(conflicts=frozenset({("A", 1)})))
    world = world.until("A", Stage.FINISH)
    assert world.memory("A").base == ""
    assert world.run().memory("A").state is StoryState.DONE


def test_reported_failures_use_up_the_attempts_and_no_restart() -> None:
    reds = frozenset({("A", n, "story") for n in (1, 2, 3)})
    world = prd_world(a_story("A"), script=Script(reds=reds), limits=Limits(intensity=0)).run()
    assert world.memory("A").state is StoryState.FAILED
    assert world.memory("A").attempt == 3
    assert world.prd.workers.restarted_at_s == ()
    assert world.outcome is not None
    assert world.outcome.state == "failed"


def test_deaths_and_failures_share_the_attempts() -> None:
    script = Script(agents={("A", 1): OutcomeKind.FAILED})
    world = prd_world(a_story("A"), script=script)
    world = world.until_that(lambda w: w.memory("A").attempt == 2).until("A", Stage.AGENT)
    world = world.kill_worker("A").until("A", Stage.AGENT)
    assert world.memory("A").failures == 2
    assert world.kill_worker("A").memory("A").state is StoryState.FAILED


@pytest.mark.parametrize("stage", LONG)
def test_a_worker_that_dies_in_any_stage_costs_no_more_than_an_attempt(stage: Stage) -> None:
    world = prd_world(a_story("A")).until("A", Stage.AGENT)
    if stage is Stage.BASE:  # the first look at the base fails, so the merge has to look itself
        world = world.refuse("CheckOut")
    world = world.until("A", stage).kill_worker("A").run()
    assert world.memory("A").state is StoryState.DONE
    assert len(world.around.repository.merged) == 1
    assert world.memory("A").failures == (stage is Stage.AGENT)
    assert world.count(StartAgent) == 1 + (stage is Stage.AGENT)


@pytest.mark.parametrize("stage", LONG)
def test_an_integrator_that_dies_in_any_stage_is_asked_again(stage: Stage) -> None:
    world = prd_world(a_story("A")).until("A", Stage.AGENT)
    if stage is Stage.BASE:
        world = world.refuse("CheckOut")
    world = world.until("A", stage).kill_git().run()
    assert world.memory("A").state is StoryState.DONE
    assert world.count(StartAgent) == 1


def test_a_merge_whose_answer_was_lost_is_not_made_twice() -> None:
    world = prd_world(a_story("A")).until("A", Stage.PUBLISH).kill(GIT, after_serving=True)
    assert world.memory("A").state is StoryState.PENDING
    world = world.run()
    assert world.memory("A").state is StoryState.DONE
    assert len(world.around.repository.merged) == 1


def test_a_merge_whose_answer_was_lost_counts_even_if_git_then_refuses() -> None:
    world = prd_world(a_story("A")).until("A", Stage.PUBLISH).kill(GIT, after_serving=True)
    world = world.refuse("PublishTrain").run()
    assert world.memory("A").state is StoryState.DONE
    assert len(world.around.repository.merged) == 1


def test_a_worker_that_dies_for_the_last_time_while_its_merge_is_published_has_done_it() -> None:
    world = prd_world(a_story("A"), limits=Limits(max_attempts=1)).until("A", Stage.PUBLISH)
    world = world.kill_worker("A").run()
    assert world.memory("A").state is StoryState.DONE
    assert world.memory("A").failures == 0


def test_a_branch_that_moved_while_the_worker_died_is_merged_by_another_worker() -> None:
    world = prd_world(a_story("A")).until("A", Stage.PUBLISH).move_branch().kill_worker("A").run()
    assert world.memory("A").state is StoryState.DONE
    assert world.count(StartAgent) == 1


def test_a_branch_that_somebody_moved_is_merged_again_on_top() -> None:
    world = prd_world(a_story("A")).until("A", Stage.PUBLISH).move_branch().run()
    assert world.around.repository.tip == "A@1+base'"
    asked = [each.request for each in world.commands if isinstance(each, AskGit)]
    trials = [each for each in asked if isinstance(each, AssembleTrain)]
    assert len(trials) == 2


def test_deaths_after_the_agents_end_give_the_story_up_with_that_reason() -> None:
    world = prd_world(a_story("A"), limits=Limits(max_attempts=2))
    world = world.until("A", Stage.VERIFY).kill_worker("A")
    world = world.until("A", Stage.VERIFY).kill_worker("A")
    assert world.memory("A").state is StoryState.FAILED
    assert "the worker died: signal SIGKILL" in reason_of(world)
    assert world.memory("A").is_claimed  # a retry goes on at verify


@pytest.mark.parametrize("request_name", ["Prepare", "Commit", "AssembleTrain", "PublishTrain"])
def test_a_refusal_of_git_loses_the_attempt_and_not_the_claim(request_name: str) -> None:
    world = prd_world(a_story("A")).refuse(request_name).run()
    assert world.memory("A").state is StoryState.DONE
    assert world.memory("A").failures == 1
    lost = [each for each in world.around.records if isinstance(each, AttemptLost)]
    assert [each.reason for each in lost] == ["git: no"]
    agents = {"Prepare": 1, "Commit": 2, "AssembleTrain": 1, "PublishTrain": 1}
    assert world.count(StartAgent) == agents[request_name]


def test_a_base_that_cannot_be_checked_out_does_not_concern_the_agent() -> None:
    world = prd_world(a_story("A")).refuse("CheckOut").until("A", Stage.BASE)
    assert world.prd.gate == "A"
    assert world.run().memory("A").failures == 0


def test_a_lease_that_comes_too_late_is_not_the_next_attempts() -> None:
    world = prd_world(a_story("A"), grants=False).settle()
    world = world.hear(LeaseArrived(lease=lease_of("A", 1))).kill_worker("A")
    assert world.around.leases == frozenset()
    world = world.until("A", Stage.GATHER).settle()
    assert world.around.leases == {lease_of("A", 2)}
    world = world.hear(LeaseArrived(lease=lease_of("A", 1)))
    assert world.is_in("A", Stage.GATHER)
    assert world.hear(LeaseArrived(lease=lease_of("A", 2))).is_in("A", Stage.AGENT)


def test_a_worker_that_hangs_after_its_result_loses_its_place_all_the_same() -> None:
    world = prd_world(a_story("A")).until("A", Stage.FINISH)
    hung = world.with_(pending=())  # it never ends by itself
    assert hung.run().outcome is not None


def test_done_is_written_once_and_before_anybody_hears_of_it() -> None:
    world = prd_world(a_story("A")).run()
    assert world.count(StoryDone) == 1
    publishes = [
        e for e in world.commands if isinstance(e, AskGit) and isinstance(e.request, PublishTrain)
    ]
    assert len(publishes) == world.count(AttemptBegun) == 1


def test_a_merge_that_is_red_again_and_again_never_becomes_visible() -> None:
    reds = frozenset({("A", 1, "merged"), ("A", 2, "merged")})
    world = prd_world(a_story("A"), script=Script(reds=reds)).run()
    assert world.around.repository.merged == (("A", "A@3+base"),)


def test_an_agent_that_was_held_back_is_wanted_only_while_its_attempt_waits_for_it() -> None:
    world = prd_world(a_story("A")).until("A", Stage.AGENT)
    start = StartAgent(story_id="A", attempt=1, reason="", context="")
    assert awaits_agent(world.prd, start)
    assert not awaits_agent(world.prd, replace(start, attempt=2))
    assert not awaits_agent(world.until("A", Stage.VERIFY).prd, start)
    assert not awaits_agent(world.prd, replace(start, story_id="B"))


def test_who_stood_on_a_red_base_begins_on_what_somebody_has_mended() -> None:
    """Where it began nothing can become green; what it did is shown to the next agent."""
    reds = frozenset({("A", number, stage) for number in (1, 2) for stage in ("base", "story")})
    limits = Limits(max_attempts=2)
    world = prd_world(a_story("A"), script=Script(reds=reds), limits=limits)
    world = world.until_that(lambda world: world.memory("A").state is StoryState.FAILED)
    told = "what is not the story's own to mend there (at base), mend in feature/PRD, then retry"
    assert reason_of(world).endswith(told)
    assert world.memory("A").base_is_red
    world = world.move_branch().order(Retry(story_id="A")).run()
    memory = world.memory("A")
    assert (memory.state, memory.base, memory.base_is_red) == (StoryState.DONE, "base'", False)
    last = [each for each in world.commands if isinstance(each, StartAgent)][-1]
    assert "You begin anew" in last.earlier

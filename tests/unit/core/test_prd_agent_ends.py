"""How a story goes on after each way in which its agent can end."""

from __future__ import annotations

import pytest

from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.policies.outcomes.setbacks import PASSING_MAX, Course
from prd_supervise.policies.supervising.spec import Tally
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.records import AgentBegan, AttemptLost
from prd_supervise.supervisor.core.prd.state import Stage, Story
from prd_supervise.supervisor.core.prd.view import view_of
from prd_supervise.supervisor.core.prd.words import StartAgent
from prd_supervise.workers.messages.agents import Choice
from prd_supervise.workers.messages.prd import Limits, Retry
from prd_supervise.workers.messages.story import AgentNews
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

CLAUDE, CODEX = Choice(agent="claude", model="large"), Choice(agent="codex")
ONE_ATTEMPT = Limits(max_attempts=1)
FREE = [
    OutcomeKind.RATE_LIMITED,
    OutcomeKind.TRANSIENT,
    OutcomeKind.AUTH,
    OutcomeKind.BILLING,
    OutcomeKind.MISSING,
    OutcomeKind.CONTEXT,
]
COUNTED = [
    OutcomeKind.FAILED,
    OutcomeKind.CRASHED,
    OutcomeKind.TIMED_OUT,
    OutcomeKind.OVER_LIMIT,
    OutcomeKind.INCOMPLETE,
    OutcomeKind.RUNAWAY,
]


def ends(*kinds: OutcomeKind) -> Script:
    """The agents of A's attempts end so, one after the other, and then well."""
    return Script(agents={("A", number): kind for number, kind in enumerate(kinds, start=1)})


def with_two(story: Story) -> Story:
    return replace(story, choices=(CLAUDE, CODEX))


def runs(world: World) -> list[StartAgent]:
    return [each for each in world.commands if isinstance(each, StartAgent)]


def losses(world: World) -> list[AttemptLost]:
    return [each for each in world.around.records if isinstance(each, AttemptLost)]


@pytest.mark.parametrize("kind", FREE)
def test_what_is_no_fault_of_the_story_costs_it_no_attempt(kind: OutcomeKind) -> None:
    world = prd_world(a_story("A"), limits=ONE_ATTEMPT, script=ends(kind)).run()
    assert world.memory("A").state is StoryState.DONE
    assert (world.memory("A").losses, world.memory("A").attempt) == (Tally(), 2)
    assert world.memory("A").lost is None


@pytest.mark.parametrize("kind", COUNTED)
def test_what_an_agent_did_itself_is_the_story_s_attempt(kind: OutcomeKind) -> None:
    world = prd_world(a_story("A"), limits=ONE_ATTEMPT, script=ends(kind)).run()
    assert world.memory("A").state is StoryState.FAILED
    (lost,) = losses(world)
    assert lost.counts
    assert lost.hints[-1] == (
        "it is given up: after mending, "
        "`prd-supervise retry PRD/A`, or `resume PRD --retry` once no root runs"
    )


def test_an_outage_is_waited_for_with_pauses_that_grow() -> None:
    outage = ends(*[OutcomeKind.TRANSIENT] * PASSING_MAX)
    limits = Limits(max_attempts=1, backoff_base_s=1.0, backoff_cap_s=60.0)
    world = prd_world(a_story("A"), limits=limits, script=outage).run()
    assert world.memory("A").state is StoryState.DONE
    assert world.memory("A").attempt == PASSING_MAX + 1
    assert world.now_s > 3600.0  # it lasted for more than an hour


def test_an_outage_without_an_end_counts_at_last() -> None:
    outage = ends(*[OutcomeKind.TRANSIENT] * (PASSING_MAX + 1))
    world = prd_world(a_story("A"), limits=ONE_ATTEMPT, script=outage).run()
    assert world.memory("A").state is StoryState.FAILED
    assert [each.counts for each in losses(world)] == [False] * PASSING_MAX + [True]


def test_no_number_of_limits_counts() -> None:
    limits = ends(*[OutcomeKind.RATE_LIMITED] * 60)
    world = prd_world(a_story("A"), limits=ONE_ATTEMPT, script=limits).run()
    assert (world.memory("A").state, world.memory("A").failures) == (StoryState.DONE, 0)


def test_a_limit_of_which_only_the_agent_s_end_is_journalled_counts_for_nothing() -> None:
    """The supervisor died before it could say what follows."""
    world = prd_world(a_story("A"), limits=ONE_ATTEMPT, script=ends(OutcomeKind.RATE_LIMITED))
    world = world.until("A", Stage.COMMIT).resume(after_crash=True).run()
    assert world.memory("A").state is StoryState.DONE
    assert [(each.counts, each.type) for each in losses(world)] == [(False, "rate_limited")]


# --- who goes on ----------------------------------------------------------------------------------


def test_a_choice_that_is_refused_makes_room_for_the_next_one_at_once() -> None:
    story = with_two(a_story("A"))
    world = prd_world(story, limits=ONE_ATTEMPT, script=ends(OutcomeKind.PERMANENT)).run()
    assert [each.choice for each in runs(world)] == [CLAUDE, CODEX]
    assert world.memory("A").state is StoryState.DONE
    assert world.memory("A").barred == (CLAUDE,)
    assert world.now_s < 1.0
    (lost,) = losses(world)
    assert lost.hints[-1].startswith("it goes again by itself with codex at once")


def test_a_story_that_nobody_takes_is_given_up_and_a_retry_asks_all_again() -> None:
    refusals = ends(OutcomeKind.PERMANENT, OutcomeKind.PERMANENT)
    world = prd_world(with_two(a_story("A")), a_story("B"), script=refusals)
    world = world.until_that(lambda world: world.memory("A").state is StoryState.FAILED)
    assert world.memory("A").failures == 0
    assert world.memory("A").reason == "the agent: permanent"
    failure = world.memory("A").lost
    assert failure is not None
    assert failure.type == "refused"
    assert "`prd-supervise retry PRD/A`" in failure.recovery_hints[-1]
    world = world.order(Retry(story_id="A"))
    assert world.memory("A").barred == ()
    assert [each.choice for each in runs(world.run())][-1] == CLAUDE


def test_without_choices_of_its_own_a_refusal_is_the_story_s_end() -> None:
    world = prd_world(a_story("A"), script=ends(OutcomeKind.PERMANENT)).run()
    assert (world.memory("A").state, world.count(StartAgent)) == (StoryState.FAILED, 1)


@pytest.mark.parametrize("is_wish", [False, True], ids=["configured", "the story's own wish"])
def test_a_model_that_is_unknown_is_the_agent_s_fault_unless_the_story_named_it(
    is_wish: bool,  # noqa: FBT001  pytest's own way
) -> None:
    choices = (replace(CLAUDE, is_wish=is_wish), CODEX)
    world = prd_world(replace(a_story("A"), choices=choices)).until("A", Stage.AGENT)
    unknown = Outcome(kind=OutcomeKind.PERMANENT, detail="no such model", is_agents_fault=True)
    world = world.end_agent("A", unknown).run()
    assert [each.choice.agent for each in runs(world)] == ["claude", "codex"]
    course = Course.BAR if is_wish else Course.CLOSE  # root is told of the latter alone
    assert [(each.counts, each.course) for each in losses(world)] == [(False, course)]


def test_an_agent_that_is_not_installed_is_replaced_at_once_or_fails_soon() -> None:
    missing = ends(*[OutcomeKind.MISSING] * 3)
    world = prd_world(with_two(a_story("A")), script=ends(OutcomeKind.MISSING)).run()
    assert [each.choice for each in runs(world)] == [CLAUDE, CODEX]
    alone = prd_world(a_story("A"), limits=ONE_ATTEMPT, script=missing).run()
    assert alone.memory("A").state is StoryState.FAILED
    assert alone.now_s < 60.0


def test_who_works_is_journalled() -> None:
    world = prd_world(with_two(a_story("A"))).run()
    (began,) = (each for each in world.around.records if isinstance(each, AgentBegan))
    assert (began.agent, began.model) == ("claude", "large")


# --- with which prompt ----------------------------------------------------------------------------


def test_more_than_a_model_takes_in_is_tried_once_more_with_less_and_then_with_the_next_one() -> (
    None
):
    script = ends(OutcomeKind.CONTEXT, OutcomeKind.CONTEXT, OutcomeKind.CONTEXT)
    world = prd_world(with_two(a_story("A")), limits=ONE_ATTEMPT, script=script).run()
    told = [(each.choice, each.is_short) for each in runs(world)]
    assert told == [(CLAUDE, False), (CLAUDE, True), (CODEX, False), (CODEX, True)]
    assert world.memory("A").state is StoryState.DONE
    assert world.memory("A").failures == 0


def test_a_story_that_is_too_much_for_all_is_given_up() -> None:
    script = ends(OutcomeKind.CONTEXT, OutcomeKind.CONTEXT)
    world = prd_world(a_story("A"), script=script).run()
    assert (world.memory("A").state, world.memory("A").failures) == (StoryState.FAILED, 0)


# --- in which conversation ------------------------------------------------------------------------


def talking(script: Script | None = None, limits: Limits | None = None) -> World:
    """A's agent is at work, and has named its conversation."""
    world = prd_world(a_story("A"), script=script, limits=limits)
    world = replace(world, prd=replace(world.prd, resuming=("",)))
    world = world.until("A", Stage.AGENT).settle_agent("A")
    return world.hear_news("A", AgentNews(attempt=1, session="s-1"))


@pytest.mark.parametrize("kind", [*COUNTED, OutcomeKind.RATE_LIMITED, OutcomeKind.TRANSIENT])
def test_the_next_attempt_goes_on_with_the_conversation(kind: OutcomeKind) -> None:
    world = talking(ends(kind)).run()
    expected = "" if kind is OutcomeKind.RUNAWAY else "s-1"
    assert [each.session for each in runs(world)] == ["", expected]
    assert runs(world)[1].ended == f"the agent: {kind.value}"


def test_a_conversation_outlives_the_tree() -> None:
    world = talking().resume(resuming=("",), after_crash=True).run()
    assert [each.session for each in runs(world)] == ["s-1"]
    assert runs(world)[0].ended == "its supervisor died"


def test_an_agent_that_cannot_resume_begins_anew() -> None:
    world = talking().resume(resuming=("claude",)).run()
    assert [each.session for each in runs(world)] == [""]
    assert "`git diff base` shows it" in runs(world)[0].earlier


def test_a_conversation_that_its_agent_does_not_know_any_more_costs_nothing() -> None:
    script = ends(OutcomeKind.CRASHED, OutcomeKind.FAILED)
    world = talking(script, Limits(max_attempts=2)).run()
    assert [each.session for each in runs(world)] == ["", "s-1", ""]
    assert [each.type for each in losses(world)] == ["agent_crashed", "session_refused"]
    assert world.memory("A").failures == 1


def test_a_conversation_that_has_led_nowhere_twice_is_left() -> None:
    script = replace(
        ends(OutcomeKind.CRASHED, OutcomeKind.CRASHED), reds=frozenset({("A", 3, "story")})
    )
    world = talking(script, Limits(max_attempts=4)).run()
    assert [each.session for each in runs(world)] == ["", "s-1", "", ""]


def test_what_begins_on_another_base_begins_another_conversation() -> None:
    world = talking(Script(conflicts=frozenset({("A", 1)}))).run()
    assert [each.session for each in runs(world)] == ["", ""]
    assert "You begin anew" in runs(world)[1].earlier


def test_another_agent_does_not_go_on_with_it_and_it_is_left_then() -> None:
    script = ends(OutcomeKind.CRASHED, OutcomeKind.CRASHED)
    world = talking(script)
    story = replace(world.story("A"), choices=(CLAUDE, CODEX))
    world = replace(world, prd=replace(world.prd.with_story(story), resuming=("", "claude")))
    assert [each.session for each in runs(world.run())] == ["", "", ""]


def test_a_view_has_the_end_of_what_was_printed() -> None:
    world = prd_world(a_story("A"), script=Script(reds=frozenset({("A", 1, "story")})))
    world = world.until_that(lambda world: bool(losses(world)))
    story = world.story("A")
    assert story.memory.lost is not None
    assert view_of(story).failure == story.memory.lost
    long = replace(story.memory.lost, context="x" * 10_000 + "the end")
    failure = view_of(replace(story, memory=replace(story.memory, lost=long))).failure
    assert failure is not None
    assert failure.context.endswith("the end")
    assert len(failure.context) < 1_000

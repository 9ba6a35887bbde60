"""Whatever agents come to, run after run: a story ends, and pays for its own failures alone."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.policies.supervising.spec import Cause
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.core.prd.records import AgentOver, AttemptLost, SessionKnown
from prd_supervise.supervisor.core.prd.state import Stage
from prd_supervise.supervisor.core.prd.words import StartAgent
from prd_supervise.workers.messages.agents import Choice
from prd_supervise.workers.messages.prd import Limits
from prd_supervise.workers.messages.story import AgentNews
from tests.support.prd_nature import Script
from tests.support.prd_world import World, a_story, prd_world

RUNS_MAX = 12
LIMITS = Limits(max_attempts=2, max_memory_kills=2, max_hangs=2)
FREE = frozenset({OutcomeKind.RATE_LIMITED, OutcomeKind.INTERRUPTED, OutcomeKind.CONTEXT})
CHOICES = (Choice(agent="claude", model="l"), Choice(agent="claude"), Choice(agent="codex"))

kinds = st.lists(st.sampled_from(list(OutcomeKind)), max_size=RUNS_MAX)
chains = st.lists(st.sampled_from(CHOICES), unique=True, max_size=3).map(tuple)
resuming = st.sampled_from([(), ("", "claude"), ("", "claude", "codex")])
crashes = st.sets(st.integers(min_value=1, max_value=RUNS_MAX), max_size=2)


@settings(deadline=None)
@given(kinds, chains, resuming, crashes)
def test_every_story_ends_and_pays_for_its_own_failures_alone(
    ends: list[OutcomeKind],
    chain: tuple[Choice, ...],
    talkers: tuple[str, ...],
    stops: set[int],
) -> None:
    script = Script(agents={("A", number): kind for number, kind in enumerate(ends, start=1)})
    world = prd_world(replace(a_story("A"), choices=chain), limits=LIMITS, script=script)
    world = replace(world, prd=replace(world.prd, resuming=talkers))
    for number in range(1, RUNS_MAX + 2):
        world = world.until_that(lambda world: _is_over(world) or world.is_in("A", Stage.AGENT))
        if _is_over(world):
            break
        news = AgentNews(attempt=world.memory("A").attempt, session=f"s-{number}")
        world = world.settle_agent("A").hear_news("A", news)
        if number in stops:
            world = world.resume(resuming=talkers)
        else:
            world = world.until_that(lambda world: not world.is_in("A", Stage.AGENT))
    world = world.run()
    _judge(world)


def _is_over(world: World) -> bool:
    return world.around.exit_code is not None


def _judge(world: World) -> None:
    memory = world.memory("A")
    assert memory.state in {StoryState.DONE, StoryState.FAILED}
    over: dict[int, OutcomeKind] = {}
    sessions: dict[str, str] = {}
    for record in world.around.records:
        if isinstance(record, AgentOver):
            over[record.attempt] = record.outcome.kind
        elif isinstance(record, AttemptLost):
            assert record.type
            assert record.hints
            assert not (record.counts and over.get(record.attempt) in FREE)
        elif isinstance(record, SessionKnown):
            sessions[record.session] = record.agent
    most = {Cause.ORDINARY: LIMITS.max_attempts, Cause.MEMORY: 2, Cause.HANG: 2}
    assert all(memory.losses.of(cause) <= cap for cause, cap in most.items())
    for run in world.commands:
        if isinstance(run, StartAgent) and run.session:
            assert sessions[run.session] == run.choice.agent, "another agent's conversation"

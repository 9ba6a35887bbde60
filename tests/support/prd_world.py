"""A PRD's core in virtual time: what it wants is done, and what that leads to is its next event.

A world is a value. Its moves are told one after the other, as in
`world.until("A", Stage.AGENT).kill_worker("A").run()`; what must always hold is checked after each
(prd_invariants).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from msgspec import Struct

from prd_supervise.policies.approval import Approval, Point, Word
from prd_supervise.policies.outcomes.outcome import Outcome
from prd_supervise.policies.supervising.shutdown import deadline_from
from prd_supervise.policies.supervising.spec import (
    Backoff,
    Cause,
    ExitClass,
    ExitReason,
    Intensity,
    Strategy,
)
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.common import StorageChanged
from prd_supervise.supervisor.core.otp.events import ChildExited
from prd_supervise.supervisor.core.otp.state import Supervisor
from prd_supervise.supervisor.core.prd import step as core
from prd_supervise.supervisor.core.prd.landing.landing_state import LANDER
from prd_supervise.supervisor.core.prd.memory import Memory
from prd_supervise.supervisor.core.prd.state import GIT, Positions, Prd, Stage, Story, worker_of
from prd_supervise.supervisor.core.prd.turn import in_stage
from prd_supervise.supervisor.core.prd.words import (
    Begun,
    GitSaid,
    PlanRead,
    PrdCommand,
    PrdEvent,
    PrdStopRequested,
    RootSaid,
    WorkerRefused,
    WorkerSaid,
)
from prd_supervise.workers.messages.agents import ReviewRules
from prd_supervise.workers.messages.approval import Answer
from prd_supervise.workers.messages.budget import BudgetReleased, RunSpent
from prd_supervise.workers.messages.gate import AgentsClosed
from prd_supervise.workers.messages.git import GitRequest
from prd_supervise.workers.messages.pace import PlacesChanged
from prd_supervise.workers.messages.prd import (
    EndAttempt,
    Hold,
    Limits,
    LimitStoryCpu,
    PrdEnded,
    Release,
    Retry,
    Standing,
    StoryElsewhere,
)
from prd_supervise.workers.messages.rules import MergeRules
from prd_supervise.workers.messages.story import AgentEnded, AgentNews, AgentStarted
from tests.support.prd_around import Around, Process, do, gone, has_said
from tests.support.prd_invariants import check
from tests.support.prd_nature import Script, serve

STEPS_MAX = 5_000
DIED = ExitReason(exit_class=ExitClass.ABNORMAL, detail="signal SIGKILL")


class World(Struct, frozen=True, kw_only=True, dict=True):
    """The core and everything around it."""

    prd: Prd
    around: Around
    now_s: float = 0.0
    commands: tuple[PrdCommand, ...] = ()

    def __eq__(self, other: object) -> bool:
        """What was said and recorded on the way is no part of where one is."""
        return isinstance(other, World) and self._here() == other._here()

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self._here())  # of all that is in it: an exploration asks again and again

    def _here(self) -> tuple[object, ...]:
        return (self.prd, self.around, self.now_s)

    # --- looking --------------------------------------------------------------------------------

    def story(self, story_id: str) -> Story:
        """The story of this id."""
        return next(each for each in self.prd.stories if each.story_id == story_id)

    def memory(self, story_id: str) -> Memory:
        """What is durably known of a story."""
        return self.story(story_id).memory

    def is_in(self, story_id: str, *stages: Stage) -> bool:
        """Say whether the story's attempt is in one of these stages."""
        return in_stage(self.story(story_id), *stages)

    def process(self, child_id: str) -> Process | None:
        """The living child of this name."""
        return self.around.process(child_id)

    def count(self, kind: type) -> int:
        """How many commands or records of this kind there were."""
        return sum(isinstance(each, kind) for each in (*self.commands, *self.around.records))

    @property
    def outcome(self) -> PrdEnded | None:
        """What root was told at the end."""
        return next((word for word in self.around.words if isinstance(word, PrdEnded)), None)

    # --- what may happen ------------------------------------------------------------------------

    def with_(self, **changes: object) -> World:
        """Change what is around."""
        return replace(self, around=replace(self.around, **changes))  # type: ignore[arg-type]  # its fields

    def hear(self, event: PrdEvent) -> World:
        """Let the core answer one event, and do what it wants."""
        prd, commands = core.step(self.prd, event, self.now_s)
        around = self.around
        for command in commands:
            assert around.exit_code is None, f"{command} after the end"
            around = do(around, command)
        check(self.prd, prd, around, commands)
        return replace(self, prd=prd, around=around, commands=(*self.commands, *commands))

    def deliver(self, index: int = 0) -> World:
        """Let the one whose turn it is say what it has to say."""
        pending = self.around.pending
        sender, item = pending[index]
        around = replace(self.around, pending=(*pending[:index], *pending[index + 1 :]))
        if isinstance(item, GitRequest):
            repository, answer = serve(around.repository, item, around.script)
            tampering = around.script.tampering if type(answer).__name__ == "Committed" else ()
            event: PrdEvent = GitSaid(answer=answer, tampering=tampering)
            around = replace(around, repository=repository)
        else:
            event = item
            around = gone(around, sender) if isinstance(item, ChildExited) else around
            around = has_said(around, sender, item)
        return replace(self, around=around).hear(event)

    def wait(self) -> World:
        """Let time pass until the next timer."""
        timers = list(self.around.timers)
        at_s, event = min(timers, key=lambda timer: timer[0])
        timers.remove((at_s, event))
        world = replace(self, now_s=max(self.now_s, at_s)).with_(timers=tuple(timers))
        if isinstance(event, ChildExited):
            process = world.process(event.child_id)
            if process is None or process.incarnation != event.incarnation:
                return world  # it is gone already
            world = replace(world, around=gone(world.around, event.child_id))
        return world.hear(event)

    def go_on(self) -> World:
        """One step of a world in which nothing more goes wrong."""
        return self.deliver() if self.around.pending else self.wait()

    def until(self, story_id: str, *stages: Stage) -> World:
        """Go on until the story is in one of these stages."""
        return self.until_that(lambda world: world.is_in(story_id, *stages))

    def until_that(self, holds: Callable[[World], bool]) -> World:
        """Go on until this holds."""
        world = self
        for _ in range(STEPS_MAX):
            if holds(world):
                return world
            assert world.around.exit_code is None, f"it ended before: {world.outcome}"
            world = world.go_on()
        raise AssertionError(f"that never came: {world.prd}")

    def run(self) -> World:
        """Go on to the end."""
        return self.until_that(lambda world: world.around.exit_code is not None)

    def settle(self) -> World:
        """Go on until nobody has anything to say; no time passes."""
        world = self
        while world.around.pending:
            world = world.deliver()
        return world

    def kill(
        self, child_id: str, *, after_serving: bool = False, cause: Cause = Cause.ORDINARY
    ) -> World:
        """Kill a child; an integrator may have done its next request, though nobody hears of it."""
        process = self.process(child_id)
        assert process is not None, f"{child_id} does not live"
        world = self
        request = next((item for who, item in self.around.pending if who == child_id), None)
        if after_serving and isinstance(request, GitRequest):
            repository, _ = serve(self.around.repository, request, self.around.script)
            world = world.with_(repository=repository)
        exited = ChildExited(
            child_id=child_id, incarnation=process.incarnation, reason=replace(DIED, cause=cause)
        )
        return replace(world, around=gone(world.around, child_id)).hear(exited)

    def kill_worker(self, story_id: str, cause: Cause = Cause.ORDINARY) -> World:
        """Kill a story's worker, and its agent with it."""
        return self.kill(worker_of(story_id), cause=cause)

    def refuse_worker(self, story_id: str) -> World:
        """Let the spawn of a story's worker be refused: something of an earlier one lives."""
        child_id = LANDER if story_id == LANDER else worker_of(story_id)
        process = self.process(child_id)
        assert process is not None, f"{child_id} was not started"
        refused = WorkerRefused(
            story_id=story_id, incarnation=process.incarnation, text="an earlier attempt lives"
        )
        return replace(self, around=gone(self.around, child_id)).hear(refused)

    def settle_agent(self, story_id: str) -> World:
        """Let the story's agent have said that it began, and nothing more."""
        began = [
            at
            for at, (who, item) in enumerate(self.around.pending)
            if who == worker_of(story_id)
            and isinstance(item, WorkerSaid)
            and isinstance(item.answer, AgentStarted)
        ]
        return self.deliver(began[0]) if began else self

    def hear_news(self, story_id: str, news: AgentNews) -> World:
        """Let the story's worker say what its agent at work has said."""
        run = self.story(story_id).run
        assert run is not None
        return self.hear(WorkerSaid(story_id=story_id, incarnation=run.incarnation, answer=news))

    def end_agent(self, story_id: str, outcome: Outcome, answer: str = "") -> World:
        """Let the story's agent end so, with these last words, whatever the script says."""
        world = self.settle_agent(story_id)
        pending = tuple(
            (who, replace(item, answer=replace(item.answer, outcome=outcome, answer=answer)))
            if isinstance(item, WorkerSaid)
            and item.story_id == story_id
            and isinstance(item.answer, AgentEnded)
            else (who, item)
            for who, item in world.around.pending
        )
        return world.with_(pending=pending)

    def elsewhere(self, need: str, standing: Standing, why: str = "") -> World:
        """Let root say how a story of another PRD stands."""
        return self.order(StoryElsewhere(need=need, standing=standing, why=why))

    def order(
        self,
        order: Hold
        | Release
        | Retry
        | EndAttempt
        | LimitStoryCpu
        | StoryElsewhere
        | PlacesChanged
        | AgentsClosed
        | BudgetReleased
        | RunSpent
        | Answer,
    ) -> World:
        """Let root order something."""
        return self.hear(RootSaid(order=order))

    def replan(self, *stories: Story) -> World:
        """Let the PRD's document have these stories from now on."""
        return self.hear(PlanRead(stories=stories, asks_at_end=self.prd.asks_at_end))

    def asked(self, story_id: str = "") -> Approval | None:
        """What a person is asked of a story, or of the whole PRD, and has not answered."""
        known = self.memory(story_id).approval if story_id else self.prd.approval
        return known if known is not None and known.word is None else None

    def say(self, word: Word, story_id: str = "", *, reason: str = "") -> World:
        """Let a person answer that."""
        asked = self.asked(story_id)
        assert asked is not None, f"nobody is asked about {story_id or 'the PRD'}"
        said = replace(asked, word=word, by="ana", reason=reason)
        return self.order(Answer(story_id=story_id, approval=said))

    def kill_git(self) -> World:
        """Kill the integrator; it loses what it was asked."""
        return self.kill(GIT)

    def refuse(self, *requests: str, is_short: bool = False) -> World:
        """Let git refuse the next requests of these names; `is_short`: for what passes."""
        here, refuses = self.around.repository, (*self.around.repository.refuses, *requests)
        return self.with_(repository=replace(here, refuses=refuses, is_short=is_short))

    def move_branch(self) -> World:
        """Let somebody else commit to the PRD's branch."""
        here = self.around.repository
        moved = f"{here.tip}'"
        return self.with_(repository=replace(here, tip=moved, past=(*here.past, moved)))

    def stop(self, grace_s: float = 60.0) -> World:
        """Ask the whole PRD to stop."""
        return self.hear(PrdStopRequested(deadline=deadline_from(self.now_s, grace_s)))

    def storage(self, *, is_full: bool) -> World:
        """Let the disk be full, or not any longer."""
        return self.hear(StorageChanged(is_full=is_full))

    def resume(self, *, held: tuple[str, ...] = (), **changes: object) -> World:
        """Start a new supervisor on what is remembered and on what the branch shows."""
        old = self.prd
        stories, left = tuple(map(_forgotten, old.stories)), tuple(map(_forgotten, old.left))
        told = _prd(stories, old.limits)
        fresh = replace(
            told, left=left, is_held=old.is_held, branch=old.branch, merging=old.merging
        )
        around = Around(
            script=self.around.script,
            repository=replace(self.around.repository, refuses=()),
            records=self.around.records,
        )
        fresh = replace(fresh, merging=old.merging, is_rolled_back=old.is_rolled_back)
        fresh = replace(fresh, funds=old.funds, review=old.review)
        fresh = replace(fresh, asks_at_end=old.asks_at_end, approval=old.approval)
        again = replace(fresh, **changes)  # type: ignore[arg-type]  # a test names real fields
        return World(prd=again, around=around, now_s=self.now_s).hear(Begun(held=held))


def _forgotten(story: Story) -> Story:
    """What a new supervisor knows of a story."""
    return replace(story, run=None, not_before_s=0.0, rests_on="", voided="", hindrance="")


def prd_world(
    *stories: Story,
    limits: Limits | None = None,
    script: Script | None = None,
    grants: bool = True,
    merging: MergeRules | None = None,
    review: ReviewRules | None = None,
    asks_at_end: bool = False,
) -> World:
    """A PRD that has just begun."""
    bounds = limits or Limits()
    prd = replace(
        _prd(stories, bounds),
        positions=Positions(stories),
        merging=merging or MergeRules(),
        review=review or ReviewRules(),
        asks_at_end=asks_at_end,
    )
    around = Around(script=script or Script(), grants=grants)
    return World(prd=prd, around=around).hear(Begun())


def a_story(  # noqa: PLR0913  what a plan says of a story
    story_id: str,
    *depends_on: str,
    rank: float = 1.0,
    verify: tuple[str, ...] = ("make test",),
    after: tuple[str, ...] = (),
    mutex: tuple[str, ...] = (),
    needs: tuple[str, ...] = (),
    approve: tuple[Point, ...] = (),
) -> Story:
    """A story of the plan."""
    return Story(
        story_id=story_id,
        title=story_id,
        rank=rank,
        depends_on=depends_on,
        verify=verify,
        after=after,
        mutex=mutex,
        needs=needs,
        approve=approve,
    )


def _prd(stories: tuple[Story, ...], limits: Limits) -> Prd:
    return Prd(
        prd_id="PRD",
        wanted_branch="feature/PRD",
        base="base",
        prd_file="",
        adopt_branch=False,
        limits=limits,
        stories=stories,
        supervisor=_supervisor(limits),
        workers=_workers(limits),
    )


def _workers(limits: Limits) -> Supervisor:
    return replace(_supervisor(limits), strategy=Strategy(limits.strategy))


def _supervisor(limits: Limits) -> Supervisor:
    return Supervisor(
        intensity=Intensity(max_restarts=limits.intensity, period_s=limits.period_s),
        backoff=Backoff(base_s=limits.backoff_base_s, cap_s=limits.backoff_cap_s),
    )

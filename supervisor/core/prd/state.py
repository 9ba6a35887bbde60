"""The state of a PRD supervisor: its stories, what is known of each, and what each is doing now."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from ....policies.approval import Approval, Point
from ....policies.costs.budget import NO_BUDGET, Budget
from ....policies.outcomes.outcome import OutcomeKind, VerifyRun
from ....policies.supervising.shutdown import Deadline
from ....policies.values import replace
from ....workers.messages.agents import Choice, ReviewRules
from ....workers.messages.gate import Closed
from ....workers.messages.git import GitRequest, TakePrdFile
from ....workers.messages.pace import Faring
from ....workers.messages.prd import Limits, StoryElsewhere, Waiting
from ....workers.messages.rules import MergeRules
from ....workers.messages.setup import Setup
from ..otp.state import Supervisor
from .attempt.loss import Loss
from .attempt.shortage import Shortage
from .costs.spending import Funds, Heard
from .landing.landing_state import Landing
from .memory import Memory, StoryState
from .parts import Growth, Mender, Reviewing, Shown
from .records import NO_TERMS, Terms
from .train.train import Train, is_run_apart

GIT = "git"
REVIEW_LEASE = "review/"  # no story has a name like that


def worker_of(story_id: str) -> str:
    """The child id of a story's worker."""
    return f"story/{story_id}"


def story_of(child_id: str) -> str:
    """The story that a worker's child id names."""
    return child_id.removeprefix("story/")


def lease_of(story_id: str, attempt: int) -> str:
    """The name of an attempt's lease: a grant that comes too late is not the next attempt's."""
    return f"{story_id}#{attempt}"


def review_lease_of(story_id: str, attempt: int) -> str:
    """The name of a reviewer's lease. It is no story's: its worker keeps others apart already."""
    return f"{REVIEW_LEASE}{story_id}#{attempt}"


class Stage(Enum):
    """What an attempt is waiting for."""

    LEASE = "lease"  # the right to run an agent; nothing of it lives yet
    GATHER = "gather"  # its worker, its worktree, and the lease if it comes last
    RESTART = "restart"  # its worker died and comes back
    SETUP = "setup"  # the worktree is made ready for the agent, once a slot
    AGENT = "agent"
    COMMIT = "commit"  # the integrator keeps what the agent left
    VERIFY = "verify"  # the verify commands, in the story's worktree
    REVIEW = "review"  # a fresh agent's look at the work
    GATE = "gate"  # the next train
    TRIAL = "trial"  # the integrator assembles its train
    BASE = "base"  # the verify commands over its base, or another car's
    MERGED = "merged"  # the verify commands over its train
    PUBLISH = "publish"  # the PRD's branch moves
    FINISH = "finish"  # all is decided, its worker ends


NOT_BEGUN = (Stage.LEASE, Stage.RESTART)  # nothing of the attempt lives
ABOARD = (Stage.TRIAL, Stage.BASE, Stage.MERGED, Stage.PUBLISH)


class Run(Struct, frozen=True, kw_only=True):
    """An attempt that is under way."""

    stage: Stage
    attempt: int
    has_lease: bool = False
    choice: Choice = Choice()  # the agent that its lease is for, and the model
    heard: Heard = Heard()  # of what its agent uses
    is_prepared: bool = False
    setup: Setup | None = None  # what its worktree needs first
    incarnation: int = 0  # of its worker
    worker_is_ready: bool = False
    is_resumed: bool = False  # its agent goes on with an earlier conversation
    is_answered: bool = False  # its agent's model has answered
    has_work: bool = False  # the worktree that it begins with has some of an earlier attempt
    loss: Loss | None = None  # why the agent's end is no claim, and what follows
    needs_nothing: str = ""  # why no change is needed, as its agent claims
    kept_out: tuple[str, ...] = ()  # what of its work is in no commit, and why
    demand: str = ""  # why root wants the attempt ended: the sample that decided
    demanded: OutcomeKind | None = None  # ... for what
    is_for_others: bool = False  # ... which is no fault of this story
    asked: tuple[GitRequest, ...] = ()  # asked again if the integrator dies
    is_checking_base: bool = False  # its worker runs the verify commands over its base meanwhile
    reviewing: Reviewing = Reviewing()
    story_run: VerifyRun | None = None
    base_run: VerifyRun | None = None
    merged_run: VerifyRun | None = None
    beside: tuple[str, ...] = ()  # the others in its train
    rides_alone: bool = False  # something about its merge is to be blamed on nobody else


class Story(Struct, frozen=True, kw_only=True):
    """A story: what the plan says, what is durably known, what it is doing now."""

    story_id: str
    title: str
    rank: float
    depends_on: tuple[str, ...]
    verify: tuple[str, ...]
    after: tuple[str, ...] = ()
    mutex: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()  # of other PRDs, as PRD/STORY
    checks: tuple[str, ...] = ()  # of `verify`, those that its criteria name
    approve: tuple[Point, ...] = ()  # where a person has the word
    no_code: bool = False
    choices: tuple[Choice, ...] = ()  # the agents that may work on it, the best first
    budget: Budget = NO_BUDGET  # its own; else that of the limits holds
    done_in_document: bool = False
    recorded: str = ""  # what else than the document says that it is done
    skipped_in_document: bool = False
    terms: Terms = NO_TERMS
    memory: Memory = Memory()
    run: Run | None = None
    not_before_s: float = 0.0
    refusals: int = 0  # of its worker in a row, because something of an earlier attempt lives
    hindrances: int = 0  # of git's that pass by themselves, since it was last paid for one
    hindrance: str = ""  # the last one, while the story waits for its end
    awaits: tuple[str, ...] = ()  # of its needs, those that are not done
    over_budget: str = ""  # the figures, where its budget, its PRD's or the run's is used up
    lacks: str = ""  # why nobody will do what it needs: no decision, for that is up to others
    shut: str = ""  # what it waits for where root lets nobody start any of its agents
    rests_on: str = ""  # a merge that no branch shows yet, from which its attempt began
    voided: str = ""  # why that merge came to nothing, and the attempt with it
    planned: Story | None = None  # what the plan says now; it holds once the attempt is over
    is_leaving: bool = False  # the plan no longer has it; it goes once its attempt is over

    @property
    def is_decided(self) -> bool:
        """Say whether nothing more is to be done for it."""
        is_open = self.memory.state is StoryState.PENDING and not self.lacks
        return not is_open and self.run is None


class PrdPhase(Enum):
    """Where in its life a PRD supervisor is."""

    OPENING = "opening"  # the integrator finds or makes the branch
    RUNNING = "running"
    STOPPING = "stopping"  # somebody asked for it, or the burn-out
    LANDING = "landing"  # all is done: its branch goes into another one
    CLOSING = "closing"  # all is decided: the integrator tidies up
    ENDING = "ending"  # the children end
    ENDED = "ended"


class Positions:
    """Where each story stands. The stories say that too: it is no part of what a state is."""

    def __init__(self, stories: tuple[Story, ...] = ()) -> None:
        self.by_id = {story.story_id: at for at, story in enumerate(stories)}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Positions)

    def __hash__(self) -> int:
        return 0


class Prd(Struct, frozen=True, kw_only=True):
    """A PRD supervisor's whole state."""

    prd_id: str
    wanted_branch: str
    base: str
    prd_file: str
    adopt_branch: bool
    limits: Limits
    stories: tuple[Story, ...]
    supervisor: Supervisor  # of the integrator
    workers: Supervisor  # of the story workers
    positions: Positions = Positions()
    elsewhere: tuple[StoryElsewhere, ...] = ()  # what root says of the needs
    waiting: Waiting = Waiting()
    closed: tuple[Closed, ...] = ()  # the agents that root lets nobody start
    funds: Funds = Funds()
    review: ReviewRules = ReviewRules()
    resuming: tuple[str, ...] = ()  # the agents that can go on with a conversation
    left: tuple[Story, ...] = ()  # what the plan no longer has, should it come back
    is_replanning: bool = False  # a story waits for its attempt's end to change or leave
    fell: str = ""  # the story whose worker died last, and took its group down if there is one
    is_held: bool = False  # the operator wants nothing new to begin
    after_crash: bool = False
    went_down: bool = False  # with the whole tree, at work
    is_service: bool = False  # nobody is asked before everything starts again
    retry: bool = False
    retry_stories: tuple[str, ...] = ()
    phase: PrdPhase = PrdPhase.OPENING
    branch: str = ""
    opening: GitRequest | None = None  # the branch's own request that is not answered yet
    taking: TakePrdFile | None = None  # the last one, if it is not answered yet
    openings: int = 0  # in a row that failed for what passes
    open_at_s: float = 0.0  # then the branch is asked for again
    faring: Faring = Faring()
    growth: Growth = Growth()
    known: tuple[Shown, ...] = ()
    gate: str = ""  # the story whose worker uses the PRD's own worktree
    base_queue: tuple[str, ...] = ()  # stories whose base wants checking; the train goes first
    train: Train | None = None  # the one that is under way
    trains: int = 0  # the number of the last one
    shown: tuple[str, str] = ("", "")  # the last merge that was shown, and the head with its marks
    apart: frozenset[tuple[str, ...]] = frozenset()  # commands that depend on the story, as learned
    alike: frozenset[tuple[str, ...]] = frozenset()  # ... and what was green for several at once
    mender: Mender | None = None
    deadline: Deadline | None = None
    storage_is_full: bool = False
    shortage: Shortage | None = None  # no further worktree can be made
    failure: str = ""  # why the PRD as such cannot go on
    title: str = ""
    base_branch: str = ""  # what the base was called when the PRD was begun
    merging: MergeRules = MergeRules()
    landing: Landing | None = None  # under way
    landings: int = 0  # begun so far
    landed: str = ""  # what has become of the last one, for people
    asks_at_end: bool = False  # a person has to say whether it is complete
    approval: Approval | None = None  # what one was asked of the whole PRD, and the answer
    is_rolled_back: bool = False  # we took out of the branch what was merged
    rollback: str = ""  # what became of that, for people

    @property
    def is_burnt_out(self) -> bool:
        """Say whether either supervisor had too many restarts (D1)."""
        return self.supervisor.burnt_out or self.workers.burnt_out

    @property
    def is_winding_up(self) -> bool:
        """Say whether all was decided, so that who finds something open has to turn back."""
        return self.phase in {PrdPhase.LANDING, PrdPhase.CLOSING}

    def story(self, story_id: str) -> Story | None:
        """The story of this id."""
        at = self._place_of(story_id)
        return None if at is None else self.stories[at]

    def with_story(self, story: Story) -> Prd:
        """Replace a story by its next state."""
        at = self._place_of(story.story_id)
        if at is None:
            return self
        return replace(self, stories=(*self.stories[:at], story, *self.stories[at + 1 :]))

    def with_stories(self, stories: tuple[Story, ...]) -> Prd:
        """Have these stories instead."""
        return replace(self, stories=stories, positions=Positions(stories))

    def _place_of(self, story_id: str) -> int | None:
        """Where the story stands; `positions` knows it at once unless the plan has changed."""
        at = self.positions.by_id.get(story_id, len(self.stories))
        if at < len(self.stories) and self.stories[at].story_id == story_id:
            return at
        ids = (story.story_id for story in self.stories)
        return next((place for place, each in enumerate(ids) if each == story_id), None)

    def baseline(self, commit: str, commands: tuple[str, ...], story_id: str) -> VerifyRun | None:
        """What the verify commands said about this commit, if they were run over it."""
        return self.shown_of(commit, commands, self.key_of(commands, story_id))

    def shown_of(self, of: str, commands: tuple[str, ...], story_id: str) -> VerifyRun | None:
        """What the verify commands have shown of a commit or a tree."""
        asked = (of, commands, story_id)
        runs = (each.run for each in self.known if (each.of, each.commands, each.story_id) == asked)
        return next(runs, None)

    def shown_as(self, merge: str) -> str:
        """The branch's head that has this merge and nobody's work on top of it; empty: unknown."""
        return self.shown[1] if merge == self.shown[0] else ""

    def key_of(self, commands: tuple[str, ...], story_id: str) -> str:
        """The story that a run of commands speaks of; empty where it speaks of all."""
        return story_id if is_run_apart(commands, self.apart) else ""

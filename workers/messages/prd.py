"""What root and a PRD supervisor say to each other."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from ...policies.approval import Approval, Point
from ...policies.ceilings.verdicts import Ceilings
from ...policies.costs.budget import NO_BUDGET, NOTHING_SPENT, Budget, Spent
from ...policies.outcomes.failure import Failure
from ...policies.outcomes.outcome import OutcomeKind
from ...policies.supervising.liveness import Patience
from ...policies.supervising.spec import Tally
from .agents import AgentRules
from .approval import AnswerTaken
from .budget import BudgetReleased
from .gate import AgentAnswered, AgentRefused, AgentStrained
from .pace import Faring
from .rules import MergeRules, SecretRules, WorktreeRules


class Limits(Struct, frozen=True, kw_only=True):
    """The bounds that hold inside one PRD."""

    max_workers: int = 3  # stories at once; 0 = no bound
    auto_workers: bool = False  # ... and root says as it goes how many
    max_attempts: int = 3  # ordinary failures of a story
    max_memory_kills: int = 3  # of a story, counted apart
    max_hangs: int = 3  # likewise
    strategy: str = "one_for_one"  # who else is restarted when a story's worker dies
    restart: str = "transient"  # when a story's worker that died is started again
    intensity: int = 5
    period_s: float = 300.0
    backoff_base_s: float = 1.0
    backoff_cap_s: float = 60.0
    verify_timeout_s: float = 900.0
    worktrees_kept: int = 5  # of failed stories, for people to look at
    fail_fast: bool = False  # a story that fails ends the PRD: nothing more of it begins
    budget: Budget = NO_BUDGET  # of the whole PRD
    story_budget: Budget = NO_BUDGET  # of each story that has none of its own


class Begin(Struct, frozen=True, kw_only=True):
    """Run this PRD. The plan (its stories) stands in the file `plan`, which root wrote."""

    prd_id: str
    plan: str
    repository: str  # the checkout that the user called us on
    common_dir: str
    state_dir: str
    crash_log: str
    worktrees: str  # the folder in which worktrees are made
    base: str
    adopt_branch: bool
    marker: str
    limits: Limits
    agents: AgentRules
    verify: tuple[str, ...]  # the configuration's; a PRD's or a story's own go first
    verify_env: tuple[str, ...]
    retry: bool  # give failed and quarantined stories a new start
    after_crash: bool  # this PRD's supervisor died: what ran then has cost an attempt
    went_down: bool = False  # the whole tree died while this PRD was at work
    patience: Patience = Patience()  # with children that do not beat
    cgroup: str = ""  # in which stories get one of their own; empty: none is delegated
    ceilings: Ceilings = Ceilings()  # for the stories' cgroups
    retry_stories: tuple[str, ...] = ()  # likewise, these and what was skipped for them
    renewed: tuple[BudgetReleased, ...] = ()  # the budgets that count anew, and from where
    run_spent: str = ""  # why nothing starts: the budget of the whole run is used up
    held: tuple[str, ...] = ()  # the stories that the operator holds; "" is the whole PRD
    worktree: WorktreeRules = WorktreeRules()
    secrets: SecretRules = SecretRules()
    merging: MergeRules = MergeRules()
    base_branch: str = ""  # what `base` is called
    is_service: bool = False  # nobody is asked before everything starts again
    approve: tuple[Point, ...] = ()  # where a person has the word; a PRD or a story can only add
    state: int = 0  # the number of the state that root writes


class ProgramReplaced(Struct, frozen=True, kw_only=True):
    """A child is wanted and not started: the program was upgraded under the running tree."""


class LeaseWanted(Struct, frozen=True, kw_only=True):
    """A story asks for the right to run an agent: the first of these that is not closed.

    None named: the one that the configuration uses. `needs_agent` is false for one whose agent is
    over: it is only to be kept apart from stories of other PRDs.
    """

    lease: str
    agents: tuple[str, ...] = ()
    needs_agent: bool = True


class LeaseGranted(Struct, frozen=True, kw_only=True):
    """The right to run this agent is given, until it is returned or its holder dies."""

    lease: str
    agent: str = ""


class LeaseReturned(Struct, frozen=True, kw_only=True):
    """The right is given back, or no longer wanted."""

    lease: str


class Standing(Enum):
    """A story as those of other PRDs see it that need it."""

    OPEN = "open"
    DONE = "done"
    LOST = "lost"  # it will not be done unless somebody intervenes


class StoryView(Struct, frozen=True, kw_only=True):
    """What people see of a story, and root for the PRDs that need it."""

    story_id: str
    title: str
    state: str
    attempt: int
    reason: str = ""
    evidence: str = ""
    worktree: str = ""
    losses: Tally = Tally()
    standing: Standing = Standing.OPEN
    conflicts: tuple[str, ...] = ()  # that it runs into, a line each
    agent: str = ""  # of the last attempt, with its model
    model: str = ""
    spent: Spent = NOTHING_SPENT
    budget_used: str = ""  # the figures, where its own budget is used up
    failure: Failure | None = None  # of the last attempt that was lost
    awaits: str = ""  # the point at which it waits for a person: story or merge
    approval: Approval | None = None  # what a person was asked last, and the answer


class Waiting(Struct, frozen=True, kw_only=True):
    """Nothing of a PRD can go on before one of `needs`, as PRD/STORY, is done.

    Or one of `agents` may be started, or a person has spoken (`approvals`: stories, "" is the whole
    PRD). `has_held`: something else could let a part of it go on.
    """

    needs: tuple[str, ...] = ()
    has_held: bool = False
    agents: tuple[str, ...] = ()  # that stories wait for alone; empty: the default one
    approvals: tuple[str, ...] = ()


class PrdReport(Struct, frozen=True, kw_only=True):
    """What people and root see of a PRD; sent whenever it changes, with the stories that did."""

    branch: str
    base: str
    stories: tuple[StoryView, ...]
    is_whole: bool = False  # of all stories these are the first, not only those that changed
    note: str = ""  # why nothing new starts, in one line
    needs: tuple[str, ...] = ()  # if it is whole: the stories of other PRDs that it needs
    waiting: Waiting = Waiting()
    landed: str = ""  # what became of its branch at the end, for people
    spent: Spent = NOTHING_SPENT  # by all its stories
    budget_used: str = ""  # the figures, where the PRD's budget is used up
    approval: Approval | None = None  # what a person was asked of the whole PRD, and the answer
    awaits: str = ""  # prd, while that is not answered


class Happened(Struct, frozen=True, kw_only=True):
    """Something that the public event log tells; `text` is one line for people."""

    event: str
    story_id: str
    attempt: int
    text: str
    failure: Failure | None = None


class PrdEnded(Struct, frozen=True, kw_only=True):
    """The PRD's outcome, said before the supervisor's Done: completed, failed or stopped."""

    state: str
    reasons: tuple[str, ...]


class StoryAtWork(Struct, frozen=True, kw_only=True):
    """A worker serves this attempt: what descends from `pid` is the story's."""

    story_id: str
    attempt: int
    pid: int
    start_ticks: int
    is_last_chance: bool = False  # one more memory kill, and the story is given up


class StoryAtRest(Struct, frozen=True, kw_only=True):
    """The story's worker is gone."""

    story_id: str


class EndAttempt(Struct, frozen=True, kw_only=True):
    """Root wants this attempt ended; `kind` says for what, `detail` has the sample that decided."""

    story_id: str
    attempt: int
    kind: OutcomeKind
    detail: str
    at_once: bool = False  # without SIGTERM
    is_for_others: bool = False  # the story has done nothing wrong: the attempt does not count


class LimitStoryCpu(Struct, frozen=True, kw_only=True):
    """Root wants this attempt to have `share` of the time, at this nice value."""

    story_id: str
    attempt: int
    share: float = 1.0
    nice: int = 0


class Hold(Struct, frozen=True, kw_only=True):
    """Begin nothing more of this story, or of the whole PRD where none is named."""

    story_id: str = ""


class Release(Struct, frozen=True, kw_only=True):
    """Take a Hold back."""

    story_id: str = ""


class Retry(Struct, frozen=True, kw_only=True):
    """Give a failed, quarantined or skipped story a new start."""

    story_id: str


class StoryElsewhere(Struct, frozen=True, kw_only=True):
    """How a story of another PRD stands that this one needs, as PRD/STORY; said when it changes.

    `why` says what is to be done about one that is lost.
    """

    need: str
    standing: Standing
    why: str = ""


class PlanChanged(Struct, frozen=True, kw_only=True):
    """The file `plan` of Begin says otherwise now: read it again."""


class PlanTaken(Struct, frozen=True, kw_only=True):
    """The plan was read again, and holds."""


PrdWord = (
    LeaseWanted
    | Faring
    | LeaseReturned
    | PrdReport
    | Happened
    | StoryAtWork
    | StoryAtRest
    | PlanTaken
    | PrdEnded
    | AgentRefused
    | AgentStrained
    | AgentAnswered
    | AnswerTaken
)

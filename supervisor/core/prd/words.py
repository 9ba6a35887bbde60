"""What a PRD supervisor's core hears and what it wants, beyond what every supervisor does."""

from __future__ import annotations

from ....policies.outcome import VerifyRun
from ....policies.shutdown import Deadline
from ....policies.values import dataclass
from ....workers.messages.git import GitAnswer, GitRequest
from ....workers.messages.pace import PlacesChanged
from ....workers.messages.prd import (
    EndAttempt,
    Hold,
    LimitStoryCpu,
    PrdWord,
    Release,
    Retry,
    StoryElsewhere,
)
from ....workers.messages.story import EndAgent, Finish, LimitCpu, RunVerify, WorkerAnswer
from ..common import Noticed, StorageChanged
from ..otp.commands import Effect
from ..otp.events import Fact
from .records import Record
from .state import Story

# --- events -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """The journal is read, what survived is swept: go on.

    `held` is what the operator holds, as root knows it; "" is the whole PRD.
    """

    held: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSaid:
    """A story's worker reports."""

    story_id: str
    incarnation: int
    answer: WorkerAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class GitSaid:
    """The integrator answers; `tampering` is what the PRD readers make of an agent's PRD file."""

    answer: GitAnswer
    tampering: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseArrived:
    """Root gave the right to run an agent."""

    lease: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrdStopRequested:
    """End until the deadline, keeping everything."""

    deadline: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class Woken:
    """A moment that WakeAt named has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RootSaid:
    """Root passes on what the operator wants, what a ceiling demands, or how others stand."""

    order: Hold | Release | Retry | EndAttempt | LimitStoryCpu | StoryElsewhere | PlacesChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerRefused:
    """A story's worker was not started: something of an earlier attempt still lives."""

    story_id: str
    incarnation: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRead:
    """The PRD's document reads otherwise now: these are its stories, without any memory."""

    stories: tuple[Story, ...]


PrdEvent = (
    Begun
    | PlanRead
    | WorkerSaid
    | GitSaid
    | LeaseArrived
    | PrdStopRequested
    | Woken
    | StorageChanged
    | RootSaid
    | WorkerRefused
    | Noticed
    | Fact
)

# --- commands -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Journal a record, durably, before any effect of the same turn."""

    record: Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Tell root."""

    word: PrdWord


@dataclass(frozen=True, slots=True, kw_only=True)
class AskGit:
    """Send a request to the integrator."""

    request: GitRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignWorker:
    """Tell the worker which story and attempt it serves."""

    story_id: str
    attempt: int
    base: str
    worktree: str
    is_last_chance: bool = False  # one more memory kill, and the story is given up


@dataclass(frozen=True, slots=True, kw_only=True)
class StartAgent:
    """Tell the worker to run the agent, with a prompt made from the plan and what failed before."""

    story_id: str
    attempt: int
    reason: str
    context: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StartVerify:
    """Tell the worker to run verify commands."""

    story_id: str
    order: RunVerify


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignLander:
    """Tell the worker of a landing where it works."""

    folder: str
    base: str
    attempt: int  # by which root calls it, when it is over a ceiling


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLander:
    """Tell the worker of a landing what to run, or pass on what root wants of it."""

    order: RunVerify | EndAgent | LimitCpu | Finish


@dataclass(frozen=True, slots=True, kw_only=True)
class TellWorker:
    """Send the worker an order of root's as it is."""

    story_id: str
    order: EndAgent | LimitCpu


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptResult:
    """What stands in an attempt's result.json."""

    prd_id: str
    story_id: str
    attempt: int
    result: str  # merged, failed or interrupted
    reason: str
    base: str
    head: str
    commit: str
    evidence: str
    files: tuple[str, ...]
    tampering: tuple[str, ...]
    base_run: VerifyRun | None
    story_run: VerifyRun | None
    merged_run: VerifyRun | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishWorker:
    """Tell the worker that its attempt is decided."""

    story_id: str
    result: AttemptResult


@dataclass(frozen=True, slots=True, kw_only=True)
class WakeAt:
    """Send Woken at this moment (monotonic)."""

    at_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """End the process: 0 after a last word to root, or 70 after a burn-out."""

    exit_code: int


PrdCommand = (
    Write
    | Say
    | AskGit
    | AssignWorker
    | StartAgent
    | StartVerify
    | AssignLander
    | OrderLander
    | TellWorker
    | FinishWorker
    | WakeAt
    | End
    | Effect
)

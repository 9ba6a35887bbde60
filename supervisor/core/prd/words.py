"""What a PRD supervisor's core hears and what it wants, beyond what every supervisor does."""

from __future__ import annotations

from msgspec import Struct

from ....policies.outcomes.failure import Failure
from ....policies.outcomes.outcome import VerifyRun
from ....policies.supervising.shutdown import Deadline
from ....workers.messages.agents import Choice
from ....workers.messages.approval import Answer
from ....workers.messages.budget import BudgetReleased, RunSpent
from ....workers.messages.gate import AgentsClosed
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
from ....workers.messages.review import WorkShown
from ....workers.messages.story import EndAgent, Finish, LimitCpu, RunVerify, WorkerAnswer
from ..common import Noticed, StorageChanged
from ..otp.commands import Effect
from ..otp.events import Fact
from .agents.review_records import Review
from .records import Record
from .state import Story

# --- events -------------------------------------------------------------------------------------


class Begun(Struct, frozen=True, kw_only=True):
    """The journal is read, what survived is swept: go on.

    `held` is what the operator holds, as root knows it; "" is the whole PRD.
    """

    held: tuple[str, ...] = ()


class WorkerSaid(Struct, frozen=True, kw_only=True):
    """A story's worker reports."""

    story_id: str
    incarnation: int
    answer: WorkerAnswer


class GitSaid(Struct, frozen=True, kw_only=True):
    """The integrator answers; `tampering` is what the PRD readers make of an agent's PRD file."""

    answer: GitAnswer
    tampering: tuple[str, ...] = ()


class LeaseArrived(Struct, frozen=True, kw_only=True):
    """Root gave the right to run an agent."""

    lease: str
    agent: str = ""


class PrdStopRequested(Struct, frozen=True, kw_only=True):
    """End until the deadline, keeping everything."""

    deadline: Deadline


class Woken(Struct, frozen=True, kw_only=True):
    """A moment that WakeAt named has come."""


class RootSaid(Struct, frozen=True, kw_only=True):
    """Root passes on what the operator wants, what a ceiling demands, or how others stand."""

    order: (
        Hold
        | Release
        | Retry
        | EndAttempt
        | LimitStoryCpu
        | StoryElsewhere
        | PlacesChanged
        | AgentsClosed
        | BudgetReleased
        | RunSpent
        | Answer
    )


class WorkerRefused(Struct, frozen=True, kw_only=True):
    """A story's worker was not started: something of an earlier attempt still lives."""

    story_id: str
    incarnation: int
    text: str


class PlanRead(Struct, frozen=True, kw_only=True):
    """The PRD's document reads otherwise now: these are its stories, without any memory."""

    stories: tuple[Story, ...]
    asks_at_end: bool = False  # as in Prd


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


class Write(Struct, frozen=True, kw_only=True):
    """Journal a record, durably, before any effect of the same turn."""

    record: Record


class Say(Struct, frozen=True, kw_only=True):
    """Tell root."""

    word: PrdWord


class AskGit(Struct, frozen=True, kw_only=True):
    """Send a request to the integrator."""

    request: GitRequest


class AssignWorker(Struct, frozen=True, kw_only=True):
    """Tell the worker which story and attempt it serves."""

    story_id: str
    attempt: int
    base: str
    worktree: str
    is_last_chance: bool = False  # one more memory kill, and the story is given up


class StartAgent(Struct, frozen=True, kw_only=True):
    """Tell the worker to run the agent, with a prompt made from the plan and what failed before."""

    story_id: str
    attempt: int
    reason: str  # of the last failure that an agent can learn from
    context: str
    earlier: str = ""  # where the work of attempts before is found
    conflict: str = ""  # what it runs into, as far as that is foreseen
    ended: str = ""  # why its conversation ended
    choice: Choice = Choice()
    session: str = ""  # the agent's own conversation that it goes on with
    is_short: bool = False  # the last prompt was more than the model can take in


class StartReview(Struct, frozen=True, kw_only=True):
    """Tell the worker to run a reviewer, with a prompt made from the plan and what was done."""

    story_id: str
    attempt: int
    code: str  # by which its answer is known
    work: WorkShown
    run: VerifyRun | None  # what the verify commands said
    was_red: bool | None = None  # ... on the base, before the work
    tampering: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class StartVerify(Struct, frozen=True, kw_only=True):
    """Tell the worker to run verify commands."""

    story_id: str
    order: RunVerify


class AssignLander(Struct, frozen=True, kw_only=True):
    """Tell the worker of a landing where it works."""

    folder: str
    base: str
    attempt: int  # by which root calls it, when it is over a ceiling


class OrderLander(Struct, frozen=True, kw_only=True):
    """Tell the worker of a landing what to run, or pass on what root wants of it."""

    order: RunVerify | EndAgent | LimitCpu | Finish


class TellWorker(Struct, frozen=True, kw_only=True):
    """Send the worker an order of root's as it is."""

    story_id: str
    order: EndAgent | LimitCpu


class AttemptResult(Struct, frozen=True, kw_only=True):
    """What stands in an attempt's result.json."""

    prd_id: str
    story_id: str
    attempt: int
    result: str  # merged, failed, interrupted, or waiting for a person
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
    failure: Failure | None = None
    remarks: tuple[str, ...] = ()
    review: Review | None = None


class FinishWorker(Struct, frozen=True, kw_only=True):
    """Tell the worker that its attempt is decided."""

    story_id: str
    result: AttemptResult


class WakeAt(Struct, frozen=True, kw_only=True):
    """Send Woken at this moment (monotonic)."""

    at_s: float


class End(Struct, frozen=True, kw_only=True):
    """End the process: 0 after a last word to root, or 70 after a burn-out."""

    exit_code: int


PrdCommand = (
    Write
    | Say
    | AskGit
    | AssignWorker
    | StartAgent
    | StartReview
    | StartVerify
    | AssignLander
    | OrderLander
    | TellWorker
    | FinishWorker
    | WakeAt
    | End
    | Effect
)

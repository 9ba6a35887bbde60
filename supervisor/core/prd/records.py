"""What a PRD's journal tells."""

from __future__ import annotations

from msgspec import Struct

from ....policies.outcomes.outcome import Outcome
from ....policies.outcomes.setbacks import Course
from ....policies.supervising.spec import Cause
from ....workers.messages.agents import Choice
from ..common import Noted
from .agents.review_records import ReviewBegan, ReviewOver
from .approvals.records import PrdApproval, StoryApproval
from .costs.records import BudgetFree, BudgetUsed, PrdBudgetFree, PrdBudgetUsed, UsageSeen


class Terms(Struct, frozen=True, kw_only=True):
    """Fingerprints of what a story asks for; empty where an older journal did not say.

    `judged` is what decides whether it is done: its criteria and its own verify commands. `told`
    is all that an agent is told of it.
    """

    judged: str = ""
    told: str = ""


NO_TERMS = Terms()


class BranchRecorded(Struct, frozen=True, kw_only=True):
    """The PRD's branch and the commit that it started from."""

    branch: str
    base: str
    base_branch: str = ""  # what the base was called then


class AttemptBegun(Struct, frozen=True, kw_only=True):
    """The intent to run an attempt, written before anything of it lives."""

    story_id: str
    attempt: int
    slot: int


class WorktreeReady(Struct, frozen=True, kw_only=True):
    """Where the attempt works and from which commit the story started."""

    story_id: str
    attempt: int
    base: str
    worktree: str


class WorktreeGivenUp(Struct, frozen=True, kw_only=True):
    """The story's worktree serves another one, or is removed; its work is on its branch."""

    story_id: str
    slot: int


class AgentBegan(Struct, frozen=True, kw_only=True):
    """The agent's process, by pid and start ticks."""

    story_id: str
    attempt: int
    pid: int
    start_ticks: int
    terms: Terms = NO_TERMS  # what the agent was told
    agent: str = ""
    model: str = ""
    is_resumed: bool = False  # it goes on with the conversation that was known last


class SessionKnown(Struct, frozen=True, kw_only=True):
    """What the agent itself calls its conversation: a later attempt may go on with it."""

    story_id: str
    attempt: int
    agent: str
    session: str


class AgentOver(Struct, frozen=True, kw_only=True):
    """How the agent's process ended."""

    story_id: str
    attempt: int
    outcome: Outcome


class WorkKept(Struct, frozen=True, kw_only=True):
    """All of the attempt's work is in the story branch; `is_claimed`: the agent ended well."""

    story_id: str
    attempt: int
    head: str
    is_claimed: bool
    files: tuple[str, ...] = ()
    tampering: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()  # on what it changed, without reproach
    added: tuple[str, ...] = ()  # those of `files` that are new
    removed: tuple[str, ...] = ()  # ... and those that are no more
    more: int = 0  # files that differ besides


class AttemptLost(Struct, frozen=True, kw_only=True):
    """The attempt came to nothing; `is_fresh`: the next one starts from the PRD's branch."""

    story_id: str
    attempt: int
    reason: str
    context: str = ""  # more for the next attempt's prompt: the end of what was printed
    is_fresh: bool = False
    counts: bool = True  # towards the cap of its cause
    keeps_claim: bool = False  # only git failed: the next attempt goes on at verify
    cause: Cause = Cause.ORDINARY
    conflict: bool = False  # what it made could not be merged with what others had made
    base_was_red: bool = False  # its verify commands failed where it began, before any work
    type: str = ""  # of the failure, for programs (policies/outcomes/failure.py)
    hints: tuple[str, ...] = ()  # what people can do about it
    course: Course | None = None  # where its agent's end decided how the story goes on
    choice: Choice = Choice()  # who worked on it
    bars: bool = False  # the story goes on without that one
    ends_conversation: bool = False  # the next attempt begins a new one
    wait_s: float = 0.0  # before the next one


class StoryDone(Struct, frozen=True, kw_only=True):
    """The story is done: its merge is in the PRD's branch, or the document said so already."""

    story_id: str
    attempt: int
    commit: str
    evidence: str
    terms: Terms = NO_TERMS  # under which it counts as done; none: those that its agent was told


class StoryGivenUp(Struct, frozen=True, kw_only=True):
    """The story is quarantined until somebody asks for a retry."""

    story_id: str
    reason: str
    type: str = ""  # of the failure, where that is another one than the last attempt's
    hints: tuple[str, ...] = ()  # what people can do about it


class StorySkipped(Struct, frozen=True, kw_only=True):
    """The story is not run, because another one failed or the document says so."""

    story_id: str
    reason: str
    by_document: bool = False
    type: str = ""  # of the failure, where it is one
    hints: tuple[str, ...] = ()


class StoryReset(Struct, frozen=True, kw_only=True):
    """A story gets a new start; `superseded` is the merge that no longer makes it done."""

    story_id: str
    superseded: str = ""
    reason: str = ""  # for the next agent, where the attempt before was no failure


class StoryHeld(Struct, frozen=True, kw_only=True):
    """The operator holds the story: nothing new of it begins."""

    story_id: str


class StoryReleased(Struct, frozen=True, kw_only=True):
    """The story goes on."""

    story_id: str


class ConflictPredicted(Struct, frozen=True, kw_only=True):
    """The story, as it stands, cannot be merged after another one; without one: into the branch."""

    story_id: str
    other: str
    places: tuple[str, ...]  # entities with file and lines, for people and for the next prompt


class ConflictGone(Struct, frozen=True, kw_only=True):
    """What was predicted holds no longer."""

    story_id: str
    other: str


StoryRecord = (
    AttemptBegun
    | WorktreeReady
    | WorktreeGivenUp
    | AgentBegan
    | SessionKnown
    | UsageSeen
    | AgentOver
    | WorkKept
    | ReviewBegan
    | ReviewOver
    | AttemptLost
    | StoryDone
    | StoryGivenUp
    | StorySkipped
    | StoryReset
    | StoryHeld
    | StoryReleased
    | BudgetUsed
    | BudgetFree
    | ConflictPredicted
    | ConflictGone
    | StoryApproval
)


class PrdHeld(Struct, frozen=True, kw_only=True):
    """The operator holds the whole PRD: nothing new begins."""


class PrdReleased(Struct, frozen=True, kw_only=True):
    """The whole PRD goes on."""


class VerifyOver(Struct, frozen=True, kw_only=True):
    """Verify commands were run; it changes nothing that is known, and is there for the report.

    `stage` is base, story, merged, format or setup; or landing, for the whole PRD: without a story.
    `story_id` is the story whose worker ran them.
    """

    story_id: str
    attempt: int
    stage: str
    took_s: float
    is_green: bool
    stories: tuple[str, ...] = ()  # that the run was for, where they are several
    is_extra: bool = False  # type checks and formatters, that only the coming together asks for
    setup_s: float = 0.0  # what the worktree needed before that


class PrdLanded(Struct, frozen=True, kw_only=True):
    """The PRD's way into another branch is over; `commit` of that has it, or none does."""

    into: str
    commit: str
    text: str


class RollbackDecided(Struct, frozen=True, kw_only=True):
    """What was merged is about to be taken out of the branch, because the PRD failed."""


class RollbackRefused(Struct, frozen=True, kw_only=True):
    """The branch was left as it is: what was merged is still there."""

    text: str


class BegunAnew(Struct, frozen=True, kw_only=True):
    """A PRD that was rolled back is tried again: what is no longer in the branch is open."""


RollbackRecord = RollbackDecided | RollbackRefused | BegunAnew
BudgetRecord = PrdBudgetUsed | PrdBudgetFree
PrdRecord = (
    BranchRecorded
    | PrdHeld
    | PrdReleased
    | VerifyOver
    | PrdLanded
    | RollbackRecord
    | BudgetRecord
    | PrdApproval
)
Record = StoryRecord | PrdRecord | Noted

"""What root's core hears and wants."""

from __future__ import annotations

from msgspec import Struct

from ....policies.accounts.gate_rules import GateRules
from ....policies.costs.budget import Budget
from ....policies.scheduling.concurrency import PaceRules
from ....policies.scheduling.overlap import Overlaps
from ....policies.supervising.shutdown import Deadline
from ....workers.messages.approval import Answer
from ....workers.messages.budget import BudgetReleased, RunSpent
from ....workers.messages.gate import AgentsClosed
from ....workers.messages.pace import PlacesChanged
from ....workers.messages.prd import (
    Hold,
    PlanChanged,
    PrdWord,
    Release,
    Retry,
    StoryElsewhere,
)
from ..common import Noticed, StorageChanged
from ..otp.commands import Effect
from ..otp.events import SupervisorEvent
from .overlaps import Met
from .pacing import HostFigures
from .records import PrdAccepted, RootRecord

# --- events -------------------------------------------------------------------------------------


class RunOpened(Struct, frozen=True, kw_only=True):
    """Root begins: what was spent before counts no more if the run is new, too."""

    is_new: bool = False
    is_interactive: bool = False  # typed so; what a run was begun with holds until the next one


class PrdsSubmitted(Struct, frozen=True, kw_only=True):
    """Somebody wants these PRDs to be run; first of all root does, that opens a run."""

    prds: tuple[PrdAccepted, ...]
    opens: RunOpened | None = None


class PrdSaid(Struct, frozen=True, kw_only=True):
    """A PRD supervisor reports."""

    prd_id: str
    incarnation: int
    word: PrdWord


class RootStopRequested(Struct, frozen=True, kw_only=True):
    """End the tree until the deadline."""

    deadline: Deadline


class PrdStopAsked(Struct, frozen=True, kw_only=True):
    """End one PRD, and do not start it again until somebody asks."""

    prd_id: str
    deadline: Deadline


class PrdRestartAsked(Struct, frozen=True, kw_only=True):
    """End one PRD's supervisor until the deadline, keeping everything, and start it again."""

    prd_id: str
    deadline: Deadline


class HoldAsked(Struct, frozen=True, kw_only=True):
    """Begin nothing more of this story, or of the whole PRD where none is named."""

    prd_id: str
    story_id: str = ""


class ReleaseAsked(Struct, frozen=True, kw_only=True):
    """Take a hold back."""

    prd_id: str
    story_id: str = ""


class RetryAsked(Struct, frozen=True, kw_only=True):
    """Give a story of a queued or active PRD a new start; all of them where none is named."""

    prd_id: str
    story_id: str = ""


class PlanChangeAsked(Struct, frozen=True, kw_only=True):
    """The plan of a PRD was written anew: its supervisor, if there is one, has to take it."""

    prd_id: str


class AdmissionChanged(Struct, frozen=True, kw_only=True):
    """The host is short of something, or no longer: `why` says of what."""

    is_admitting: bool
    why: str = ""


class HostSeen(Struct, frozen=True, kw_only=True):
    """The monitor looked at the host, and at what stories take."""

    figures: HostFigures


class ScopesRead(Struct, frozen=True, kw_only=True):
    """The files that stories of the PRDs at work declare were compared."""

    table: Overlaps


class ClockSeen(Struct, frozen=True, kw_only=True):
    """The wall clock (epoch), and how far local clocks are ahead of UTC."""

    at_s: float
    zone_s: float = 0.0


class AgentReleaseAsked(Struct, frozen=True, kw_only=True):
    """Let this agent be started; without a name all those that wait for a person."""

    agent: str = ""


class RunBudgetChanged(Struct, frozen=True, kw_only=True):
    """The configuration was read again."""

    budget: Budget


class BudgetReleaseAsked(Struct, frozen=True, kw_only=True):
    """A person lets these spend their budgets once more; `goes_on`: the PRD is run again."""

    prd_id: str
    renewed: tuple[BudgetReleased, ...]
    goes_on: bool = True


class RunReleaseAsked(Struct, frozen=True, kw_only=True):
    """A person lets the whole run spend its budget once more; these PRDs are run again."""

    prd_ids: tuple[str, ...] = ()


class AnswersGiven(Struct, frozen=True, kw_only=True):
    """A person has answered questions of this PRD."""

    prd_id: str
    answers: tuple[Answer, ...]


class BoundsChanged(Struct, frozen=True, kw_only=True):
    """The configuration was read again; what runs goes on, what starts obeys the new bounds."""

    max_prds: int
    api_limit: int
    grace_s: float
    fail_fast: bool
    pace: PaceRules = PaceRules()
    gates: GateRules = GateRules()


CostEvent = RunBudgetChanged | BudgetReleaseAsked | RunReleaseAsked


class PrdsOutlived(Struct, frozen=True, kw_only=True):
    """Of these PRDs nothing is left but what the journals say."""

    prd_ids: tuple[str, ...]


RootEvent = (
    PrdsSubmitted
    | PrdSaid
    | RootStopRequested
    | PrdStopAsked
    | PrdRestartAsked
    | HoldAsked
    | ReleaseAsked
    | RetryAsked
    | PlanChangeAsked
    | AdmissionChanged
    | HostSeen
    | ScopesRead
    | BoundsChanged
    | PrdsOutlived
    | ClockSeen
    | AgentReleaseAsked
    | AnswersGiven
    | CostEvent
    | StorageChanged
    | Noticed
    | SupervisorEvent
)

# --- commands -----------------------------------------------------------------------------------


class WriteRoot(Struct, frozen=True, kw_only=True):
    """Journal a record, durably, before any effect of the same turn."""

    record: RootRecord


class GrantLease(Struct, frozen=True, kw_only=True):
    """Tell a PRD supervisor that a story of it may run an agent."""

    prd_id: str
    lease: str
    agent: str = ""


class PassOn(Struct, frozen=True, kw_only=True):
    """Tell a PRD supervisor what the operator wants of it, or how a story that it needs stands."""

    prd_id: str
    order: (
        Hold
        | Release
        | Retry
        | StoryElsewhere
        | PlanChanged
        | PlacesChanged
        | AgentsClosed
        | BudgetReleased
        | RunSpent
        | Answer
    )


class Announce(Struct, frozen=True, kw_only=True):
    """Put a line about a PRD into the public event log."""

    event: str
    prd_id: str
    text: str
    story_id: str = ""


class EndRoot(Struct, frozen=True, kw_only=True):
    """The tree is down: end with this exit code."""

    exit_code: int


class TellMeeting(Struct, frozen=True, kw_only=True):
    """Tell people that stories of different PRDs meet, with the files at which they do."""

    met: Met


class WatchClock(Struct, frozen=True, kw_only=True):
    """Send ClockSeen once the wall clock shows this, and not much more often than needed."""

    until_s: float


RootCommand = (
    WriteRoot | GrantLease | PassOn | Announce | TellMeeting | WatchClock | EndRoot | Effect
)

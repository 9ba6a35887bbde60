"""What root's core hears and wants, and what its journal tells."""

from __future__ import annotations

from enum import Enum

from ....policies.concurrency import PaceRules
from ....policies.overlap import Overlaps
from ....policies.shutdown import Deadline
from ....policies.values import dataclass
from ....workers.messages.pace import PlacesChanged
from ....workers.messages.prd import (
    Hold,
    PlanChanged,
    PrdWord,
    Release,
    Retry,
    StoryElsewhere,
)
from ..common import Noted, Noticed, StorageChanged
from ..otp.commands import Effect
from ..otp.events import SupervisorEvent
from .overlaps import Met
from .pacing import HostFigures


class PrdState(Enum):
    """What has become of a PRD."""

    QUEUED = "queued"
    ACTIVE = "active"
    COMPLETED = "completed"
    FAILED = "failed"
    STOPPED = "stopped"


# --- records ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PrdAccepted:
    """A PRD is in the queue; `base` is the commit that its branch starts from."""

    prd_id: str
    title: str
    path: str
    base: str
    part: str = ""  # its name in a file that holds several PRDs
    adopt_branch: bool = False
    retry: bool = False  # of all that failed or was skipped
    retry_stories: tuple[str, ...] = ()  # of these and of what was skipped for them
    base_branch: str = ""  # what `base` was called when the PRD was begun


@dataclass(frozen=True, slots=True, kw_only=True)
class PrdBegun:
    """The PRD's supervisor is about to be started."""

    prd_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrdSettled:
    """What became of the PRD, for now; `by_operator`: only its name starts it again."""

    prd_id: str
    state: PrdState
    reasons: tuple[str, ...] = ()
    by_operator: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """The operator holds a story of this PRD, or the whole PRD where none is named."""

    prd_id: str
    story_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What was held goes on."""

    prd_id: str
    story_id: str = ""


RootRecord = PrdAccepted | PrdBegun | PrdSettled | Held | Released | Noted


# --- events -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class PrdsSubmitted:
    """Somebody wants these PRDs to be run."""

    prds: tuple[PrdAccepted, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PrdSaid:
    """A PRD supervisor reports."""

    prd_id: str
    incarnation: int
    word: PrdWord


@dataclass(frozen=True, slots=True, kw_only=True)
class RootStopRequested:
    """End the tree until the deadline."""

    deadline: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class PrdStopAsked:
    """End one PRD, and do not start it again until somebody asks."""

    prd_id: str
    deadline: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class PrdRestartAsked:
    """End one PRD's supervisor until the deadline, keeping everything, and start it again."""

    prd_id: str
    deadline: Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldAsked:
    """Begin nothing more of this story, or of the whole PRD where none is named."""

    prd_id: str
    story_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseAsked:
    """Take a hold back."""

    prd_id: str
    story_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryAsked:
    """Give a story of a queued or active PRD a new start; all of them where none is named."""

    prd_id: str
    story_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanChangeAsked:
    """The plan of a PRD was written anew: its supervisor, if there is one, has to take it."""

    prd_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmissionChanged:
    """The host is short of something, or no longer: `why` says of what."""

    is_admitting: bool
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSeen:
    """The monitor looked at the host, and at what stories take."""

    figures: HostFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopesRead:
    """The files that stories of the PRDs at work declare were compared."""

    table: Overlaps


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundsChanged:
    """The configuration was read again; what runs goes on, what starts obeys the new bounds."""

    max_prds: int
    api_limit: int
    grace_s: float
    fail_fast: bool
    pace: PaceRules = PaceRules()


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
    | StorageChanged
    | Noticed
    | SupervisorEvent
)

# --- commands -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRoot:
    """Journal a record, durably, before any effect of the same turn."""

    record: RootRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantLease:
    """Tell a PRD supervisor that a story of it may run an agent."""

    prd_id: str
    lease: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassOn:
    """Tell a PRD supervisor what the operator wants of it, or how a story that it needs stands."""

    prd_id: str
    order: Hold | Release | Retry | StoryElsewhere | PlanChanged | PlacesChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """Put a line about a PRD into the public event log."""

    event: str
    prd_id: str
    text: str
    story_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndRoot:
    """The tree is down: end with this exit code."""

    exit_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TellMeeting:
    """Tell people that stories of different PRDs meet, with the files at which they do."""

    met: Met


RootCommand = WriteRoot | GrantLease | PassOn | Announce | TellMeeting | EndRoot | Effect

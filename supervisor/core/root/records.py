"""What root's journal tells."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from ....policies.accounts.parking import Gate
from ....policies.costs.budget import NOTHING_SPENT, Spent
from ....workers.messages.approval import Answer
from ..common import Noted


class PrdState(Enum):
    """What has become of a PRD."""

    QUEUED = "queued"
    ACTIVE = "active"
    COMPLETED = "completed"
    FAILED = "failed"
    STOPPED = "stopped"


class PrdAccepted(Struct, frozen=True, kw_only=True):
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
    stories: int = 0  # so many, until its supervisor names them


class PrdBegun(Struct, frozen=True, kw_only=True):
    """The PRD's supervisor is about to be started."""

    prd_id: str


class PrdSettled(Struct, frozen=True, kw_only=True):
    """What became of the PRD, for now; `by_operator`: only its name starts it again."""

    prd_id: str
    state: PrdState
    reasons: tuple[str, ...] = ()
    by_operator: bool = False


class Held(Struct, frozen=True, kw_only=True):
    """The operator holds a story of this PRD, or the whole PRD where none is named."""

    prd_id: str
    story_id: str = ""


class Released(Struct, frozen=True, kw_only=True):
    """What was held goes on."""

    prd_id: str
    story_id: str = ""


class AccountShut(Struct, frozen=True, kw_only=True):
    """No agent of this account is started: until a moment, or until a person opens it."""

    gate: Gate


class AccountOpened(Struct, frozen=True, kw_only=True):
    """Agents of this account are started again."""

    account: str
    agent: str = ""  # whose refusal had shut it


class RunBegun(Struct, frozen=True, kw_only=True):
    """A person has begun a run, or lets one spend its budget once more: it counts from here.

    `spent` is what each PRD had cost by then. A crash, a stop or a resume is no new run.
    """

    spent: tuple[tuple[str, Spent], ...] = ()


class BudgetRenewed(Struct, frozen=True, kw_only=True):
    """A story, or a PRD where none is named, may spend its budget once more, from here on."""

    prd_id: str
    story_id: str = ""
    spent: Spent = NOTHING_SPENT


class InteractiveSet(Struct, frozen=True, kw_only=True):
    """People have the word at the usual points, because somebody has begun the run so; or not."""

    is_on: bool


class BootSeen(Struct, frozen=True, kw_only=True):
    """Root began in this boot of the machine: what was recorded in another one is not alive."""

    boot: str


class PersonAnswered(Struct, frozen=True, kw_only=True):
    """A person has answered what a PRD asks; it has not said yet that it knows."""

    prd_id: str
    answer: Answer


class AnswerSettled(Struct, frozen=True, kw_only=True):
    """The PRD has the answer in its own journal."""

    prd_id: str
    story_id: str = ""


class RetryOrdered(Struct, frozen=True, kw_only=True):
    """A person wants a story, or all that failed or was skipped, tried anew."""

    prd_id: str
    story_id: str = ""


class RetryGiven(Struct, frozen=True, kw_only=True):
    """The PRD has done so, by its own journal."""

    prd_id: str
    story_id: str = ""


class PrdForgotten(Struct, frozen=True, kw_only=True):
    """The PRD ended long ago, its document is gone, and nothing of it is left that is kept."""

    prd_id: str


AccountRecord = AccountShut | AccountOpened
CostRecord = RunBegun | BudgetRenewed
HoldRecord = Held | Released
AnswerRecord = PersonAnswered | AnswerSettled
RetryRecord = RetryOrdered | RetryGiven
PrdStep = PrdAccepted | PrdBegun | PrdSettled | PrdForgotten
RootRecord = (
    PrdStep
    | HoldRecord
    | AccountRecord
    | CostRecord
    | AnswerRecord
    | RetryRecord
    | InteractiveSet
    | BootSeen
    | Noted
)

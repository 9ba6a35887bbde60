"""The status document: what a root that runs, or its journals, tell people and programs.

`docs/schema/status.schema.json` is made of these types. Moments are epoch seconds; what is unknown,
or not so, is null. Fields are added with defaults, so that an older or newer peer can be read;
`schema_version` grows when one changes its meaning.
"""

from __future__ import annotations

from msgspec import Struct

from ....policies.outcomes.failure import Failure
from ....policies.supervising.spec import Tally

SCHEMA_VERSION = 1
NOT_ANSWERING = "not answering"  # the state of a root that lives
AT_WORK = "active"  # the state of a PRD that has a supervisor


class UsageStatus(Struct, frozen=True, kw_only=True):
    """What the processes of a story used at the monitor's last pass."""

    memory_bytes: int
    cpu_percent: float  # 100: one core
    processes: int
    cpu_share: float = 1.0  # of the time that it may have


class SpentStatus(Struct, frozen=True, kw_only=True):
    """Of `unpriced_tokens` nobody knows the cost: `usd` is a lower bound."""

    usd: float = 0.0
    tokens: int = 0
    unpriced_tokens: int = 0


class StoryStatus(Struct, frozen=True, kw_only=True):
    """One story. `since` is when its state began, `attempt_since` when its attempt did."""

    id: str
    title: str
    state: str
    attempt: int
    since: float | None = None
    attempt_since: float | None = None
    reason: str | None = None
    evidence: str | None = None
    worktree: str | None = None
    losses: Tally = Tally()
    conflicts: tuple[str, ...] = ()
    spent: SpentStatus = SpentStatus()
    budget_used: str | None = None
    agent: str | None = None
    model: str | None = None
    failure: Failure | None = None
    held: bool = False
    awaits: str | None = None  # the point at which it waits for a person: story or merge
    usage: UsageStatus | None = None


class Progress(Struct, frozen=True, kw_only=True):
    """Stories done, and all of them."""

    completed: int
    total: int


class PrdStatus(Struct, frozen=True, kw_only=True):
    """One PRD. `since` is when its state began; `ended_at` is null while it runs."""

    id: str
    title: str
    path: str
    state: str
    progress: Progress
    since: float | None = None
    part: str | None = None
    replaced_by: str | None = None
    branch: str = ""
    base: str = ""
    landed: str | None = None
    reasons: tuple[str, ...] = ()
    pid: int | None = None
    max_workers: int | None = None
    auto_workers: bool = False
    spent: SpentStatus = SpentStatus()
    budget_used: str | None = None
    started_at: float | None = None
    ended_at: float | None = None
    runtime_s: float = 0.0
    rest_s: float | None = None  # estimated by who looks; null where nobody can know
    stopping: bool = False  # it is at work, and its supervisor is being ended
    held: bool = False
    awaits: str | None = None  # prd, where its completion waits for a person
    note: str = ""  # why nothing new starts
    stories: tuple[StoryStatus, ...] = ()


class AgentStatus(Struct, frozen=True, kw_only=True):
    """An agent that is not simply started when a story wants it."""

    agent: str
    account: str
    state: str  # parked, trial, closed, strained
    kind: str | None = None
    why: str | None = None
    reason: str | None = None
    since: float | None = None
    until: float | None = None
    utilization: float | None = None


class RootStatus(Struct, frozen=True, kw_only=True):
    """Root itself; `pid` is null where none runs."""

    pid: int | None = None
    state: str = "not running"  # running, stopping, storage full, not answering
    note: str = ""  # why nothing new starts
    cgroups: str = ""
    started_at: float | None = None
    max_prds: int | None = None
    api_limit: int | None = None  # agents at once
    leases: int | None = None  # ... and at work
    queue: int | None = None  # stories that wait for an agent
    cpu_s: float | None = None  # root's own processor time so far


class StatusDocument(Struct, frozen=True, kw_only=True):
    """Everything, as of `at`."""

    schema_version: int = SCHEMA_VERSION
    at: float = 0.0
    root: RootStatus = RootStatus()
    agents: tuple[AgentStatus, ...] = ()
    prds: tuple[PrdStatus, ...] = ()
    rest_s: float | None = None  # of all PRDs

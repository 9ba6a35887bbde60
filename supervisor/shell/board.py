"""What is known of all PRDs, for people: the registry, and the document that `status` prints."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from msgspec import Struct, field

from ...policies.accounts.parking import Gate
from ...policies.approval import Approval
from ...policies.costs.budget import NOTHING_SPENT, Spent
from ...policies.values import replace
from ...workers.messages.prd import PrdReport, Standing, StoryView
from ..core.common import Noted
from ..core.prd.view import LIVE_STATES
from ..core.root.gates import accounts_after
from ..core.root.ledger import Ledger, ledger_after
from ..core.root.notices import is_restart
from ..core.root.records import (
    AccountOpened,
    AccountShut,
    AnswerRecord,
    AnswerSettled,
    BootSeen,
    BudgetRenewed,
    CostRecord,
    Held,
    HoldRecord,
    InteractiveSet,
    PersonAnswered,
    PrdAccepted,
    PrdBegun,
    PrdForgotten,
    PrdSettled,
    PrdState,
    Released,
    RetryGiven,
    RetryOrdered,
    RootRecord,
    RunBegun,
)
from ..core.root.state import Answers, Holds, answers_after, holds_after, retries_after
from .moments import UNKNOWN, Moments, moments_after
from .status.states import is_done

REGISTRY_VERSION = "1.0"
INTERRUPTED = "interrupted"
RESTARTS_KEPT = 100  # more than any sensible intensity
DAMAGED = "damaged"


class Row(Struct, kw_only=True):
    """One PRD. Times are wall-clock seconds, 0 where nothing has happened yet."""

    accepted: PrdAccepted
    state: PrdState = PrdState.QUEUED
    reasons: tuple[str, ...] = ()
    by_operator: bool = False  # stopped by name: only its name starts it again
    started_at: float = 0.0
    ended_at: float = 0.0
    is_interrupted: bool = False  # it was at work when its root died
    damage: str = ""  # why what its supervisor wrote cannot be trusted, and what to do
    pid: int | None = None
    branch: str = ""
    base: str = ""
    note: str = ""
    spent: Spent = NOTHING_SPENT
    budget_used: str = ""  # the figures, where the PRD's own budget is used up
    landed: str = ""  # what became of its branch
    awaits: str = ""  # prd, while a person has to say whether it is complete
    approval: Approval | None = None  # what was asked of the whole PRD, and the answer
    replaced_by: str = ""  # the PRD that its file holds now
    worktree: str = ""
    max_workers: int | None = None  # while it is at work; 0: no bound
    is_auto: bool = False  # root says that number as it goes
    stories: dict[str, StoryView] = field(default_factory=dict)
    moments: dict[str, Moments] = field(default_factory=dict)  # of the stories
    since: float = 0.0  # when its state began
    retries: tuple[str, ...] = ()  # asked for, and not yet seen to be done

    def runtime_s(self, now: float) -> float:
        """How long it has run this time, or ran last time."""
        if not self.started_at:
            return 0.0
        is_at_work = self.state is PrdState.ACTIVE and not self.is_interrupted
        end = now if is_at_work else self.ended_at or now
        return max(0.0, end - self.started_at)

    def progress(self) -> dict[str, int]:
        """Stories done, and all of them."""
        done = sum(is_done(story.state) for story in self.stories.values())
        return {"completed": done, "total": len(self.stories) or self.accepted.stories}


class Board:
    """Grows with root's records and the PRDs' reports; the same from a journal as live."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.holds: Holds = frozenset()  # they outlive what becomes of a row
        self.ledger = Ledger()
        self.answers: Answers = {}  # of people, that PRDs have not taken yet
        self.is_interactive = False  # people have the word in the run that was begun last
        self.accounts: dict[str, Gate] = {}  # whose agents are not started
        self.boot = ""  # of the machine, in which root began last
        self.damage = ""  # why root's own journal cannot be trusted
        self.restarted_at: list[float] = []  # the PRDs' supervisors, the last times
        self.heard_at = 0.0  # the moment of the last record, where journals are read
        self.stale: set[str] = set()  # the PRDs of which something is new, for who tells of them

    def interrupt(self, prd_id: str, at: float) -> None:
        """Note that a PRD's root is gone: it was at work until `at` at least."""
        row = self.rows[prd_id]
        row.ended_at = row.since = max(at, row.started_at)
        row.is_interrupted, row.pid = True, None

    def state_of(self, prd_id: str) -> str:
        """The state of a PRD, for people."""
        row = self.rows[prd_id]
        if row.damage:
            return DAMAGED
        return INTERRUPTED if row.is_interrupted else row.state.value

    def on_record(self, record: RootRecord, at: float) -> None:  # noqa: C901  a case a record
        """Note what root's journal says."""
        self.stale.add(getattr(record, "prd_id", ""))
        match record:
            case PrdAccepted():
                old = self.rows.pop(record.prd_id, None)
                row = Row(accepted=record, since=at)
                if old is not None:
                    row.branch, row.base = old.branch, old.base
                    row.stories, row.moments = old.stories, old.moments
                    row.spent, row.budget_used = old.spent, old.budget_used
                    row.awaits, row.approval = old.awaits, old.approval
                self.rows[record.prd_id] = row
                for other in self.rows.values():
                    if other is not row and _place(other) == _place(row):
                        other.replaced_by = record.prd_id
            case PrdBegun():
                row = self.rows[record.prd_id]
                row.state, row.started_at, row.ended_at = PrdState.ACTIVE, at, 0.0
                row.since = at
            case PrdSettled():
                row = self.rows[record.prd_id]
                row.state, row.reasons = record.state, record.reasons
                row.ended_at = row.since = at
                row.by_operator = record.by_operator
                row.pid = row.max_workers = None
                # A supervisor that died could not say that its stories no longer run.
                _see(row, {name: _settled(view) for name, view in row.stories.items()}, at)
            case PrdForgotten():
                self.rows.pop(record.prd_id, None)
            case (
                Held()
                | Released()
                | RunBegun()
                | BudgetRenewed()
                | PersonAnswered()
                | AnswerSettled()
                | InteractiveSet()
                | BootSeen()
            ):
                self._keep(record)
            case RetryOrdered() | RetryGiven():
                row = self.rows[record.prd_id]
                row.retries = retries_after(row.retries, record)
            case AccountShut() | AccountOpened():
                self.accounts = accounts_after(self.accounts, record)
            case Noted():  # for the story of a child
                moments = [*self.restarted_at, *([at] if is_restart(record) else ())]
                self.restarted_at = moments[-RESTARTS_KEPT:]
            case _:
                assert_never(record)

    def _keep(
        self, record: HoldRecord | AnswerRecord | CostRecord | InteractiveSet | BootSeen
    ) -> None:
        """What outlives what becomes of a row, such as what a person wants."""
        if isinstance(record, HoldRecord):
            self.holds = holds_after(self.holds, record)
        elif isinstance(record, InteractiveSet):
            self.is_interactive = record.is_on
        elif isinstance(record, BootSeen):
            self.boot = record.boot
        elif isinstance(record, AnswerRecord):
            self.answers = answers_after(self.answers, record)
        else:
            self.ledger = ledger_after(self.ledger, record)

    def on_report(self, prd_id: str, report: PrdReport, at: float) -> None:
        """Note what a PRD supervisor reports."""
        self.stale.add(prd_id)
        row = self.rows[prd_id]
        row.branch, row.note = report.branch or row.branch, report.note
        row.base = report.base or row.base
        row.landed = report.landed or row.landed
        row.spent, row.budget_used = report.spent, report.budget_used
        row.awaits, row.approval = report.awaits, report.approval
        told = {story.story_id: story for story in report.stories}
        _see(row, told, at, is_whole=report.is_whole)

    def on_plan(self, prd_id: str, planned: Sequence[StoryView]) -> None:
        """Note which stories a PRD will have once it begins; what is known of one stays so."""
        self.stale.add(prd_id)
        row = self.rows[prd_id]
        _see(row, {each.story_id: row.stories.get(each.story_id, each) for each in planned}, 0.0)

    def done(self) -> frozenset[str]:
        """The stories that are done, as PRD/STORY.

        Of a PRD that is complete, all that were wanted are: on a full disk root alone could say so.
        """
        return frozenset(
            f"{prd_id}/{story_id}"
            for prd_id, row in self.rows.items()
            for story_id, view in row.stories.items()
            if view.standing is Standing.DONE
            or (row.state is PrdState.COMPLETED and view.standing is Standing.OPEN)
        )

    def registry(self, *, max_prds: int, api_limit: int, now: float) -> dict[str, object]:
        """What stands in registry.json."""
        by_state: dict[PrdState, list[str]] = {state: [] for state in PrdState}
        for prd_id, row in self.rows.items():
            is_left = row.is_interrupted or (row.damage and row.state is PrdState.ACTIVE)
            by_state[PrdState.STOPPED if is_left else row.state].append(prd_id)
        return {
            "version": REGISTRY_VERSION,
            "boot": self.boot,  # without which a pid says nothing
            "max_parallel_prds": max_prds,
            "api_limit": api_limit,
            "active_prds": {
                prd_id: _active(self.rows[prd_id], now) for prd_id in by_state[PrdState.ACTIVE]
            },
            "queued_prds": by_state[PrdState.QUEUED],
            "completed_prds": by_state[PrdState.COMPLETED],
            "failed_prds": by_state[PrdState.FAILED],
            "stopped_prds": by_state[PrdState.STOPPED],
        }


def _see(row: Row, told: dict[str, StoryView], at: float, *, is_whole: bool = True) -> None:
    """Note how the stories of a PRD are now, or those that are told of, and since when."""
    moments = {
        name: moments_after(row.moments.get(name, UNKNOWN), row.stories.get(name), view, at)
        for name, view in told.items()
    }
    row.moments = moments if is_whole else row.moments | moments
    row.stories = told if is_whole else row.stories | told


def _place(row: Row) -> tuple[str, str]:
    return row.accepted.path, row.accepted.part


def _settled(view: StoryView) -> StoryView:
    return replace(view, state="waiting", worktree="") if view.state in LIVE_STATES else view


def _active(row: Row, now: float) -> dict[str, object]:
    return {
        "prd_id": row.accepted.prd_id,
        "title": row.accepted.title,
        "branch": row.branch,
        "pid": row.pid,
        "status": "running",
        "progress": row.progress(),
        "started_at": row.started_at,
        "runtime_s": round(row.runtime_s(now), 1),
        "worktree": row.worktree,
        "prd_file": row.accepted.path,
    }

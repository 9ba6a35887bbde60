"""Root's state: the PRDs in the order in which they were accepted, and who may run agents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from msgspec import Struct, field

from ....policies.approval import Approval
from ....policies.scheduling.admission import Leases
from ....policies.supervising.shutdown import Deadline
from ....policies.supervising.spec import Restart
from ....policies.values import replace
from ....workers.messages.approval import Answer
from ....workers.messages.prd import PrdEnded
from ..common import Noted
from ..otp.state import Supervisor
from .gates import Gates
from .ledger import Ledger
from .needs import Needs
from .overlaps import Meetings
from .pacing import Pacing
from .records import (
    AnswerRecord,
    BootSeen,
    BudgetRenewed,
    CostRecord,
    Held,
    PersonAnswered,
    PrdAccepted,
    PrdBegun,
    PrdForgotten,
    PrdSettled,
    PrdState,
    PrdStep,
    Released,
    RetryGiven,
    RetryOrdered,
    RetryRecord,
    RunBegun,
)


class Entry(Struct, frozen=True, kw_only=True):
    """A PRD that root knows; `outcome` is what its supervisor said last, before it ended."""

    accepted: PrdAccepted
    state: PrdState = PrdState.QUEUED
    reasons: tuple[str, ...] = ()
    outcome: PrdEnded | None = None
    is_stopping: bool = False
    is_restarting: bool = False  # it is ended because somebody wants it started anew
    retries: tuple[str, ...] = ()  # asked for, and not yet seen to be done
    is_renewed: bool = False  # its budget counts anew, which it was not yet seen to know
    has_new_plan: bool = False  # written, and not yet seen to be taken

    @property
    def prd_id(self) -> str:
        """The PRD's id, which is its supervisor's child id as well."""
        return self.accepted.prd_id


Answers = Mapping[tuple[str, str], Answer]  # by PRD and story; no story: the whole PRD
Holds = frozenset[tuple[str, str]]  # PRD and story; no story: the whole PRD


class Root(Struct, frozen=True, kw_only=True):
    """Root's whole state; entries stand in the order in which they were accepted."""

    supervisor: Supervisor
    leases: Leases
    max_prds: int
    landings: Leases = Leases(limit=1)
    grace_s: float
    restart: Restart = Restart.TRANSIENT  # of the PRD supervisors
    fail_fast: bool = False
    entries: tuple[Entry, ...] = ()
    holds: Holds = frozenset()
    needs: Needs = field(default_factory=Needs)  # of PRDs, of each other's stories
    meetings: Meetings = field(default_factory=Meetings)  # of stories of different PRDs
    pacing: Pacing = field(default_factory=Pacing)  # of PRDs that go by root's number of places
    gates: Gates = field(default_factory=Gates)  # of the accounts that agents work on
    ledger: Ledger = field(default_factory=Ledger)  # of costs
    answers: Answers = field(default_factory=dict)  # of people, that PRDs have not taken yet
    is_interactive: bool = False  # people have the word where no setting says at which points
    refusal: str = ""  # what the host is short of: nothing is admitted
    deadline: Deadline | None = None
    storage_is_full: bool = False
    failed_fast: str = ""  # the story that ended the run, as PRD/STORY
    stays: bool = False  # when all is done, too: more may come
    has_ended: bool = False

    def entry(self, prd_id: str) -> Entry | None:
        """What is known of a PRD."""
        return next((entry for entry in self.entries if entry.prd_id == prd_id), None)


def remember(
    entries: tuple[Entry, ...], record: PrdStep | RetryRecord | CostRecord | BootSeen | Noted
) -> tuple[Entry, ...]:
    """The PRDs after this record; the same while the night runs and when it is replayed."""
    match record:
        case PrdAccepted():
            return _accepted(entries, record)
        case PrdBegun():
            return _changed(entries, record.prd_id, PrdState.ACTIVE, ())
        case PrdSettled():
            return _changed(entries, record.prd_id, record.state, record.reasons)
        case PrdForgotten():
            return tuple(each for each in entries if each.prd_id != record.prd_id)
        case RetryOrdered() | RetryGiven():
            return tuple(
                replace(each, retries=retries_after(each.retries, record))
                if each.prd_id == record.prd_id
                else each
                for each in entries
            )
        case RunBegun() | BudgetRenewed() | BootSeen() | Noted():
            return entries
        case _:
            assert_never(record)


def _accepted(entries: tuple[Entry, ...], record: PrdAccepted) -> tuple[Entry, ...]:
    """Queue the PRD last, unless it waits already: then it keeps its place."""
    fresh = Entry(accepted=record)
    if any(each.prd_id == record.prd_id and each.state is PrdState.QUEUED for each in entries):
        return tuple(fresh if each.prd_id == record.prd_id else each for each in entries)
    return (*(each for each in entries if each.prd_id != record.prd_id), fresh)


def retries_after(retries: tuple[str, ...], record: RetryRecord) -> tuple[str, ...]:
    """What is to be tried anew, and was not yet seen to be, after this record."""
    others = tuple(name for name in retries if name != record.story_id)
    return (*others, record.story_id) if isinstance(record, RetryOrdered) else others


def holds_after(holds: Holds, record: Held | Released) -> Holds:
    """What is held after this record. A hold outlives stops, crashes and resumes."""
    name = (record.prd_id, record.story_id)
    return holds | {name} if isinstance(record, Held) else holds - {name}


def answers_after(answers: Answers, record: AnswerRecord) -> Answers:
    """What was answered and is not settled after this record."""
    if isinstance(record, PersonAnswered):
        return {**answers, (record.prd_id, record.answer.story_id): record.answer}
    name = (record.prd_id, record.story_id)
    return {each: answer for each, answer in answers.items() if each != name}


def answer_to(
    answers: Answers, prd_id: str, story_id: str, asked: Approval | None
) -> Approval | None:
    """What a person has said to this, where it is on its way still."""
    known = answers.get((prd_id, story_id))
    if known is None or asked is None:
        return None
    is_same = asked.is_about(known.approval.point, known.approval.work)
    return known.approval if is_same and asked.word is None else None


def _changed(
    entries: tuple[Entry, ...], prd_id: str, state: PrdState, reasons: tuple[str, ...]
) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            accepted=entry.accepted,
            state=state,
            reasons=reasons,
            retries=entry.retries,
            is_renewed=entry.is_renewed,
            has_new_plan=entry.has_new_plan,
        )
        if entry.prd_id == prd_id
        else entry
        for entry in entries
    )

"""The board of a repository in which no root runs, from what the journals tell."""

from __future__ import annotations

from collections.abc import Iterator

from ....policies.accounts.parking import Gate
from ....policies.approval import Point
from ....policies.values import replace
from ....workers.messages.prd import PrdReport, StoryView
from ....workers.process.wire import WireError, decoder, encode
from ...core.common import Noted
from ...core.prd.costs.totals import spent_by
from ...core.prd.memory import StoryState
from ...core.prd.state import Story
from ...core.prd.view import view_of
from ...core.root.gates import accounts_after
from ...core.root.notices import is_restart
from ...core.root.records import (
    AccountOpened,
    AccountShut,
    AnswerRecord,
    AnswerSettled,
    BootSeen,
    BudgetRenewed,
    CostRecord,
    Held,
    InteractiveSet,
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
    RootRecord,
    RunBegun,
)
from ...core.root.state import Answers, Holds, answers_after, holds_after
from ...prd.model import PlannedStory
from ..board import RESTARTS_KEPT, Board
from ..moments import UNKNOWN, Moments
from ..plans.accepted import read_shown
from .conversion import Conversion
from .found import StoreError
from .layout import Layout
from .older import prd_as_today, root_as_today
from .recollection import KINDS, Recollection, recall
from .store import Stored, read_leniently

_STAGES = {False: "running", True: "verifying"}  # by whether the agent's work is kept
ROOT_KINDS: tuple[type, ...] = (
    *(PrdAccepted, PrdBegun, PrdSettled, PrdForgotten, Held, Released),
    *(AccountShut, AccountOpened, RunBegun, BudgetRenewed, PersonAnswered, AnswerSettled, Noted),
    *(InteractiveSet, RetryOrdered, RetryGiven, BootSeen),
)


def root_records(stored: Stored) -> list[tuple[RootRecord, float]]:
    """Everything that root's folder tells, from the beginning."""
    frames = stored.payload if isinstance(stored.payload, list) else []
    decode = decoder(ROOT_KINDS)
    try:
        old = [decode(str(frame).encode()) for frame in frames]
    except WireError as error:
        raise stored.of_another_version(error) from error
    told = [
        (record, at) for record, at in (*old, *stored.records) if isinstance(record, RootRecord)
    ]
    return list(_of_known_prds(told))


def _of_known_prds(
    records: list[tuple[RootRecord, float]],
) -> Iterator[tuple[RootRecord, float]]:
    """Pass over what became of PRDs whose beginning was lost: `start` finds them again."""
    known: set[str] = set()
    for record, at in records:
        if isinstance(record, PrdAccepted):
            known.add(record.prd_id)
        if not isinstance(record, PrdStep | RetryRecord) or record.prd_id in known:
            yield record, at


def holds_of(records: list[tuple[RootRecord, float]]) -> Holds:
    """What the operator holds: it outlives the root that was told."""
    holds: Holds = frozenset()
    for record, _ in records:
        if isinstance(record, Held | Released):
            holds = holds_after(holds, record)
    return holds


def accounts_of(records: list[tuple[RootRecord, float]]) -> dict[str, Gate]:
    """The accounts whose agents are not started: likewise, with the moment of their limits."""
    accounts: dict[str, Gate] = {}
    for record, _ in records:
        if isinstance(record, AccountShut | AccountOpened):
            accounts = accounts_after(accounts, record)
    return accounts


def answers_of(records: list[tuple[RootRecord, float]]) -> Answers:
    """What people have answered that no PRD has taken yet."""
    answers: Answers = {}
    for record, _ in records:
        if isinstance(record, AnswerRecord):
            answers = answers_after(answers, record)
    return answers


def root_payload(
    records: list[tuple[RootRecord, float]], *, keeps_restarts: bool = False
) -> object:
    """Root's snapshot: what is held or shut; of each PRD the records since it was accepted last.

    `keeps_restarts`: those of PRDs' supervisors still count.
    """
    holds, shut = holds_of(records), accounts_of(records)
    answers = answers_of(records)
    latest = {
        record.prd_id: index + isinstance(record, PrdForgotten)  # nor is that told any more
        for index, (record, _) in enumerate(records)
        if isinstance(record, PrdAccepted | PrdForgotten)
    }
    restarts = [
        index
        for index, (record, _) in enumerate(records)
        if keeps_restarts and isinstance(record, Noted) and is_restart(record)
    ][-RESTARTS_KEPT:]
    lasts = {
        _kind(record): index
        for index, (record, _) in enumerate(records)
        if isinstance(record, CostRecord | InteractiveSet | BootSeen)
    }
    return [
        encode(record, at=at).decode()
        for index, (record, at) in enumerate(records)
        if lasts.get(_kind(record)) == index
        or _is_still_true(record, index, latest, holds)
        or (isinstance(record, AccountShut) and shut.get(record.gate.account) == record.gate)
        or (isinstance(record, PersonAnswered) and _is_pending(record, answers))
        or index in restarts
    ]


def root_snapshot(stored: Stored, *, keeps_restarts: bool = True) -> object:
    """Root's snapshot of what stands in its folder."""
    return root_payload(root_records(stored), keeps_restarts=keeps_restarts)


def _is_pending(record: PersonAnswered, answers: Answers) -> bool:
    return answers.get((record.prd_id, record.answer.story_id)) == record.answer


def _kind(record: RootRecord) -> tuple[str, str, str] | None:
    """Of records of this kind only the last one is true."""
    match record:
        case RunBegun():
            return "run", "", ""
        case BudgetRenewed():
            return "budget", record.prd_id, record.story_id
        case InteractiveSet():
            return "interactive", "", ""
        case BootSeen():
            return "boot", "", ""
        case _:
            return None


def _is_still_true(record: RootRecord, index: int, latest: dict[str, int], holds: Holds) -> bool:
    match record:
        case Held():
            return (record.prd_id, record.story_id) in holds
        case Released() | AccountShut() | AccountOpened() | RunBegun() | BudgetRenewed() | Noted():
            return False
        case PersonAnswered() | AnswerSettled() | InteractiveSet() | BootSeen():
            return False
        case _:
            return index >= latest.get(record.prd_id, 0)


def board_of(layout: Layout, *, is_root_alive: bool = False) -> Board:
    """Put together what is known without asking a root, which may live and be busy or stopped."""
    board = Board()
    stored, damage = read_leniently(layout.state_dir, ROOT_KINDS, root_as_today(layout))
    board.damage = _shown(layout, damage)
    for record, at in root_records(stored):
        board.on_record(record, at)
        board.heard_at = max(board.heard_at, at)
    conversion = prd_as_today(layout)
    for prd_id, row in board.rows.items():
        stored, known, row.damage = _recalled(layout, prd_id, conversion)
        is_at_work = row.state is PrdState.ACTIVE and is_root_alive
        board.on_report(prd_id, _report(layout, prd_id, known, is_at_work=is_at_work), 0.0)
        heard_at = max((at for _, at in stored.records), default=0.0)
        board.heard_at = max(board.heard_at, heard_at)
        if row.state is PrdState.ACTIVE and not is_root_alive:
            board.interrupt(prd_id, heard_at)
        row.moments = {
            name: _moments(known, name, until=row.ended_at or None) for name in row.stories
        }
    return board


def _recalled(
    layout: Layout, prd_id: str, conversion: Conversion
) -> tuple[Stored, Recollection, str]:
    """What a PRD's folder tells, and why it is not to be trusted where it is damaged."""
    try:
        stored, damage = read_leniently(layout.prd(prd_id), KINDS, conversion)
        return stored, recall(stored), _shown(layout, damage)
    except StoreError as error:
        return Stored(payload=None, records=()), Recollection(), _shown(layout, error)


def _shown(layout: Layout, damage: StoreError | None) -> str:
    return "" if damage is None else str(damage).replace(f"{layout.repository}/", "")


def planned_views(layout: Layout, prd_id: str) -> tuple[StoryView, ...]:
    """The stories of a PRD that has not begun, by its plan."""
    return _report(layout, prd_id, Recollection(), is_at_work=False).stories


def _moments(known: Recollection, story_id: str, *, until: float | None) -> Moments:
    """Of a story; one that nobody has decided since its PRD ended has waited since then."""
    moments = known.moments.get(story_id, UNKNOWN)
    if until is not None and known.stories[story_id].is_open:
        return replace(moments, since=max(until, moments.since))
    return moments


def _report(layout: Layout, prd_id: str, known: Recollection, *, is_at_work: bool) -> PrdReport:
    plan = read_shown(layout, prd_id)
    views = (
        ()
        if plan is None
        else tuple(
            _view(known, planned, plan.title_of(planned), is_at_work=is_at_work)
            for planned in plan.stories
        )
    )
    return PrdReport(
        branch=known.branch,
        base=known.base,
        stories=views,
        is_whole=True,
        landed=known.landed,
        spent=spent_by(list(known.stories.values())),
        budget_used=known.budget_used,
        approval=known.approval,
        awaits=_end_awaited(known),
    )


def _end_awaited(known: Recollection) -> str:
    """Whether a person was asked if the PRD is complete, and nothing was opened again since."""
    asked = known.approval
    is_open = any(memory.state is StoryState.PENDING for memory in known.stories.values())
    return Point.PRD.value if asked is not None and asked.word is None and not is_open else ""


def _view(known: Recollection, planned: PlannedStory, title: str, *, is_at_work: bool) -> StoryView:
    memory = known.stories[planned.story_id]
    view = view_of(
        Story(
            story_id=planned.story_id,
            title=title,
            rank=planned.rank,
            depends_on=planned.depends_on,
            verify=(),
            memory=memory,
        ),
        is_rolled_back=known.is_rolled_back,
    )
    if (
        is_at_work and memory.is_open and not view.awaits
    ):  # which command of it runs stands in no journal
        return replace(view, state=_STAGES[memory.is_claimed])
    return view

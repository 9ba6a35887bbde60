"""What the journals of a repository tell, put together for a report."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ....policies.outcomes.failure import Failure
from ....policies.values import replace
from ...core.prd.agents.review_records import NO_REVIEW, Review
from ...core.prd.memory import Memory
from ...shell.status.document import AgentStatus, PrdStatus, StatusDocument, StoryStatus
from ...shell.status.states import is_done
from ...shell.storage.found import StoreError
from ...shell.storage.history import History, read_history
from ...shell.storage.layout import Layout
from ...shell.storage.offline import ROOT_KINDS
from ...shell.storage.older import prd_as_today, root_as_today
from ...shell.storage.recollection import KINDS, NO_LIFESPAN, Lifespan, Recollection, recall
from ...shell.storage.results import NO_RUNS, Runs, runs_of
from ...shell.storage.store import read
from ..words.gaps import gaps_of
from .attempts import Attempt, attempts_of
from .costs import NO_COSTS, Costs, costs_added, story_costs
from .figures import Figures, in_all, prd_figures, story_figures
from .files import NO_FILES, Files, files_of
from .parked import Parked, parked_of
from .recent import recent
from .spans import Span, merged, spans_of

ACTIVE = "active"
_NOTHING = Figures()


class StoryLine(Struct, frozen=True, kw_only=True):
    """A story, and what it took; nothing, if it was never begun."""

    story_id: str
    title: str
    state: str
    figures: Figures
    costs: Costs = NO_COSTS
    failure: Failure | None = None  # as in the status document
    reason: str = ""
    agent: str = ""
    model: str = ""
    evidence: str = ""
    commit: str = ""
    files: Files = NO_FILES
    runs: Runs = NO_RUNS
    review: Review = NO_REVIEW
    tampering: tuple[str, ...] = ()  # of its last work, and what was written elsewhere meanwhile
    remarks: tuple[str, ...] = ()
    lifespan: Lifespan = NO_LIFESPAN
    attempts: tuple[Attempt, ...] = ()
    awaits: str = ""  # the point at which it waits for a person's word
    budget_used: str = ""
    is_held: bool = False
    worktree: str = ""  # that is kept, for people to look at

    @property
    def is_done(self) -> bool:
        """Say whether it is, with evidence or without."""
        return is_done(self.state)

    @property
    def was_done(self) -> bool:
        """Say whether nothing was to be done for it."""
        return self.is_done and self.figures.attempts == 0


class PrdPart(Struct, frozen=True, kw_only=True):
    """A PRD with its stories."""

    prd_id: str
    title: str
    state: str
    branch: str
    landed: str
    figures: Figures
    spans: tuple[Span, ...]
    stories: tuple[StoryLine, ...]
    costs: Costs = NO_COSTS
    base: str = ""
    note: str = ""  # why nothing new starts
    reasons: tuple[str, ...] = ()
    awaits: str = ""
    budget_used: str = ""
    is_held: bool = False

    @property
    def name(self) -> str:
        """Its title; nothing where that is its id: many files have but one name for both."""
        return "" if self.title == self.prd_id else self.title


class Report(Struct, frozen=True, kw_only=True):
    """Everything; `gaps` says in words what the journals can no longer tell."""

    prds: tuple[PrdPart, ...]
    figures: Figures
    costs: Costs = NO_COSTS
    gaps: tuple[str, ...] = ()
    parked: tuple[Parked, ...] = ()  # accounts whose agents were not started for a while
    agents: tuple[AgentStatus, ...] = ()  # ... and are not now
    at: float = 0.0  # when all this was so
    since: float = 0.0  # 0: from the beginning
    is_live: bool = False  # a root runs

    @property
    def spans(self) -> tuple[Span, ...]:
        """When anything was at work."""
        return merged(span for part in self.prds for span in part.spans)


def report_of(
    layout: Layout, document: StatusDocument, prd_ids: Sequence[str], *, since: float = 0.0
) -> Report:
    """Report on these PRDs; the status document has how they stand."""
    root = read_history(layout.state_dir, ROOT_KINDS, root_as_today(layout))
    is_live = document.root.pid is not None
    gaps = [*gaps_of("root", root)]
    parts: list[PrdPart] = []
    for prd in document.prds:
        if prd.id not in prd_ids:
            continue
        own = read_history(layout.prd(prd.id), KINDS, prd_as_today(layout))
        gaps += gaps_of(prd.id, own)
        now = document.at if is_live and prd.state == ACTIVE else None
        part = _part(layout, prd, root, own, now=now, since=since)
        if not since or part.spans:
            parts.append(part)
    at_work = merged(span for part in parts for span in part.spans)
    return Report(
        prds=tuple(parts),
        figures=in_all((part.figures, part.spans) for part in parts),
        costs=costs_added(part.costs for part in parts),
        gaps=tuple(gaps),
        parked=parked_of(root.records, at_work),
        agents=document.agents,
        at=document.at,
        since=since,
        is_live=is_live,
    )


def _part(
    layout: Layout,
    prd: PrdStatus,
    root: History,
    own: History,
    *,
    now: float | None,
    since: float,
) -> PrdPart:
    spans = spans_of(prd.id, root.records, own.records, now=now)
    attempts = attempts_of(own.records, spans)
    costs = story_costs(own.records, since)
    spans = tuple((max(begin, since), end) for begin, end in spans if end > since)
    records = recent(own.records, since, attempts) if since else own.records
    told = story_figures(records, spans, is_live=now is not None)
    known = _known(layout, prd.id)
    lines = []
    for story in prd.stories:
        name = story.id
        figures, cost = told.get(name, _NOTHING), costs.get(name, NO_COSTS)
        tried = tuple(each for each in attempts.get(name, ()) if each.ended >= since)
        line = _line(layout, prd.id, story, known, figures)
        lines.append(replace(line, costs=cost, attempts=tried))
    return PrdPart(
        prd_id=prd.id,
        title=prd.title,
        state=prd.state,
        branch=prd.branch,
        landed=prd.landed or "",
        figures=prd_figures(told, records, spans),
        spans=spans,
        costs=costs_added(costs.values()),
        stories=tuple(lines),
        base=prd.base,
        note=prd.note,
        reasons=prd.reasons,
        awaits=prd.awaits or "",
        budget_used=prd.budget_used or "",
        is_held=prd.held,
    )


def _line(
    layout: Layout, prd_id: str, story: StoryStatus, known: Recollection, figures: Figures
) -> StoryLine:
    memory = known.stories.get(story.id, Memory())
    is_looked_at = figures.attempts > 0
    return StoryLine(
        story_id=story.id,
        title=story.title,
        state=story.state,
        figures=figures,
        failure=story.failure,
        reason=story.reason or "",
        agent=story.agent or "",
        model=story.model or "",
        evidence=story.evidence or "",
        commit=memory.commit,
        files=files_of(memory),
        runs=runs_of(layout, prd_id, story.id, memory.attempt) if is_looked_at else NO_RUNS,
        review=memory.review,
        tampering=memory.tampering,
        remarks=memory.remarks,
        lifespan=known.lifespans.get(story.id, NO_LIFESPAN),
        awaits=story.awaits or "",
        budget_used=story.budget_used or "",
        is_held=story.held,
        worktree=story.worktree or "",
    )


def _known(layout: Layout, prd_id: str) -> Recollection:
    """What the PRD's folder remembers; where it cannot be read, status has said so."""
    try:
        return recall(read(layout.prd(prd_id), KINDS, prd_as_today(layout)))
    except StoreError:
        return Recollection()

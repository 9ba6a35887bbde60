"""The state that a PRD's core begins with: settings, plan and what the journal tells."""

from __future__ import annotations

import zlib
from pathlib import Path

from msgspec import Struct

from ....policies.approval import Point, points_of, story_points
from ....policies.supervising.spec import Backoff, Intensity, Strategy
from ....policies.values import replace
from ....workers.messages.prd import Begin
from ....workers.messages.rules import MergeRules
from ....workers.messages.rules import Strategy as Files
from ...core.otp.state import Supervisor
from ...core.prd.costs.spending import Funds
from ...core.prd.memory import StoryState
from ...core.prd.parts import Growth
from ...core.prd.state import Positions, Prd, Story
from ...prd.choosing import choices_of
from ...prd.model import Plan
from ..moments import UNKNOWN
from ..plans.accepted import Accepted, terms_of
from ..prd_limits import budget_of
from ..storage.recollection import Recollection
from .orders import verify_of
from .resuming import resuming


class Clocks(Struct, frozen=True, kw_only=True):
    """A moment: by the loop's clock, which begins with each boot, and by the wall clock."""

    now_s: float
    wall_s: float


def prd_of(begin: Begin, plan: Accepted, known: Recollection, now: Clocks) -> Prd:
    """A PRD supervisor's: the journal's memories, with the plan as it reads today."""
    limits = begin.limits
    planned = stories_of(begin, plan)
    stories = tuple(remembered(each, known, now) for each in planned)
    static = Supervisor(
        intensity=Intensity(max_restarts=limits.intensity, period_s=limits.period_s),
        backoff=Backoff(base_s=limits.backoff_base_s, cap_s=limits.backoff_cap_s),
        seed=zlib.crc32(begin.prd_id.encode()),  # PRDs that fail together come back apart
    )
    return Prd(
        prd_id=begin.prd_id,
        wanted_branch=plan.branch or f"feature/{begin.prd_id}",
        base=begin.base,
        prd_file=_inside(plan.path, begin.repository),
        adopt_branch=begin.adopt_branch,
        limits=limits,
        stories=stories,
        positions=Positions(stories),
        left=_left(known, plan),
        supervisor=static,
        workers=replace(static, strategy=Strategy(limits.strategy)),
        review=begin.agents.review,
        resuming=resuming(
            begin.agents, (choice.agent for each in stories for choice in each.choices)
        ),
        is_held=known.is_held,
        after_crash=begin.after_crash,
        went_down=begin.went_down,
        is_service=begin.is_service,
        retry=begin.retry,
        retry_stories=begin.retry_stories,
        branch=known.branch,
        title=plan.title_of(),
        base_branch=known.base_branch or begin.base_branch,
        merging=_merging(begin, known),
        asks_at_end=asks_at_end(begin, plan),
        approval=known.approval,
        is_rolled_back=known.is_rolled_back,
        funds=Funds(
            renewed=tuple((each.story_id, each.spent) for each in begin.renewed),
            run_spent=begin.run_spent,
            told=known.budget_used,
        ),
        growth=Growth(
            every_s=0.0 if begin.merging.strategy is Files.NONE else begin.merging.compare_s
        ),
    )


def remembered(story: Story, known: Recollection, now: Clocks) -> Story:
    """A story with its memory; what it has still to wait does not begin again with its supervisor.

    The wall clock alone goes on over a reboot. It may have been set: the wait is bounded.
    """
    memory = known.stories[story.story_id]
    lost_at = known.moments.get(story.story_id, UNKNOWN).since
    left_s = min(memory.wait_s, lost_at + memory.wait_s - now.wall_s)
    is_waiting = memory.state is StoryState.PENDING and not memory.is_open and left_s > 0
    return replace(story, memory=memory, not_before_s=now.now_s + left_s if is_waiting else 0.0)


def _merging(begin: Begin, known: Recollection) -> MergeRules:
    """A PRD goes where it was begun, wherever it is resumed; a branch that is named goes first."""
    into = begin.merging.into or known.base_branch or begin.base_branch
    return replace(begin.merging, into=into)


def stories_of(begin: Begin, plan: Accepted) -> tuple[Story, ...]:
    """The stories of a plan, of which nothing is known yet."""
    return tuple(
        Story(
            story_id=each.story_id,
            title=plan.title_of(each),
            rank=each.rank,
            depends_on=each.depends_on,
            after=each.after,
            mutex=each.mutex,
            needs=each.needs,
            verify=verify_of(each, plan, begin.verify),
            checks=each.checks,
            no_code=each.no_code,
            approve=story_points(begin.approve, plan.approve, each.approve),
            choices=choices_of(each, plan, begin.agents),
            budget=budget_of(each.budget, begin.limits.story_budget),
            done_in_document=each.is_done,
            recorded=each.recorded,
            skipped_in_document=each.is_skipped,
            terms=terms_of(each),
        )
        for each in plan.stories
    )


def asks_at_end(begin: Begin, plan: Plan) -> bool:
    """Say whether a person has the word over the PRD as a whole."""
    return Point.PRD in points_of(begin.approve, plan.approve)


def _left(known: Recollection, plan: Plan) -> tuple[Story, ...]:
    """What the journal knows and the plan no longer has."""
    planned = {each.story_id for each in plan.stories}
    return tuple(
        Story(story_id=name, title="", rank=0.0, depends_on=(), verify=(), memory=memory)
        for name, memory in known.stories.items()
        if name not in planned
    )


def _inside(path: str, repository: str) -> str:
    """The path relative to the checkout, or empty if it lies elsewhere."""
    found, root = Path(path).resolve(), Path(repository).resolve()
    return str(found.relative_to(root)) if found.is_relative_to(root) else ""

"""Plans as they are scheduled: with the edges that are inferred, before root accepts them."""

from __future__ import annotations

from collections.abc import Sequence

from ...prd.graph.inference import infer
from ...prd.graph.locks import with_locks
from ...prd.model import Plan
from ..run_settings import RootSettings
from ..storage.layout import Layout
from .accepted import read_accepted
from .similarities import comparison


def scheduled(layout: Layout, plans: Sequence[Plan], settings: RootSettings) -> tuple[Plan, ...]:
    """The plans with what keeps stories apart that would collide, by the settings' rules."""
    rules = settings.inference
    similar = comparison(rules, layout, is_kept=True)
    found = infer(plans, rules, around=needed_plans(layout, plans), similar=similar).plans
    return tuple(
        with_locks(plan).plan if rules.strategy_of(plan) == "file" else plan for plan in found
    )


def needed_plans(layout: Layout, plans: Sequence[Plan]) -> tuple[Plan, ...]:
    """The accepted plans of the PRDs that these need, and that those need in turn."""
    known: dict[str, Plan | None] = {plan.prd_id: plan for plan in plans}
    found: list[Plan] = []
    todo = list(plans)
    while todo:
        for story in todo.pop().stories:
            for need in story.needs:
                prd_id = need.partition("/")[0]
                if prd_id in known:
                    continue
                known[prd_id] = accepted = read_accepted(layout, prd_id)
                if accepted is not None:
                    found.append(accepted)
                    todo.append(accepted)
    return tuple(found)

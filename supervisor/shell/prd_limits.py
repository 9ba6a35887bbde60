"""The bounds of one PRD: its file overrules the configuration, and the command line both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import asdict

from ...policies.bounds import AUTO_WORKERS
from ...policies.costs.budget import Budget
from ...policies.supervising.reachable import REACHABLE, unreachable
from ...policies.supervising.spec import Backoff, Intensity
from ...policies.values import replace
from ...workers.messages.prd import Limits
from ...workers.messages.rules import MergeRules, OnFailure, Strategy
from ..prd.defect import Defect
from ..prd.documents.parse import parse
from ..prd.documents.text import decode
from ..prd.members.supervision import KEY
from ..prd.model import Parallel, Plan

ONE_AT_A_TIME = 1
STRATEGY = "parallel.conflict_strategy"  # as the command line says it


def limits_of(limits: Limits, insisted: frozenset[str], plan: Plan | None) -> Limits:
    """The bounds inside one PRD; `insisted` are those that no PRD file overrules."""
    if plan is None:
        return limits
    own = replace(limits, **_own(plan, insisted))
    return replace(own, budget=budget_of(plan.budget, limits.budget))


def budget_of(own: Budget | None, configured: Budget) -> Budget:
    """A budget of its own, with the configuration's bound of what it does not speak of."""
    if own is None:
        return configured
    return Budget(usd=own.usd or configured.usd, tokens=own.tokens or configured.tokens)


def merging_of(merging: MergeRules, insisted: frozenset[str], plan: Plan | None) -> MergeRules:
    """How a PRD's work comes together: of its strategy and of its failure it may speak itself."""
    if plan is None:
        return merging
    strategy = None if plan.parallel is None else plan.parallel.conflict_strategy
    if strategy is not None and STRATEGY not in insisted:
        merging = replace(merging, strategy=Strategy(strategy))
    if plan.on_failure is not None:
        merging = replace(merging, on_failure=OnFailure(plan.on_failure))
    return merging


def only_reachable(
    plans: Sequence[Plan], limits: Limits, insisted: frozenset[str]
) -> tuple[tuple[Plan, ...], tuple[Defect, ...]]:
    """Refuse the PRDs whose own words make their intensity one that no child can reach."""
    judged = [(plan, _problem(plan, limits, insisted)) for plan in plans]
    defects = dict.fromkeys(_defect(plan, problem) for plan, problem in judged if problem)
    return tuple(plan for plan, problem in judged if not problem), tuple(defects)


def _own(plan: Plan, insisted: frozenset[str]) -> dict[str, Any]:
    """What the PRD itself says; of two words for one bound, the one that is ours goes first."""
    parallel = plan.parallel or Parallel()
    said = {} if plan.supervision is None else asdict(plan.supervision)
    if said.get("max_workers") is None:
        said["max_workers"] = parallel.max_workers
    said["fail_fast"] = plan.fail_fast
    if parallel.enabled is False:
        said["max_workers"] = ONE_AT_A_TIME
    if said["max_workers"] is not None and "max_workers" not in insisted:
        said["auto_workers"] = said["max_workers"] == AUTO_WORKERS
        said["max_workers"] = max(0, said["max_workers"])
    return {
        name: value for name, value in said.items() if value is not None and name not in insisted
    }


def _problem(plan: Plan, limits: Limits, insisted: frozenset[str]) -> str:
    merged = limits_of(limits, insisted, plan)
    if merged == limits:
        return ""  # it is the configuration's, which has been checked
    return unreachable(
        Intensity(max_restarts=merged.intensity, period_s=merged.period_s),
        Backoff(base_s=merged.backoff_base_s, cap_s=merged.backoff_cap_s),
    )


def _defect(plan: Plan, problem: str) -> Defect:
    message = f"{KEY}: {problem}; {REACHABLE}"
    place = parse(decode(plan.source).text).place((KEY, "intensity"))
    return Defect(path=plan.path, line=place.line, column=place.column, message=message)

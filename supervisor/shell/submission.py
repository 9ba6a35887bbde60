"""Reading the PRDs that are to be run, all defects of all of them first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.root.words import PrdAccepted
from ..prd.defect import Defect
from ..prd.model import Plan
from ..prd.names import unique_ids
from ..prd.read import loose_defect, read_file
from .plans import write_accepted
from .storage.layout import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for all PRDs of one request."""

    base: str  # the commit that new ones start from
    base_branch: str = ""
    retry: bool = False
    adopt_branch: bool = False


def read_plans(
    paths: Sequence[Path], *, known_ids: Mapping[str, str], base_branch: str
) -> tuple[tuple[Plan, ...], tuple[Defect, ...]]:
    """Read PRD files; `known_ids` gives the ids of paths that were run before, which they keep."""
    plans: list[Plan] = []
    defects: list[Defect] = []
    for path in dict.fromkeys(paths):
        reading = read_file(path, base_branch=base_branch)
        defects += reading.errors
        defects += (loose_defect(reading, end) for end in reading.loose)
        plans += reading.plans
    kept = [replace(plan, prd_id=known_ids.get(plan.path, plan.prd_id)) for plan in plans]
    # A file that has moved takes its id along; one that is still there keeps it.
    elsewhere = {prd_id for path, prd_id in known_ids.items() if Path(path).exists()}
    ours = {plan.path for plan in kept if plan.path in known_ids}
    named = _unique(kept, ours, elsewhere - {plan.prd_id for plan in kept if plan.path in ours})
    return named, (*defects, *_folder_clashes(named))


def _folder_clashes(plans: Sequence[Plan]) -> list[Defect]:
    """Find ids that would share a worktree folder: slot 2 of PRD-1 is the folder PRD-1.2."""
    ids = {plan.prd_id for plan in plans}
    return [
        Defect(
            path=plan.path,
            line=1,
            column=1,
            message=f"the PRD's id is {plan.prd_id!r}, and worktrees of the PRD {stem!r} are "
            "called so; give one of them another id",
        )
        for plan in plans
        for stem, dot, slot in [plan.prd_id.rpartition(".")]
        if dot and slot.isdigit() and stem in ids
    ]


def _unique(plans: Sequence[Plan], known: set[str], taken: set[str]) -> tuple[Plan, ...]:
    """Make ids unique among each other and against PRDs that are known from other files.

    Those of `known` paths keep theirs, wherever they stand: journal and branches go by the id.
    """
    holders = [
        Plan(prd_id=prd_id, title="", path=f"//{prd_id}", stories=()) for prd_id in sorted(taken)
    ]
    first = sorted(plans, key=lambda plan: plan.path not in known)
    named = {plan.path: plan for plan in unique_ids([*holders, *first])}
    return tuple(named[plan.path] for plan in plans)


def accept(layout: Layout, plans: Sequence[Plan], terms: Terms) -> tuple[PrdAccepted, ...]:
    """Write the plans as they were read, for the PRD supervisors; say what root is to run."""
    accepted: list[PrdAccepted] = []
    for plan in plans:
        write_accepted(layout, plan)
        accepted.append(
            PrdAccepted(
                prd_id=plan.prd_id,
                title=plan.title,
                path=plan.path,
                base=terms.base,
                adopt_branch=terms.adopt_branch,
                retry=terms.retry,
            )
        )
    return tuple(accepted)

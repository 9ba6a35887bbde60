"""Names that PRDs have in common."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..defect import quoted
from ..model import Plan
from .remark import Remark

BRANCH = ("branchName", "branch")
PRD_ID = ("id", "prdId")
DEFAULT_BRANCH = "feature/"


def branch_remarks(plans: Sequence[Plan]) -> Iterable[Remark]:
    """Branches that two PRDs ask for: the second one gets a number."""
    first: dict[str, Plan] = {}
    for plan in plans:
        branch = plan.branch or f"{DEFAULT_BRANCH}{plan.prd_id}"
        holder = first.setdefault(branch, plan)
        if holder is not plan:
            yield Remark(
                plan=plan,
                keys=BRANCH,
                code="branch-twice",
                message=f"the branch {quoted(branch)} is the PRD {holder.prd_id!r}'s too, and who "
                "comes second gets a number behind it; give each its own branchName",
            )


def id_remarks(plans: Sequence[Plan], read_ids: Sequence[str]) -> Iterable[Remark]:
    """PRDs whose own id another one had first; `read_ids` are what the files say."""
    taken = {plan.prd_id.casefold() for plan in plans}
    for plan, read_id in zip(plans, read_ids, strict=True):
        # A file that was run before keeps the id that it had then, whatever it says now.
        if plan.prd_id != read_id and read_id.casefold() in taken:
            yield Remark(
                plan=plan,
                keys=PRD_ID,
                code="id-taken",
                message=f"another PRD is called {quoted(read_id)} already, so that this one runs "
                f"as {plan.prd_id!r}; give it an id of its own",
            )

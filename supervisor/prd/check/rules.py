"""Every remark on PRDs that could be read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..model import Plan
from .agents import agent_remarks
from .evidence import evidence_remarks
from .names import branch_remarks, id_remarks
from .overlap import overlap_remarks
from .remark import Around, Remark
from .waits import wait_remarks


def remarks(
    plans: Sequence[Plan], read_ids: Sequence[str], around: Around, flawed: Sequence[Plan] = ()
) -> Iterable[Remark]:
    """Look at each PRD, and at all of them together; `read_ids` are what their files call `plans`.

    Of `flawed` ones, which have errors, the rest is told at once.
    """
    for plan in (*plans, *flawed):
        yield from evidence_remarks(plan, around)
        yield from agent_remarks(plan, around)
        yield from overlap_remarks(plan, around)
    yield from wait_remarks((*plans, *flawed))
    yield from branch_remarks((*plans, *flawed))
    yield from id_remarks(plans, read_ids)

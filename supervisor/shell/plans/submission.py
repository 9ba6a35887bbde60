"""Reading the PRDs that are to be run, all defects of all of them first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from msgspec import Struct

from ....policies.values import replace
from ...core.root.records import PrdAccepted
from ...prd.check.across import settled
from ...prd.defect import Defect, Severity
from ...prd.model import Plan, PlannedStory
from ...prd.read import Reading, read_file
from ..storage.layout import Layout
from .accepted import write_accepted
from .identity import Known, named
from .neighbours import Neighbours


class Terms(Struct, frozen=True, kw_only=True):
    """What holds for all PRDs of one request."""

    base: str  # the commit that new ones start from
    base_branch: str = ""
    retry: bool = False
    adopt_branch: bool = False


class ReadTogether(Struct, frozen=True, kw_only=True):
    """PRD files as they were read beside each other.

    The plans bear the ids under which they run, and say which stories of other PRDs they need;
    `flawed` are those that an error keeps from being run, as far as they could be read.
    """

    readings: tuple[Reading, ...]
    plans: tuple[Plan, ...]
    flawed: tuple[Plan, ...]
    read_ids: tuple[str, ...]  # what the files themselves call the plans
    defects: tuple[Defect, ...]  # of all severities

    @property
    def errors(self) -> tuple[Defect, ...]:
        """The defects that keep PRDs from being run."""
        return tuple(each for each in self.defects if each.severity is Severity.ERROR)


def read_plans(
    paths: Sequence[Path],
    *,
    known: Known,
    base_branch: str,
    neighbours: Callable[[], Neighbours] = Neighbours,
) -> tuple[tuple[Plan, ...], tuple[Defect, ...]]:
    """Read PRD files; what was run before keeps its id."""
    read = read_together(paths, known=known, base_branch=base_branch, neighbours=neighbours)
    return read.plans, read.errors


def read_together(
    paths: Sequence[Path],
    *,
    known: Known,
    base_branch: str,
    neighbours: Callable[[], Neighbours] = Neighbours,
) -> ReadTogether:
    """Read PRD files, and say everything that is wrong with them.

    The `neighbours` are asked for, if a PRD depends on a story that it does not have.
    """
    asked = [read_file(path, base_branch=base_branch) for path in dict.fromkeys(paths)]
    near = neighbours() if any(reading.loose for reading in asked) else Neighbours()
    ours = {reading.path for reading in asked}
    beside = [read_file(path) for path in near.paths if path not in ours]
    readings = [*asked, *beside]
    read = [plan for reading in readings for plan in reading.plans]
    flawed = [plan for reading in readings for plan in reading.flawed]
    plans, loose = settled(named(read, known), readings, near.plans, flawed)
    count = sum(len(reading.plans) for reading in asked)
    untied = tuple(defect for defect in loose if Path(defect.path) in ours)
    # As at reading: a file with an error has no PRD that could be run.
    bad = {defect.path for defect in untied}
    order = {str(reading.path): at for at, reading in enumerate(asked)}
    found = [*(defect for reading in asked for defect in reading.defects), *untied]
    found.sort(key=lambda each: (order[each.path], each.line, each.column))
    kept = [at for at, plan in enumerate(plans[:count]) if plan.path not in bad]
    return ReadTogether(
        readings=tuple(asked),
        plans=_freed([plans[at] for at in kept], plans[count:]),
        flawed=(
            *(plan for reading in asked for plan in reading.flawed),
            *(plan for plan in plans[:count] if plan.path in bad),
        ),
        read_ids=tuple(read[at].prd_id for at in kept),
        defects=(*found, *_folder_clashes(plans[:count])),
    )


def _freed(plans: Sequence[Plan], beside: Sequence[Plan]) -> tuple[Plan, ...]:
    """Let nobody wait for what another file marks as done, whose PRD is not to be run."""
    done = {
        f"{each.prd_id}/{one.story_id}" for each in beside for one in each.stories if one.is_done
    }
    return tuple(
        replace(plan, stories=tuple(_free(each, done) for each in plan.stories)) for plan in plans
    )


def _free(story: PlannedStory, done: Collection[str]) -> PlannedStory:
    return replace(story, needs=tuple(need for need in story.needs if need not in done))


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


def accept(
    layout: Layout, plans: Sequence[Plan], terms: Terms, hide: Callable[[str], str]
) -> tuple[PrdAccepted, ...]:
    """Write the plans as they were read, for the PRD supervisors; say what root is to run.

    `hide` makes of a text one that may be shown.
    """
    accepted: list[PrdAccepted] = []
    for plan in plans:
        write_accepted(layout, plan, hide)
        accepted.append(
            PrdAccepted(
                prd_id=plan.prd_id,
                title=hide(plan.title),
                path=plan.path,
                part=plan.part,
                base=terms.base,
                adopt_branch=terms.adopt_branch,
                retry=terms.retry,
                base_branch=terms.base_branch,
                stories=len(plan.stories),
            )
        )
    return tuple(accepted)

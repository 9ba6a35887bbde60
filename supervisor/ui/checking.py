"""What `check` says of PRDs that were read; `start` asks the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from ...policies.counting import counted
from ...policies.values import replace
from ..prd.check.remark import Around
from ..prd.check.rules import remarks
from ..prd.check.sites import Sites
from ..prd.defect import Defect, Severity
from ..shell.plans.submission import ReadTogether
from .settings.config import Settings
from .settings.tree import agent_rules


class Summary(Struct, frozen=True, kw_only=True):
    """How much was found in how much."""

    errors: int
    warnings: int
    hints: int
    files: int
    prds: int
    stories: int

    def __str__(self) -> str:
        found = ", ".join(
            (
                counted(self.errors, "error"),
                counted(self.warnings, "warning"),
                counted(self.hints, "hint"),
            )
        )
        held = f"{counted(self.stories, 'story')} in {counted(self.prds, 'PRD')}"
        return f"{found} in {counted(self.files, 'file')}; {held}"


def around_of(settings: Settings | None, top: Path) -> Around:
    """What the settings of this checkout say, as far as a remark asks; None: they are broken."""
    effective = settings or Settings()
    return Around(
        verify=None if settings is None else settings.verify.commands,
        agents=None if settings is None else agent_rules(settings, top),
        inference=effective.parallel.inference,
        strategy=effective.parallel.conflict_strategy,
    )


def findings_of(read: ReadTogether, around: Around) -> tuple[Defect, ...]:
    """Every defect of the PRDs, at its place; what was found at reading comes first."""
    sites = Sites()
    found = remarks(read.plans, read.read_ids, around, read.flawed)
    return (*read.defects, *(sites.defect(remark) for remark in found))


def warnings_of(read: ReadTogether, around: Around) -> tuple[str, ...]:
    """The warnings alone, without their places."""
    found = [each.message for each in read.defects if each.severity is Severity.WARNING]
    told = remarks(read.plans, read.read_ids, around)
    return (*found, *(each.message for each in told if each.severity is Severity.WARNING))


def in_order(defects: Sequence[Defect], *, is_strict: bool) -> tuple[Defect, ...]:
    """The defects by file and line, each once; warnings become errors if that is wanted."""
    ranked = sorted(set(defects), key=lambda each: (each.path, each.line, each.column))
    if not is_strict:
        return tuple(ranked)
    return tuple(
        replace(each, severity=Severity.ERROR) if each.severity is Severity.WARNING else each
        for each in ranked
    )


def summary_of(
    defects: Sequence[Defect], read: ReadTogether, other_files: Sequence[str] = ()
) -> Summary:
    """Count the defects, the files that they may stand in, and what is in these."""
    counts = dict.fromkeys(Severity, 0)
    for defect in defects:
        counts[defect.severity] += 1
    plans = (*read.plans, *read.flawed)
    files = {str(reading.path) for reading in read.readings}
    return Summary(
        errors=counts[Severity.ERROR],
        warnings=counts[Severity.WARNING],
        hints=counts[Severity.HINT],
        files=len(files.union(other_files)),
        prds=len(plans),
        stories=sum(len(plan.stories) for plan in plans),
    )

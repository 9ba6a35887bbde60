"""What is counted over the merges of a repository."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bench.import_conflicts import Imports
from bench.merge_history import Merge
from prd_supervise.workers.messages.merging import Conflict, Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One merge, as the product sees it."""

    merge: Merge
    shares_file: bool
    conflicts: tuple[str, ...]
    explained: tuple[Conflict, ...]
    layer: Mapping[str, str]
    findings: tuple[Finding, ...]
    is_as_committed: bool
    judged_s: float
    imports: Imports

    @classmethod
    def of_imports(cls, merge: Merge, imports: Imports, conflicts: tuple[str, ...]) -> Seen:
        """A merge of which only the imports were looked at."""
        return cls(
            merge=merge,
            shares_file=False,
            conflicts=conflicts,
            explained=(),
            layer={},
            findings=(),
            is_as_committed=True,
            judged_s=0.0,
            imports=imports,
        )


@dataclass(slots=True)
class Rule:
    """How often a rule was right; it flags merges, and git's own merge says which conflict."""

    hits: int = 0
    false: int = 0

    def add(self, *, is_flagged: bool, is_conflict: bool) -> None:
        """One merge."""
        self.hits += is_flagged and is_conflict
        self.false += is_flagged and not is_conflict


@dataclass(slots=True)
class Counts:
    """All of one repository."""

    name: str
    imports_only: bool = False
    merges: int = 0
    conflicting: int = 0
    several_bases: int = 0
    amended: int = 0
    sharing: int = 0
    regions: int = 0
    with_lines: int = 0
    with_entity: int = 0
    code_regions: int = 0
    code_with_entity: int = 0
    rules: dict[str, Rule] = field(default_factory=lambda: {"file": Rule(), "entity": Rule()})
    doubted: Counter[str] = field(default_factory=Counter)
    judged_s: list[float] = field(default_factory=list)
    imports: Imports = field(default_factory=Imports)

    @property
    def clean(self) -> int:
        """Merges that git joins."""
        return self.merges - self.conflicting

    def add(self, seen: Seen) -> None:
        """Count one merge."""
        is_conflict = bool(seen.conflicts)
        self.merges += 1
        self.conflicting += is_conflict
        self.several_bases += seen.merge.bases > 1
        self.sharing += seen.shares_file
        self.rules["file"].add(is_flagged=seen.shares_file, is_conflict=is_conflict)
        self.rules["entity"].add(is_flagged=bool(seen.layer), is_conflict=is_conflict)
        self.judged_s.append(seen.judged_s)
        self.imports.add(seen.imports)
        if is_conflict:
            self._explained(seen.explained)
            return
        self.amended += not seen.is_as_committed
        blocking = {finding.rule for finding in seen.findings if finding.is_blocking}
        told = {finding.rule for finding in seen.findings if not finding.is_blocking}
        self.doubted.update(f"{rule}, blocks" for rule in blocking)
        self.doubted.update(f"{rule}, told" for rule in told)
        self.doubted["any that blocks"] += bool(blocking)
        self.doubted["any at all"] += bool(blocking or told - {"not judged"})

    def _explained(self, explained: tuple[Conflict, ...]) -> None:
        for conflict in explained:
            self.regions += 1
            self.with_lines += bool(conflict.right[0])
            self.with_entity += bool(conflict.entity)
            if conflict.path.endswith((".py", ".rs", ".ts", ".tsx", ".js", ".jsx", ".mjs")):
                self.code_regions += bool(conflict.right[0])
                self.code_with_entity += bool(conflict.entity)

    @classmethod
    def total(cls, parts: Sequence[Counts]) -> Counts:
        """All of them as one."""
        whole = cls(name="all", imports_only=all(part.imports_only for part in parts))
        for part in parts:
            for name in _NUMBERS:
                setattr(whole, name, getattr(whole, name) + getattr(part, name))
            for name, rule in part.rules.items():
                whole.rules[name].hits += rule.hits
                whole.rules[name].false += rule.false
            whole.doubted.update(part.doubted)
            whole.judged_s += part.judged_s
            whole.imports.add(part.imports)
        return whole

    def shares(self) -> Iterator[tuple[str, int, int]]:
        """What is printed: a name, how many, and of how many."""
        yield "merges", self.merges, self.merges
        yield (
            "of them in conflict",
            self.conflicting,
            self.merges,
        )
        if not self.imports_only:
            yield from self._judged()
        imports = self.imports
        yield "imports alone in conflict, comparable", imports.comparable, imports.regions
        yield "imports: the developers did more in the file", imports.amended, imports.comparable
        yield "imports: of the others, as the developers", imports.plain_equal, imports.plain
        yield "imports: theirs has more, which it does not use", imports.left_over, imports.plain
        yield "imports: of all, as the developers", imports.equal, imports.comparable
        yield "imports: of all, left to a re-run", imports.unresolved, imports.comparable
        yield "imports, no other conflict in the file: as they", imports.alone_equal, imports.alone
        yield "whole files, byte for byte", imports.same_files, imports.files

    def _judged(self) -> Iterator[tuple[str, int, int]]:
        yield "of them with several bases", self.several_bases, self.merges
        yield "clean, and committed as we merge it", self.clean - self.amended, self.clean
        for name, rule in self.rules.items():
            yield f"{name}: recall", rule.hits, self.conflicting
            yield f"{name}: flagged, and no conflict", rule.false, rule.false + rule.hits
            yield f"{name}: clean merges flagged", rule.false, self.clean
        for name in sorted(self.doubted):
            yield f"clean, doubted: {name}", self.doubted[name], self.clean
        yield "conflicts told with lines", self.with_lines, self.regions
        yield "conflicts in code told with entity", self.code_with_entity, self.code_regions

    def document(self) -> dict[str, object]:
        """For a JSON file."""
        return {
            "name": self.name,
            "judged_ms": self.judged_ms,
            **{name: {"n": count, "of": whole} for name, count, whole in self.shares()},
        }

    @property
    def judged_ms(self) -> dict[str, float]:
        """Processor time of one merge's judging, without git's."""
        times = sorted(self.judged_s) or [0.0]
        return {
            "median": statistics.median(times) * 1000,
            "p99": times[int(0.99 * (len(times) - 1))] * 1000,
        }


_NUMBERS = (
    *("merges", "conflicting", "several_bases", "amended", "sharing", "regions"),
    *("with_lines", "with_entity", "code_regions", "code_with_entity"),
)


def rows(counts: Sequence[Counts]) -> Iterator[str]:
    """A table: a line a share, a column a repository."""
    named = [{name: _share(n, of) for name, n, of in one.shares()} for one in counts]
    lines = {name: [one.get(name, "-") for one in named] for one in named for name in one}
    for what in ("median", "p99"):
        title = f"judging, processor time, {what}"
        lines[title] = [f"{one.judged_ms[what]:.0f} ms" for one in counts]
    width = max(len(name) for name in lines)
    for name, cells in {"": [one.name for one in counts], **lines}.items():
        yield "  ".join((name.ljust(width), *(cell.rjust(18) for cell in cells)))


def _share(count: int, whole: int) -> str:
    return f"{count}/{whole} {100 * count / whole:5.1f} %" if whole else "-"

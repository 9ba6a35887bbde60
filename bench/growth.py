"""What a tree takes as it goes: processes and files, sampled, and whether any of it grows."""

from __future__ import annotations

import os
import statistics
import subprocess
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

MIB, KIB = 1 << 20, 1 << 10
FLAT_SHARE = 0.05  # of what it takes anyway, within a thousand stories
WARM_SHARE = 0.2  # of the run: until then everything comes into being
_STORIES_A_SLOPE = 1000
_LEAST = {"MiB": 0.5, "KiB": 64.0, "": 2.0}  # what is no growth whatever its share: one page more

Figures = dict[str, float]  # by name, as `root: USS, MiB`


@dataclass(slots=True)
class Series:
    """All samples of a run: at how many stories, and each figure then."""

    stories: list[float] = field(default_factory=list)
    figures: list[Figures] = field(default_factory=list)

    def add(self, stories: float, figures: Figures) -> None:
        """Take a sample."""
        self.stories.append(stories)
        self.figures.append(figures)

    def lines(self) -> list[tuple[str, ...]]:
        """A line a figure: first, last, largest, the slope of a thousand stories, the verdict."""
        names = dict.fromkeys(name for each in self.figures for name in each)
        return [line for name in names if (line := self._line(name))]

    def _line(self, name: str) -> tuple[str, ...]:
        points = [
            (at, each[name])
            for at, each in zip(self.stories, self.figures, strict=True)
            if name in each and at >= WARM_SHARE * self.stories[-1]
        ]
        if len({at for at, _ in points}) < 3:  # noqa: PLR2004  no line without three points
            return ()
        values = [value for _, value in points]
        a_story = statistics.linear_regression([at for at, _ in points], values).slope
        slope, unit = a_story * _STORIES_A_SLOPE, name.partition(", ")[2]
        share = FLAT_SHARE * statistics.median(values)
        is_flat = slope <= max(share, _LEAST.get(unit, 0.0))
        shown = (values[0], values[-1], max(values), slope)
        return (name, *(f"{each:,.1f}" for each in shown), "flat" if is_flat else "GROWS")


def processes(root_pid: int) -> Figures:
    """Of each kind of process: how many, the largest memory, descriptors and threads of one."""
    found: dict[str, list[psutil.Process]] = defaultdict(list)
    with suppress(psutil.Error):
        root = psutil.Process(root_pid)
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.Error):
                title = " ".join(process.cmdline())
                if title.startswith("prd-supervise: "):
                    found[title.removeprefix("prd-supervise: ").split(" ")[0]].append(process)
    figures: Figures = {}
    for kind, each in sorted(found.items()):
        about = [measured for process in each if (measured := _measured(process))]
        for name in about[0] if about else ():
            figures[f"{kind}: {name}"] = max(one[name] for one in about)
    return figures


def _measured(process: psutil.Process) -> Figures:
    try:
        memory = process.memory_full_info()
        return {
            "USS, MiB": memory.uss / MIB,
            "RSS, MiB": memory.rss / MIB,
            "descriptors, ": float(process.num_fds()),
            "threads, ": float(process.num_threads()),
        }
    except psutil.Error:  # it has just ended
        return {}


def files(repository: Path) -> Figures:
    """Sizes below the state folder by kind of file, and how many files, refs and worktrees."""
    sizes: dict[str, int] = defaultdict(int)
    state, count = repository / ".prd-supervise", 0
    for top, folders, names in os.walk(state):
        if Path(top) == state and "worktrees" in folders:
            folders.remove("worktrees")
        for name in names:
            count += 1
            with suppress(OSError):
                size = os.lstat(f"{top}/{name}").st_size
                sizes[_kind(Path(top).relative_to(state), name)] += size
    git = repository / ".git"
    return {
        **{f"{kind}, KiB": size / KIB for kind, size in sorted(sizes.items())},
        "files below .prd-supervise, ": float(count),
        "refs, ": float(_count(repository, "for-each-ref", "--format=%(refname)")),
        "loose objects, ": float(sum(len(each[2]) for each in os.walk(git / "objects"))),
        "worktrees, ": float(len(list((git / "worktrees").glob("*")))),
    }


def _kind(folder: Path, name: str) -> str:
    if folder.name == "history":
        name = "history"
    where = folder.parts[0] if folder.parts else ""
    if "stories" in folder.parts:
        return "attempts and homes"
    if where == "plans":
        return "plans"
    stem = name.split(".jsonl")[0].split(".log")[0].removeprefix(".").removesuffix(".new")
    return f"{'PRDs' if where else 'root'}: {stem}"


def _count(repository: Path, *command: str) -> int:
    found = subprocess.run(
        ("git", *command), cwd=repository, stdout=subprocess.PIPE, text=True, check=False
    )
    return len(found.stdout.splitlines())


def rendered(lines: Sequence[Sequence[str]]) -> str:
    """The table, its columns aligned."""
    headings = ("what", "first", "last", "most", "per 1,000 stories", "")
    table = [headings, *lines]
    widths = [max(len(line[at]) for line in table) for at in range(len(headings))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in table
    )


def growing(lines: Sequence[Sequence[str]]) -> Mapping[str, str]:
    """What grows: its slope by its name."""
    return {line[0]: line[4] for line in lines if line[5] != "flat"}

"""Conflicts: the real merges of repositories, replayed through the product's own code.

    .venv/bin/python bench/conflicts.py REPO... [--max-merges N] [--story-sized] [--json FILE]

A REPO is a git directory or a checkout. Nothing is written into it: what is merged goes into a
scratch store. bench/README.md says what is counted, and what came out.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import click

from bench.conflict_counts import Counts, Seen, rows
from bench.entity_layer import foreseen
from bench.import_conflicts import import_conflicts
from bench.merge_history import History, Merge
from prd_supervise.workers.git.commands import GitRefused
from prd_supervise.workers.git.merging.changed import changed
from prd_supervise.workers.git.merging.joining import join
from prd_supervise.workers.git.merging.judging import judge

STORY_FILES_MAX = 20


@click.command()
@click.argument("repos", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--max-merges", default=500, help="of one repository, drawn by the seed")
@click.option("--story-sized", is_flag=True, help=f"at most {STORY_FILES_MAX} files a side")
@click.option("--imports-only", is_flag=True, help="only how conflicts in imports are resolved")
@click.option("--seed", default=1)
@click.option("--seconds", default=600.0, help="for one repository; what was seen by then counts")
@click.option("--show", default=0, help="print this many findings that block")
@click.option("--json", "json_file", type=click.Path(path_type=Path))
def main(  # noqa: PLR0913  one argument an option
    repos: tuple[Path, ...],
    max_merges: int,
    *,
    story_sized: bool,
    imports_only: bool,
    seed: int,
    seconds: float,
    show: int,
    json_file: Path | None,
) -> None:
    """Replay the merges of each repository; print a table, and all of them together."""
    all_counts = []
    for repo in repos:
        with tempfile.TemporaryDirectory(prefix="prd-supervise-bench-") as scratch:
            history = History.open(repo, Path(scratch))
            counts = Counts(name=_name(repo), imports_only=imports_only)
            replayed = _replayed(
                history,
                max_merges=max_merges,
                seed=seed,
                is_small=story_sized,
                imports_only=imports_only,
                deadline_s=time.monotonic() + seconds,
            )
            for seen in replayed:
                counts.add(seen)
                for finding in seen.findings if show else ():
                    if finding.is_blocking and show:
                        show -= 1
                        click.echo(f"{seen.merge.commit[:10]} {finding}")
            all_counts.append(counts)
            click.echo(f"{counts.name}: {counts.merges} merges", err=True)
    if len(all_counts) > 1:
        all_counts.append(Counts.total(all_counts))
    for line in rows(all_counts):
        click.echo(line)
    if json_file is not None:
        document = [counts.document() for counts in all_counts]
        json_file.write_text(json.dumps(document, indent=2) + "\n")


def _name(repo: Path) -> str:
    """The repository's own name, whatever its git directory is called."""
    folder = repo.resolve()
    return folder.parent.name if folder.name in {".git", "repo"} else folder.name


def _replayed(
    history: History,
    *,
    max_merges: int,
    seed: int,
    is_small: bool,
    imports_only: bool,
    deadline_s: float,
) -> Iterator[Seen]:
    done = 0
    for merge in history.merges(seed=seed):
        if done == max_merges or time.monotonic() > deadline_s:
            return
        try:
            seen = _seen(history, merge, is_small=is_small, imports_only=imports_only)
        except GitRefused as error:
            click.echo(f"{merge.commit[:10]}: {error}", err=True)
            continue
        if seen is not None:
            done += 1
            yield seen


def _seen(history: History, merge: Merge, *, is_small: bool, imports_only: bool) -> Seen | None:
    git = history.git
    ours, theirs = (changed(git, merge.base, side) for side in (merge.left, merge.right))
    if is_small and max(len(ours), len(theirs)) > STORY_FILES_MAX:
        return None
    joined = join(git, merge.left, merge.right)
    if imports_only:
        return Seen.of_imports(merge, import_conflicts(history, merge, joined), joined.conflicts)
    layer = foreseen(git, left=merge.left, right=merge.right)
    began_s = history.clock()
    judged = judge(git, left=merge.left, right=merge.right, joined=joined, budget_s=30.0)
    return Seen(
        merge=merge,
        shares_file=bool(ours.keys() & theirs.keys()),
        conflicts=joined.conflicts,
        explained=judged.conflicts,
        layer=layer,
        findings=judged.findings,
        is_as_committed=joined.tree == history.tree(merge.commit),
        judged_s=history.clock() - began_s,
        imports=import_conflicts(history, merge, joined),
    )


if __name__ == "__main__":
    main()

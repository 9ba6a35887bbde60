"""The named crash points: which there are at which level, and what a crash at one must leave whole.

A point's name is `role:what.before` or `role:what.after`. They are passed by the system calls of a
tree that runs (hook/sitecustomize.py); a new kind of call has to be added here.
"""

from __future__ import annotations

import signal
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.oracle import check, is_complete, wait_gone, words_to_go_on
from tests.chaos.scene import Scene, scene
from tests.support.tree_run import Run

RESUMES_MAX = 5
PRDS, STORIES = 2, 3

# What each level does, once before and once after: (role, point, what it is).
CALLS = (
    ("root", "journal.append", "a record of root's is written, not yet durable"),
    ("root", "journal.sync", "fdatasync: from here on it is acknowledged"),
    ("root", "rename.version", "the state says of which version it is"),
    ("root", "rename.plan", "a PRD's plan, as accepted, takes its place"),
    ("root", "rename.registry", "the public registry is replaced"),
    ("root", "rename.snapshot", "root's snapshot takes the place of the one before"),
    ("root", "rename.history", "the journal becomes history, because the snapshot holds it"),
    ("root", "rename.journal", "an empty journal takes its place"),
    ("root", "rename.metrics", "the figures so far take the place of those before"),
    ("root", "spawn.process", "a PRD supervisor is started"),
    ("root", "signal", "a signal to a child, or to multiprocessing's tracker at the end"),
    ("prd", "journal.append", "a record of a PRD's is written, not yet durable"),
    ("prd", "journal.sync", "fdatasync: from here on it is acknowledged"),
    ("prd", "rename.snapshot", "the PRD's snapshot takes the place of the one before"),
    ("prd", "rename.history", "the journal becomes history, because the snapshot holds it"),
    ("prd", "rename.journal", "an empty journal takes its place"),
    ("prd", "rename.accepted", "the PRD file as the branch is to have it takes its place"),
    ("prd", "rename.marked", "the PRD file with a story marked takes its place"),
    ("prd", "rename.implementation-log", "the log of outcomes takes the place of the one before"),
    ("prd", "spawn.process", "an integrator, a worker or a spare is started"),
    ("prd", "signal", "strays of a dead worker are killed"),
    ("worker", "spawn.command", "an agent or a verify command is started"),
    ("worker", "signal", "the group of a job is killed"),
    ("worker", "rename.prd-supervise", "the note that a worktree is set up takes its place"),
    ("git", "git.worktree", "git worktree add, remove or prune"),
    ("git", "git.commit", "git commit in a worktree"),
    ("git", "git.commit-tree", "a commit that no branch shows yet"),
    ("git", "git.merge-tree", "a merge that touches no branch"),
    ("git", "git.update-ref", "the PRD's branch moves, or a salvage ref is made"),
    ("git", "git.rollback", "the branch of a PRD that failed goes back to where it began"),
    ("git", "git.landing", "the branch moves that completed PRDs go into"),
    ("git", "rename.prd-supervise", "the note on whose a worktree is takes its place"),
)
POINTS = tuple(f"{role}:{what}.{when}" for role, what, _ in CALLS for when in ("before", "after"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Crash:
    """What came of a crash at a point."""

    was_reached: bool
    resumes: int
    gone_s: float  # the longest time until nobody was left


def crash_at(folder: Path, at: str) -> Crash:
    """Run the tree with this crash in it (`role:point:n`), resume until done, check everything."""
    with scene(folder, prds=PRDS, stories=STORIES, crash_at=at, goes_back=True) as made:
        resumes, gone_s = 0, 0.0
        code = _run_and_stop(made)
        while True:
            gone_s = max(gone_s, wait_gone(made))
            if code == 0 and is_complete(made):
                break
            assert resumes < RESUMES_MAX, f"{at}: it never ends: {made.tree.told()}"
            resumes += 1
            code = _run(made.tree.begin(*words_to_go_on(made)))
        was_reached = (folder / "crashed").exists()
        if was_reached and resumes == 0:  # it healed itself; resume finds nothing to do
            made.tree.run("resume", code=0)
        check(made)
    return Crash(was_reached=was_reached, resumes=resumes, gone_s=gone_s)


def passed(folder: Path) -> Counter[str]:
    """Run the tree without a crash, in two halves; say which points it passes how often."""
    with scene(folder, prds=PRDS, stories=STORIES, crash_at="", goes_back=True) as made:
        _run_and_stop(made)
        for _ in range(RESUMES_MAX):
            _run(made.tree.begin(*words_to_go_on(made)))
            wait_gone(made)
            if is_complete(made):
                break
        check(made)
    return Counter((folder / "points").read_text(encoding="utf-8").split())


def _run_and_stop(made: Scene) -> int | None:
    """Run the first half of the night: a stop in the middle shows the points of a second life."""
    run = made.tree.begin("start", "--grace-s", "1")
    made.tree.wait(lambda: run.is_over or made.tree.events("merged"), "a first merge", run)
    if not run.is_over:
        run.signal(signal.SIGTERM)
    return _run(run)


def _run(run: Run) -> int | None:
    run.wait_exit(None)
    return run.code

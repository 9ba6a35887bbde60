"""Trial merges of stories at work: what a look at three worktrees costs the integrator."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path

from bench.table import Row, row
from prd_supervise.workers.git.merging.grown import moved
from prd_supervise.workers.git.merging.scratch import Scratch
from prd_supervise.workers.git.merging.trial import places_between
from prd_supervise.workers.git.place import open_place
from prd_supervise.workers.git.repository import PrdRepository
from prd_supervise.workers.messages.git import OpenBranch, Prepare
from prd_supervise.workers.messages.growth import CompareStories, Growing
from prd_supervise.workers.messages.rules import Strategy

STORIES = 3
FOLDER_FILES = 100
MERGES = 20
GOAL_MS = 20.0


def measure(*, quick: bool) -> list[Row]:
    """Compare three stories that change one file, in repositories of two sizes."""
    rows = []
    for count in (2_000, 20_000):
        with tempfile.TemporaryDirectory(prefix="prd-bench-") as folder:
            rows += _measured(Path(folder).resolve(), count, looks=5 if quick else 20)
    return rows


def _measured(top: Path, files: int, *, looks: int) -> list[Row]:
    repository = _repository(top, files)
    stories = _stories(top, repository)
    paths = [Path(each.worktree) for each in stories]
    request = CompareStories(stories=stories)
    _look(repository, request)
    changed, same = [], []
    for number in range(looks):
        for at, path in enumerate(paths):
            (path / "folder0" / "file0.py").write_text(f"value = {number} + {at}\n")
        changed.append(_look(repository, request))
        same.append(_look(repository, request))
    name = f"{STORIES} worktrees of {files:,} files"
    return [
        row(f"{name}: a trial merge, its conflict explained", _merges(top, stories), goal=GOAL_MS),
        row(f"{name}: a look where each has changed", changed),
        row(f"{name}: a look where none has", same),
    ]


def _look(repository: PrdRepository, request: CompareStories) -> float:
    """The time of a whole look, however many requests that takes."""
    began_s = time.perf_counter()
    answer = repository.compare(request)
    while not answer.is_complete:
        answer = repository.compare(CompareStories(stories=request.stories, goes_on=True))
    if answer.problem or len(answer.stories) != STORIES:
        raise RuntimeError(f"not compared: {answer}")
    return time.perf_counter() - began_s


def _merges(top: Path, stories: tuple[Growing, ...]) -> list[float]:
    """The times of single merges of what two stories have committed."""
    place = open_place(
        top / "repository",
        worktrees=top / "worktrees",
        prd_id="PRD",
        lock_path=top / "lock",
        timeout_s=60.0,
    )
    heads = []
    for each in stories:
        _git(top, Path(each.worktree), "commit", "--quiet", "--all", "-m", "so far")
        heads.append(_git(top, Path(each.worktree), "rev-parse", "HEAD"))
    scratch = Scratch(place)
    scratch.open()
    git = scratch.git()
    one, other = (moved(git, head, stories[0].base) for head in heads[:2])
    taken = []
    for _ in range(MERGES):
        began_s = time.perf_counter()
        found = places_between(git, one, other, Strategy.ENTITY, budget_s=1.0)
        taken.append(time.perf_counter() - began_s)
        if not found:
            raise RuntimeError("no conflict was found")
    scratch.remove()
    return taken


def _repository(top: Path, files: int) -> PrdRepository:
    checkout = top / "repository"
    for number in range(files // FOLDER_FILES):
        folder = checkout / f"folder{number}"
        folder.mkdir(parents=True)
        for at in range(FOLDER_FILES):
            (folder / f"file{at}.py").write_text(f"value = {at}\n\n\ndef f():\n    return {at}\n")
    _git(top, checkout, "init", "--quiet", "--initial-branch=main")
    _git(top, checkout, "config", "user.name", "bench")
    _git(top, checkout, "config", "user.email", "bench@localhost")
    _git(top, checkout, "add", "--all")
    _git(top, checkout, "commit", "--quiet", "-m", "bench")
    return PrdRepository(checkout, top / "worktrees", "PRD", top / "lock")


def _stories(top: Path, repository: PrdRepository) -> tuple[Growing, ...]:
    base = _git(top, top / "repository", "rev-parse", "HEAD")
    repository.open_branch(
        OpenBranch(prd_id="PRD", wanted_branch="feature/PRD", base=base, prd_file="", adopt=False)
    )
    made = [
        repository.prepare(Prepare(story_id=f"S{at}", title="", attempt=1, slot=at))
        for at in range(1, STORIES + 1)
    ]
    return tuple(
        Growing(story_id=each.story_id, base=each.base, worktree=each.worktree) for each in made
    )


def _git(top: Path, folder: Path, *words: str) -> str:
    environment = os.environ | {"GIT_CONFIG_NOSYSTEM": "1", "HOME": str(top)}
    done = subprocess.run(
        ("git", *words), cwd=folder, env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()

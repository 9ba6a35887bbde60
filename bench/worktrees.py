"""Worktrees of large repositories: fresh ones, slots used again, sparse ones, by our own code."""

from __future__ import annotations

import os
import random
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct

from bench.clock import timed
from bench.table import Row, row
from prd_supervise.policies.values import replace
from prd_supervise.workers.git.repository import PrdRepository
from prd_supervise.workers.messages.git import CheckOut, Commit, OpenBranch, Prepare
from prd_supervise.workers.messages.rules import Rules, WorktreeRules

FILES_A_FOLDER = 100
CHANGED = 20  # files that a story changes
WARM_BYTES = 1 << 20  # an ignored build cache, which stays


class Size(Struct, frozen=True, kw_only=True):
    """How large the generated repository is."""

    files: int
    file_bytes: int

    @property
    def name(self) -> str:
        """For the table."""
        total = self.files * self.file_bytes
        unit, scale = ("GB", 1e9) if total >= 1e9 else ("MB", 1e6)  # noqa: PLR2004  a thousand MB
        return f"{self.files:,} files, {total / scale:.0f} {unit}"


MIDDLE = Size(files=20_000, file_bytes=1_000)
LARGE = Size(files=100_000, file_bytes=20_000)


def measure(*, quick: bool) -> list[Row]:
    """Measure a large repository; a quick run takes one of a tenth."""
    size = LARGE
    if quick:
        size = replace(LARGE, files=LARGE.files // 10)
    return slot_rows(size, times=2)


def slot_rows(size: Size, *, times: int) -> list[Row]:
    """A fresh worktree against a slot that is used again, and against a sparse one."""
    with _repository(size) as top:
        fresh, again, next_commit = _slots(top, times)
        narrow = _sparse(top)
    ratio = [took / fresh[0] for took in again]
    return [
        row(f"{size.name}: a fresh worktree", fresh),
        row(f"{size.name}: the slot for the next story, {CHANGED} files changed", again),
        row(f"{size.name}: used again / fresh", ratio, "x"),
        row(f"{size.name}: the PRD's own worktree, to the next commit", next_commit),
        row(f"{size.name}: a fresh worktree, sparse (1 folder of 10)", narrow),
    ]


def _slots(top: Path, times: int) -> tuple[list[float], list[float], list[float]]:
    git = _opened(top, Rules())
    base = _git(top, "rev-parse", "HEAD")
    fresh = timed(lambda: git.prepare(_story(0)), 1)
    worktree = top.parent / "worktrees/PRD-1.1"
    again, shown = [], []
    git.check_out(CheckOut(story_id="US-0", attempt=1, commit=base))
    for number in range(1, times + 1):
        (worktree / "cache").mkdir(exist_ok=True)
        (worktree / "cache/built").write_bytes(b"\0" * WARM_BYTES)
        _work_in(worktree)
        request = Commit(
            story_id=f"US-{number - 1}",
            title="work",
            attempt=1,
            base=base,
            worktree=str(worktree),
            partial=False,
        )
        commit = git.commit(request).head
        shown += timed(lambda: git.check_out(_check_out(commit)), 1)  # noqa: B023  at once
        again += timed(lambda: git.prepare(_story(number)), 1)  # noqa: B023  at once
    return fresh, again, shown


def _check_out(commit: str) -> CheckOut:
    return CheckOut(story_id="US-0", attempt=1, commit=commit)


def _sparse(top: Path) -> list[float]:
    rules = WorktreeRules(sparse=("d0",))
    git = _opened(top, Rules(worktree=rules), prd_id="PRD-2")
    return timed(lambda: git.prepare(_story(0)), 1)


def _opened(top: Path, rules: Rules, *, prd_id: str = "PRD-1") -> PrdRepository:
    git = PrdRepository(top, top.parent / "worktrees", prd_id, top.parent / "lock", rules=rules)
    git.open_branch(
        OpenBranch(
            prd_id=prd_id,
            wanted_branch=f"feature/{prd_id}",
            base=_git(top, "rev-parse", "HEAD"),
            prd_file="",
            adopt=False,
        )
    )
    return git


def _story(number: int) -> Prepare:
    return Prepare(story_id=f"US-{number}", title="work", attempt=1, slot=1)


def _work_in(worktree: Path) -> None:
    for number in range(CHANGED):
        path = worktree / f"d{number % 10}" / "0" / "0.txt"
        path.write_text(f"{path.read_text()}\nmore\n")
        (worktree / f"d{number % 10}" / f"new{number}.txt").write_text("new\n")


@contextmanager
def _repository(size: Size) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="prd-bench-") as folder:
        top = Path(folder).resolve() / "repository"
        top.mkdir()
        _git(top, "init", "--quiet", "--initial-branch=main")
        _git(top, "config", "user.name", "bench")
        _git(top, "config", "user.email", "bench@localhost")
        with tempfile.TemporaryFile() as stream:
            for part in _history(size):
                stream.write(part)
            stream.seek(0)
            subprocess.run(("git", "fast-import", "--quiet"), cwd=top, stdin=stream, check=True)
        _git(top, "reset", "--quiet", "--mixed", "main")
        yield top


def _history(size: Size) -> Iterator[bytes]:
    """One commit for `git fast-import`; every file is of its own, and no packer makes it small."""
    random_bytes = random.Random(1).randbytes(size.file_bytes)  # noqa: S311  no secret
    yield b"commit refs/heads/main\ncommitter b <b@localhost> 0 +0000\ndata 4\nbase\n"
    yield b"M 644 inline .gitignore\ndata 7\ncache/\n\n"
    for number in range(size.files):
        folder = number // FILES_A_FOLDER
        content = b"%d\n" % number + random_bytes.hex().encode()[: size.file_bytes]
        content = content[: size.file_bytes]
        name = f"d{folder % 10}/{folder // 10}/{number % FILES_A_FOLDER}.txt"
        yield f"M 644 inline {name}\ndata {len(content)}\n".encode() + content + b"\n"


def _git(top: Path, *arguments: str) -> str:
    environment = os.environ | {"GIT_CONFIG_GLOBAL": "/dev/null"}
    done = subprocess.run(
        ("git", *arguments), cwd=top, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()

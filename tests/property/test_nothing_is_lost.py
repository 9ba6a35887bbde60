"""Random edits in worktrees, then what of ours destroys, in every order: nothing is lost.

What is lost is asked of git and of the disk alone: each blob that stood in a worktree when one of
our operations began (in a file, staged, committed or stashed there) hangs on a ref afterwards, or
is a file still.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import git.cmd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prd_supervise.workers.git.remains import remains_of, remove
from prd_supervise.workers.git.repository import PrdRepository
from prd_supervise.workers.messages.git import CloseBranch, Commit, OpenBranch, Prepare, Prepared

NAMES = ("app.py", "new.py", "deep/er/file", "cache/warm", "a b\n")
STORIES = ("US-1", "US-2")
IGNORED = "cache/"


class Killed(BaseException):
    """The integrator is gone, between two commands of git."""


@dataclass
class Scene:
    """A repository, and what has been seen in its worktrees."""

    path: Path
    seen: dict[str, bytes] = field(default_factory=dict)
    count: int = 0
    repository: PrdRepository | None = None
    prepared: dict[int, Prepared] = field(default_factory=dict)

    @property
    def worktrees(self) -> Path:
        """Where ours are."""
        return self.path / ".prd-supervise/worktrees"

    def git(self, folder: Path, *words: str, ok: bool = True) -> str:
        """Run git as an agent."""
        named = ("-c", "user.name=A", "-c", "user.email=a@b", "-c", "gc.auto=0")
        done = subprocess.run(
            ["git", *named, *words], cwd=folder, capture_output=True, check=False, env=os.environ
        )
        assert done.returncode == 0 or not ok, (words, done.stderr)
        return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def text(self) -> str:
        """A content that was never there."""
        self.count += 1
        return f"content {self.count}\n"

    def open(self) -> PrdRepository:
        """A new integrator."""
        lock = self.path / ".git/prd-supervise.lock"
        self.repository = PrdRepository(self.path, self.worktrees, "PRD-1", lock)
        request = OpenBranch(
            prd_id="PRD-1", wanted_branch="feature/PRD-1", base="main", prd_file="", adopt=False
        )
        self.repository.open_branch(request)
        return self.repository

    def slots(self) -> list[Path]:
        """The slots that have a worktree now."""
        return sorted(path for path in self.worktrees.glob("PRD-1.[0-9]") if path.is_dir())

    def look(self) -> None:
        """Note all that stands in the worktrees: files that are not ignored, and what is staged."""
        for worktree in self.slots():
            for found in _files(worktree):
                if not str(found.relative_to(worktree)).startswith(IGNORED):
                    data = found.read_bytes()
                    self.seen[_blob(data)] = data
            self.seen |= dict.fromkeys(self.staged(worktree), b"staged")

    def staged(self, worktree: Path) -> list[str]:
        """The blobs that the index of a worktree names."""
        lines = self.git(worktree, "ls-files", "-s", ok=False).split("\n")
        return [line.split(" ")[1] for line in lines if line.startswith("100")]

    def lost(self) -> dict[str, bytes]:
        """What hangs on no ref and is no file, and is not staged where it was.

        What still stands in a slot is the agent's to overwrite: it is asked for no more.
        """
        listed = self.git(self.path, "rev-list", "--objects", "--glob=refs/*")
        held = {line.partition(" ")[0] for line in listed.split("\n")}
        at_hand = {_blob(found.read_bytes()) for found in _files(self.worktrees)}
        at_hand |= {blob for worktree in self.slots() for blob in self.staged(worktree)}
        for folder in self.worktrees.rglob(".git"):
            if folder.is_dir():
                listed = self.git(folder.parent, "rev-list", "--objects", "--all", ok=False)
                held |= {line.partition(" ")[0] for line in listed.split("\n")}
        lost = {blob: self.seen[blob] for blob in self.seen.keys() - held - at_hand}
        self.seen = {blob: data for blob, data in self.seen.items() if blob in held}
        return lost


def _files(folder: Path) -> Iterator[Path]:
    for top, folders, names in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        for name in names:
            path = Path(top, name)
            if name != ".git" and path.is_file() and not path.is_symlink():
                yield path


def _blob(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()  # noqa: S324  git's own


# --- what an agent does -------------------------------------------------------------------------


def _write(scene: Scene, folder: Path, name: str) -> None:
    path = folder / name
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(scene.text())


def _delete(_scene: Scene, folder: Path, name: str) -> None:
    (folder / name).unlink(missing_ok=True)


def _stage(scene: Scene, folder: Path, _name: str) -> None:
    scene.git(folder, "add", "--all", ok=False)


def _commit(scene: Scene, folder: Path, _name: str) -> None:
    scene.git(folder, "commit", "-qam", "mine", ok=False)
    for line in scene.git(folder, "ls-tree", "-r", "HEAD", ok=False).split("\n"):
        if " blob " in line:
            scene.seen[line.split()[2]] = b"committed"


def _amend(scene: Scene, folder: Path, _name: str) -> None:
    scene.git(folder, "commit", "-qa", "--amend", "-m", "amended", ok=False)


def _detach(scene: Scene, folder: Path, _name: str) -> None:
    scene.git(folder, "checkout", "-q", "--detach", ok=False)


def _reset(scene: Scene, folder: Path, _name: str) -> None:
    # What is not committed is the agent's to throw away; what is committed is work.
    scene.git(folder, "reset", "-q", "--soft", "main", ok=False)


def _stash(scene: Scene, folder: Path, _name: str) -> None:
    scene.git(folder, "stash", "push", "-q", ok=False)


def _rename(_scene: Scene, folder: Path, name: str) -> None:
    with contextlib.suppress(OSError):
        (folder / name).rename(folder / "renamed")


def _chmod(_scene: Scene, folder: Path, name: str) -> None:
    with contextlib.suppress(OSError):
        (folder / name).chmod(0o755)


def _nest(scene: Scene, folder: Path, _name: str) -> None:
    nested = folder / f"nested{scene.count}"
    nested.mkdir(exist_ok=True)
    scene.git(nested, "init", "-q")
    (nested / "inside").write_text(scene.text())
    if scene.count % 2:
        scene.git(nested, "add", "--all")
        scene.git(nested, "commit", "-qm", "nested")


def _break_index(scene: Scene, folder: Path, _name: str) -> None:
    # What was staged and nowhere else is gone with it, so nobody may have staged anything.
    scene.git(folder, "reset", "-q", ok=False)
    (scene.path / ".git/worktrees" / folder.name / "index").write_bytes(b"DIRC" + b"\xff" * 99)


Edit = Callable[[Scene, Path, str], None]
EDITS: tuple[Edit, ...] = (
    *(_write, _write, _write, _delete, _stage, _commit, _amend, _detach, _reset, _stash),
    *(_rename, _chmod, _nest, _break_index),
)


# --- what we do ---------------------------------------------------------------------------------


def _prepare(
    scene: Scene, repository: PrdRepository, story: int, *, slot: int, is_fresh: bool
) -> None:
    before = scene.prepared.get(story)
    base = "" if is_fresh or before is None else before.base
    request = Prepare(story_id=STORIES[story], title="t", attempt=1, slot=slot, base=base)
    scene.prepared[story] = repository.prepare(request)


def _same_slot(scene: Scene, repository: PrdRepository, story: int) -> None:
    _prepare(scene, repository, story, slot=0, is_fresh=False)


def _other_slot(scene: Scene, repository: PrdRepository, story: int) -> None:
    _prepare(scene, repository, story, slot=1, is_fresh=False)


def _afresh(scene: Scene, repository: PrdRepository, story: int) -> None:
    _prepare(scene, repository, story, slot=story, is_fresh=True)


def _take_work(scene: Scene, repository: PrdRepository, story: int) -> None:
    before = scene.prepared.get(story)
    if before is None:
        return
    request = Commit(
        story_id=STORIES[story],
        title="t",
        attempt=1,
        base=before.base,
        worktree=before.worktree,
        partial=True,
    )
    repository.commit(request)


def _close(_scene: Scene, repository: PrdRepository, _story: int) -> None:
    repository.close_branch(CloseBranch(done=STORIES, keep_slots=()))


def _clean(_scene: Scene, repository: PrdRepository, _story: int) -> None:
    remove(remains_of(repository._place, is_completed=True), is_at_work=lambda: False)


def _reopen(scene: Scene, _repository: PrdRepository, _story: int) -> None:
    scene.open()


Operation = Callable[[Scene, PrdRepository, int], None]
OPERATIONS: tuple[Operation, ...] = (
    *(_same_slot, _other_slot, _afresh, _take_work, _close, _clean, _reopen),
)

edits = st.tuples(st.just("edit"), st.integers(0, len(EDITS) - 1), st.integers(0, len(NAMES) - 1))
operations = st.tuples(st.just("do"), st.integers(0, len(OPERATIONS) - 1), st.integers(0, 1))
kills = st.one_of(st.none(), st.integers(0, 12))
steps = st.lists(
    st.one_of(edits, edits, edits, st.tuples(operations, kills)), min_size=4, max_size=18
)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "repository"
    path.mkdir()
    scene = Scene(path)
    scene.git(path, "init", "-q", "-b", "main")
    (path / ".gitignore").write_text(f"{IGNORED}\n.prd-supervise/\n")
    (path / "app.py").write_text("one\n")
    scene.git(path, "add", "--all")
    scene.git(path, "commit", "-qm", "base")
    return path


@contextlib.contextmanager
def _dying(after: int | None) -> Iterator[None]:
    """Kill the integrator before its command of this number."""
    if after is None:
        yield
        return
    execute, left = git.cmd.Git.execute, [after]

    def counted(self: git.cmd.Git, *words: Any, **more: Any) -> Any:  # noqa: ANN401
        if left[0] == 0:
            raise Killed
        left[0] -= 1
        return execute(self, *words, **more)

    git.cmd.Git.execute = counted  # type: ignore[method-assign]
    try:
        with contextlib.suppress(Killed):
            yield
    finally:
        git.cmd.Git.execute = execute  # type: ignore[method-assign]


def _play(scene: Scene, plan: list[Any]) -> None:
    scene.open()
    _same_slot(scene, scene.repository or scene.open(), 0)
    for step in plan:
        if step[0] == "edit":
            for folder in scene.slots()[:1]:
                EDITS[step[1]](scene, folder, NAMES[step[2]])
            continue
        (_, operation, story), kill_after = step
        scene.look()
        with _dying(kill_after):
            OPERATIONS[operation](scene, scene.repository or scene.open(), story)
        if kill_after is not None:
            scene.open()  # whoever comes next mends, and goes on
        lost = scene.lost()
        assert not lost, f"after {OPERATIONS[operation].__name__}: {lost}"


@settings(
    max_examples=int(os.environ.get("LOSSES", "12")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize="LOSSES" not in os.environ,
)
@given(plan=steps)
def test_whatever_stood_in_a_worktree_is_found_again(
    template: Path, tmp_path_factory: pytest.TempPathFactory, plan: list[Any]
) -> None:
    path = tmp_path_factory.mktemp("scene") / "repository"
    shutil.copytree(template, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("GIT_OPTIONAL_LOCKS", "0")
        _play(Scene(path), plan)
    shutil.rmtree(path.parent)

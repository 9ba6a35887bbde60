from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prd_supervise.workers.git.repository import PrdRepository
from prd_supervise.workers.messages.git import (
    BranchOpened,
    CheckOut,
    Commit,
    Committed,
    OpenBranch,
    PrdFileTaken,
    Prepare,
    Prepared,
    TakePrdFile,
)
from prd_supervise.workers.messages.rules import Rules, WorktreeRules
from prd_supervise.workers.messages.train import (
    AssembleTrain,
    Car,
    PrdCopy,
    PublishTrain,
    TrainAssembled,
    TrainPublished,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

PRD_FILE = "tasks/prd.json"
BASE_FILES = {
    "app.py": "one\ntwo\nthree\n",
    "tasks/prd.json": '{"passes": false}\n',
    "tasks/progress.txt": "nothing yet\n",
    ".gitignore": "cache/\n.prd-supervise/\n",
}
_ENVIRONMENT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}


def run_git(folder: Path, *words: str, stdin: str = "") -> str:
    environment = {**os.environ, **_ENVIRONMENT}
    done = subprocess.run(
        ["git", *words],
        cwd=folder,
        env=environment,
        input=stdin,
        text=True,
        capture_output=True,
        check=False,
        errors="surrogateescape",
    )
    assert done.returncode == 0, f"git {words}: {done.stdout}{done.stderr}"
    return done.stdout.rstrip("\n")


@dataclass(kw_only=True)
class Users:
    """The user's repository, with everything in it that must not be touched."""

    path: Path
    seen: dict[str, object] = field(default_factory=dict)

    @property
    def worktrees(self) -> Path:
        """Where ours are."""
        return self.path / ".prd-supervise" / "worktrees"

    def git(self, *words: str, cwd: Path | None = None, stdin: str = "") -> str:
        """Run git as the user or an agent would."""
        return run_git(cwd or self.path, *words, stdin=stdin)

    def head(self, ref: str) -> str:
        """The commit of a ref."""
        return self.git("rev-parse", "--verify", ref)

    def has(self, ref: str) -> bool:
        """Say whether there is such a ref."""
        return bool(self.git("for-each-ref", ref))

    def show(self, ref: str, path: str) -> str:
        """A file in a commit, without its last line's end."""
        return self.git("show", f"{ref}:{path}")

    def blob(self, ref: str, path: str) -> bytes:
        """A file in a commit, byte for byte."""
        words = ["git", "cat-file", "blob", f"{ref}:{path}"]
        return subprocess.run(words, cwd=self.path, capture_output=True, check=True).stdout

    def files(self, ref: str, *folders: str) -> dict[str, str]:
        """The modes of the files of a commit."""
        lines = self.git("ls-tree", "-r", "-z", ref, "--", *folders).split("\0")[:-1]
        return {line.partition("\t")[2]: line[:6] for line in lines}

    def put(self, name: str, text: str | bytes) -> Path:
        """Write a file of the user's own, who is expected to do that."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        self.seen = self.snapshot()
        return path

    def commit(self, *names: str) -> str:
        """Commit files of the user's own on his branch."""
        self.git("add", "--force", "--", *names)
        self.git("commit", "--quiet", "-m", "the user's own", "--", *names)
        self.seen = self.snapshot()
        return self.head("HEAD")

    def salvaged(self) -> dict[str, str]:
        """The salvage refs, by their names below the PRD."""
        form = "--format=%(refname:lstrip=4) %(objectname)"
        lines = self.git("for-each-ref", form, "refs/prd-supervise/salvage/PRD-1/")
        return dict(line.split(" ") for line in lines.split("\n") if line)

    def repository(
        self,
        prd_id: str = "PRD-1",
        *,
        checkout: Path | None = None,
        rules: WorktreeRules | None = None,
    ) -> PrdRepository:
        """A new integrator's view."""
        lock = self.path / ".git" / "prd-supervise.lock"
        told = Rules(worktree=rules or WorktreeRules())
        return PrdRepository(checkout or self.path, self.worktrees, prd_id, lock, rules=told)

    def snapshot(self) -> dict[str, object]:
        """Everything that is the user's own."""
        files = {
            str(found.relative_to(self.path)): hashlib.sha256(found.read_bytes()).hexdigest()
            for found in sorted(self.path.rglob("*"))
            if found.is_file() and not {".git", ".prd-supervise"} & set(found.parts)
        }
        refs = self.git("for-each-ref", "--format=%(refname) %(objectname)").split("\n")
        return {
            "HEAD": (self.path / ".git/HEAD").read_text(),
            "index": (self.path / ".git/index").read_bytes(),
            "config": (self.path / ".git/config").read_bytes(),
            "status": self.git("status", "--porcelain", "-z"),
            "stash": self.git("stash", "list", "--format=%H"),
            "files": files,
            "refs": [line for line in refs if not self._is_ours(line.split(" ")[0])],
        }

    def _is_ours(self, ref: str) -> bool:
        ours = ("refs/heads/prd-supervise/", "refs/prd-supervise/", "refs/heads/feature/PRD-")
        return ref.startswith(ours)


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What became of the only car of a train."""

    train: TrainAssembled
    commit: str
    onto: str
    conflicts: tuple[str, ...]
    prd_file: PrdCopy | None


@dataclass(kw_only=True)
class Driver:
    """What a PRD supervisor asks of its integrator, with the words that every test would repeat."""

    users: Users
    repository: PrdRepository

    @property
    def copies(self) -> Path:
        """Where the PRD file is copied to and marked."""
        return self.users.path.parent / "copies"

    def open(
        self, *, base: str = "", prd_file: str = PRD_FILE, adopt: bool = False
    ) -> BranchOpened:
        """OpenBranch; the user's file is the document that was accepted."""
        document = self.users.path / prd_file
        return self.repository.open_branch(
            OpenBranch(
                prd_id="PRD-1",
                wanted_branch="feature/PRD-1",
                base=base or self.users.head("HEAD"),
                prd_file=prd_file,
                adopt=adopt,
                document=str(document) if document.is_file() else "",
            )
        )

    def prepare(
        self,
        story_id: str = "US-1",
        *,
        attempt: int = 1,
        slot: int = 0,
        base: str = "",
        leaves_base: bool = False,
        keeps_leftovers: bool = True,
    ) -> tuple[Prepared, Path]:
        """Prepare, and the worktree's path."""
        prepared = self.repository.prepare(
            Prepare(
                story_id=story_id,
                title="A title",
                attempt=attempt,
                slot=slot,
                base=base,
                leaves_base=leaves_base,
                keeps_leftovers=keeps_leftovers,
            )
        )
        return prepared, Path(prepared.worktree)

    def commit(self, prepared: Prepared, *, partial: bool = False) -> Committed:
        """Commit."""
        return self.repository.commit(
            Commit(
                story_id=prepared.story_id,
                title="A title",
                attempt=prepared.attempt,
                base=prepared.base,
                worktree=prepared.worktree,
                partial=partial,
                copies=str(self.copies / prepared.story_id),
            )
        )

    def work(self, story_id: str, slot: int = 0, /, **files: str) -> Committed:
        """A story's whole attempt: prepare, write files, commit."""
        prepared, worktree = self.prepare(story_id, slot=slot)
        for name, text in files.items():
            (worktree / f"{name}.py").write_text(text)
        return self.commit(prepared)

    def assemble(self, *works: Committed, base: str = "", reconcile: bool = True) -> TrainAssembled:
        """AssembleTrain, with these stories' work that all began at `base`."""
        return self.repository.assemble(
            AssembleTrain(
                number=1,
                cars=tuple(
                    Car(story_id=each.story_id, title="A title", head=each.head, base=base)
                    for each in works
                ),
                reconcile=reconcile,
                copy=str(self.copies / "merged"),
            )
        )

    def file(self, name: str, text: str | bytes) -> str:
        """A file of the PRD supervisor's."""
        self.copies.mkdir(exist_ok=True)
        (self.copies / name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(self.copies / name)

    def trial(self, committed: Committed, *, base: str = "") -> Tried:
        """A train of one car, and CheckOut."""
        train = self.assemble(committed, base=base)
        (car,) = train.cars
        if car.commit:
            self.check_out(car.commit)
        return Tried(
            train=train,
            commit=car.commit,
            onto=train.onto,
            conflicts=tuple(each.path for each in car.conflicts),
            prd_file=car.prd_file,
        )

    def publish(
        self, tried: Tried | TrainAssembled, *, marked: str | bytes | None = None
    ) -> TrainPublished:
        """PublishTrain, with these bytes as the PRD file in which the stories are marked."""
        path = None if marked is None else Path(self.file("marked", marked))
        return self.publish_copy(tried, path)

    def publish_copy(self, tried: Tried | TrainAssembled, marked: Path | None) -> TrainPublished:
        """PublishTrain, with what stands at this path."""
        train = tried.train if isinstance(tried, Tried) else tried
        copy = None if marked is None else PrdCopy(path=str(marked))
        cars = [each for each in train.cars if each.commit]
        return self.repository.publish(
            PublishTrain(
                number=train.number,
                commit=cars[-1].commit,
                onto=train.onto,
                stories=tuple(each.story_id for each in cars),
                prd_file=copy,
            )
        )

    def take(self, document: str | bytes, *, is_completed: bool = False) -> PrdFileTaken:
        """TakePrdFile: these bytes, with the flags of what is done in them."""
        path = self.file("accepted", document)
        return self.repository.take_prd_file(
            TakePrdFile(done=(), is_completed=is_completed, document=path)
        )

    def check_out(self, commit: str) -> Path:
        """CheckOut, and the worktree's path."""
        request = CheckOut(story_id="US-1", attempt=1, commit=commit)
        return Path(self.repository.check_out(request).worktree)

    def finish(self, story_id: str, /, **files: str) -> TrainPublished:
        """A story from its start to its merge."""
        return self.publish(self.trial(self.work(story_id, 0, **files)))


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "repository"
    path.mkdir()
    run_git(path, "init", "--quiet", "--initial-branch=main")
    run_git(path, "config", "user.name", "A User")
    run_git(path, "config", "user.email", "user@example.org")
    for name, text in BASE_FILES.items():
        (path / name).parent.mkdir(exist_ok=True)
        (path / name).write_text(text)
    run_git(path, "add", "--all")
    run_git(path, "commit", "--quiet", "-m", "base")
    run_git(path, "branch", "other")
    (path / "app.py").write_text("stashed\n")
    run_git(path, "stash", "push", "--quiet")
    (path / "app.py").write_text("not committed\n")
    (path / "staged.txt").write_text("staged\n")
    run_git(path, "add", "staged.txt")
    (path / "untracked.txt").write_text("untracked\n")
    return path


@pytest.fixture
def users(template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Users]:
    """A repository whose user's things are compared after the test."""
    for name, value in _ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", str(tmp_path))
    path = tmp_path / "repository"
    shutil.copytree(template, path)
    found = Users(path=path)
    found.seen = found.snapshot()
    yield found
    assert found.snapshot() == found.seen


@pytest.fixture
def users_driver(users: Users) -> Driver:
    """A PRD whose branch is not open yet."""
    return Driver(users=users, repository=users.repository())


@pytest.fixture
def driver(users: Users) -> Driver:
    """A PRD whose branch is open."""
    driver = Driver(users=users, repository=users.repository())
    driver.open()
    return driver

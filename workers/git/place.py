"""Where a PRD's git things are: its refs, its worktrees, and the lock around what is shared."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import portalocker
from msgspec import Struct, field
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from ..messages.git import Told
from ..messages.rules import Rules, sources_of
from ..secrecy.hiding import Hiding
from .commands import Commands, GitRefused, fallback_identity, scrub_environment
from .secrets.excludes import excluding
from .standstill import announce

LOCK_TIMEOUT_S = 60.0
# Below it, as PRD/BRANCH: which branch is the PRD's, and where we saw it last.
RECORDS = "refs/prd-supervise/branches/"
BASES = "refs/prd-supervise/bases/"
BRANCHES = "refs/heads/"
_LOCK_POLL_S = 0.02
_PROGRESS_FILES = ("progress.txt", "progress.md", ".last-branch")


class Ref(Struct, frozen=True, kw_only=True):
    """A ref: its commit, and the worktree that has it checked out (None: no one has)."""

    commit: str
    worktree: Path | None


class Branch(Struct, frozen=True, kw_only=True):
    """The PRD's branch; `prd_file` is where it has the PRD file, empty where it is to have none.

    `user_file` is where the user has it, from the repository's root; empty where it lies elsewhere.
    """

    name: str
    base: str
    prd_file: str
    user_file: str

    @property
    def ref(self) -> str:
        """The full name."""
        return f"refs/heads/{self.name}"

    @property
    def own_files(self) -> frozenset[str]:
        """The files that are ours to write, whatever an agent does to them."""
        if not self.prd_file:
            return frozenset()
        folder = os.path.dirname(self.prd_file)  # noqa: PTH120  a name inside git, no path here
        return frozenset({self.prd_file, *(os.path.join(folder, f) for f in _PROGRESS_FILES)})  # noqa: PTH118


class Place(Struct, frozen=True, kw_only=True):
    """All that stays the same for one PRD. `git` is for refs and objects, never for a checkout."""

    prd_id: str
    git: Commands
    checkout: Path
    common_dir: Path
    worktrees: Path
    lock_path: Path
    rules: Rules = field(default_factory=Rules)
    hiding: Hiding = field(default_factory=Hiding)
    _told: list[Told] = field(default_factory=list)
    rewritten: list[str] = field(default_factory=list)  # heads of the branch that lack merges
    _told_once: set[str] = field(default_factory=set)

    def tell(self, text: str, *, event: str = "git_mended") -> None:
        """Note something for people; without a name it is what was mended."""
        self._told.append(Told(event=event, text=text))

    def tell_once(self, text: str, *, event: str, about: str = "") -> None:
        """Note something that would be said again with every request; `about` is what is once."""
        if (about or text) not in self._told_once:
            self._told_once.add(about or text)
            self.tell(text, event=event)

    def take_notes(self) -> tuple[Told, ...]:
        """What was noted since the last time."""
        notes = tuple(self._told)
        self._told.clear()
        return notes

    @property
    def own_worktree(self) -> Path:
        """Where verify commands of the PRD itself run."""
        return self.worktrees / self.prd_id

    @property
    def leftovers(self) -> Path:
        """Where we put what no ref can hold."""
        return self.worktrees / f"{self.prd_id}.leftovers"

    def slot(self, number: int) -> Path:
        """Where the story of this slot is worked on."""
        return self.worktrees / f"{self.prd_id}.{number}"

    def slots(self) -> list[tuple[int, Path]]:
        """The slots that have a folder."""
        found = (
            (path.name.removeprefix(f"{self.prd_id}."), path)
            for path in self.worktrees.glob(f"{self.prd_id}.*")
        )
        return sorted((int(number), path) for number, path in found if number.isdecimal())

    def owns_worktree(self, path: Path) -> bool:
        """Say whether a worktree at this path is one of this PRD's."""
        prefix, _, number = path.name.rpartition(".")
        is_slot = prefix == self.prd_id and number.isdecimal()
        return path.parent == self.worktrees and (is_slot or path.name == self.prd_id)

    def owns_ref(self, name: str) -> bool:
        """Say whether a ref is this PRD's by its name alone; its branch is known by a record."""
        folders = (self.record_ref(""), self.story_ref(""), self.salvage_refs("")[:-1])
        return name == f"{BASES}{self.prd_id}" or name.startswith(folders)

    @property
    def deletion_note(self) -> Path:
        """Exists while one of us deletes refs, for which git locks the user's packed refs too."""
        return self.lock_path.with_suffix(".deletes")

    def record_ref(self, branch: str) -> str:
        """The record of the PRD's branch: its name tells the branch, its commit where it was."""
        return f"{RECORDS}{self.prd_id}/{branch}"

    def story_branch(self, story_id: str) -> str:
        """The short name of a story's branch."""
        return f"prd-supervise/{self.prd_id}/{story_id}"

    def story_ref(self, story_id: str) -> str:
        """The full name of a story's branch."""
        return f"refs/heads/{self.story_branch(story_id)}"

    def salvage_refs(self, story_id: str) -> str:
        """The folder of a story's salvage refs."""
        return f"refs/prd-supervise/salvage/{self.prd_id}/{story_id}/"

    def refs(self, *patterns: str) -> dict[str, Ref]:
        """Read refs, in one command."""
        form = "--format=%(refname)%00%(objectname)%00%(worktreepath)"
        found = {}
        for line in self.git.run("for_each_ref", form, *patterns).line.split("\n"):
            name, _, rest = line.partition("\0")
            commit, _, path = rest.partition("\0")
            found[name] = Ref(commit=commit, worktree=Path(path).resolve() if path else None)
        found.pop("", None)
        return found

    def is_ancestor(self, commit: str, descendant: str) -> bool:
        """Say whether one commit is contained in the other."""
        return commit == descendant or _is_ancestor(self.git, commit, descendant)

    def has_commit(self, name: str) -> bool:
        """Say whether there is such a commit, and it can be read."""
        return bool(name) and self.git.ask("cat_file", "commit", name).status == 0

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the repository-wide lock: several integrators share worktrees and branch names."""
        flags = portalocker.LockFlags.EXCLUSIVE | portalocker.LockFlags.NON_BLOCKING
        announce(LOCK_TIMEOUT_S)
        # Closing gives the lock up. LOCK_UN would also drop the hold of whoever inherited it.
        with self.lock_path.open("a") as handle:
            try:
                Retrying(
                    stop=stop_after_delay(LOCK_TIMEOUT_S),
                    wait=wait_fixed(_LOCK_POLL_S),
                    retry=retry_if_exception_type(portalocker.AlreadyLocked),
                    reraise=True,
                )(portalocker.lock, handle, flags)
            except portalocker.LockException as error:
                raise GitRefused(
                    f"{self.lock_path} is held by another process for more than "
                    f"{LOCK_TIMEOUT_S:.0f} s, or cannot be locked"
                ) from error
            yield


@functools.lru_cache(maxsize=64)  # what a commit descends from never changes
def _is_ancestor(git: Commands, commit: str, descendant: str) -> bool:
    return git.holds("merge_base", "--is-ancestor", commit, descendant)


def worktree_of(admin: Path) -> Path:
    """Where a linked worktree is, by its administration; git >= 2.48 may write it relative."""
    pointer = admin / "gitdir"
    target = os.fsdecode(pointer.read_bytes()).rstrip("\n") if pointer.is_file() else ""
    return Path(os.path.realpath((admin / target).parent))


def open_place(
    checkout: Path,
    *,
    worktrees: Path,
    prd_id: str,
    lock_path: Path,
    timeout_s: float,
    rules: Rules | None = None,
) -> Place:
    """Find the repository of a checkout, which may be a linked worktree."""
    scrub_environment()
    finder = Commands(checkout, timeout_s=timeout_s, environment={})
    git_dir, common_dir = finder.run(
        "rev_parse", "--path-format=absolute", "--absolute-git-dir", "--git-common-dir"
    ).line.split("\n")
    rules = rules or Rules()
    return Place(
        prd_id=prd_id,
        # From here on git is told where the repository is, and looks for none.
        git=finder.at(
            checkout,
            environment={"GIT_DIR": git_dir, **fallback_identity(finder)},
            options=excluding(finder, Path(common_dir), rules.secrets.files),
        ),
        checkout=checkout,
        common_dir=Path(common_dir).resolve(),
        worktrees=worktrees.resolve(),
        lock_path=lock_path,
        rules=rules,
        hiding=Hiding(sources_of(rules, str(checkout)), os.environ),
    )

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from prd_supervise.workers.git.landing.checkouts import checkouts_of
from prd_supervise.workers.git.landing.landing import _brought_along
from prd_supervise.workers.git.place import Place, open_place
from prd_supervise.workers.messages.git import GitFailed
from prd_supervise.workers.messages.landing import Land, Landed, LandingTried, TryLanding
from tests.unit.git.conftest import Driver, Users

INTO = "feature/PRD-9"  # a branch that the seal leaves to us


@dataclass(kw_only=True)
class Harbour:
    """A PRD with one story done, and a branch beside it into which it goes."""

    driver: Driver

    @property
    def users(self) -> Users:
        """The user's repository."""
        return self.driver.users

    def attempt(self, into: str = INTO, *, allow_protected: bool = False) -> LandingTried:
        """TryLanding."""
        request = TryLanding(number=1, title="A title", into=into, allow_protected=allow_protected)
        answer = self.driver.repository.answer(request)
        assert isinstance(answer, LandingTried), answer
        return answer

    def land(self, tried: LandingTried, into: str = INTO) -> Landed:
        """Land what was tried."""
        answer = self.driver.repository.answer(
            Land(number=1, commit=tried.commit, onto=tried.onto, into=into)
        )
        assert isinstance(answer, Landed), answer
        return answer

    def look(self) -> Path:
        """Check the branch out somewhere."""
        folder = self.users.path.parent / "looking"
        self.users.git("worktree", "add", "--quiet", str(folder), INTO)
        return folder

    def place(self) -> Place:
        """The PRD's place in git."""
        return open_place(
            self.users.path,
            worktrees=self.users.worktrees,
            prd_id="PRD-1",
            lock_path=self.users.path / ".git" / "lock",
            timeout_s=60.0,
        )


@pytest.fixture
def harbour(driver: Driver) -> Harbour:
    driver.users.git("branch", INTO, "main")
    driver.finish("US-1", new="x\n")
    return Harbour(driver=driver)


def test_a_prd_lands_as_one_merge_that_names_it(harbour: Harbour) -> None:
    tried = harbour.attempt()
    assert Path(tried.worktree, "new.py").read_text() == "x\n"
    before = harbour.users.head(INTO)
    assert tried.onto == before
    assert harbour.land(tried) == Landed(number=1)
    users = harbour.users
    assert users.git("rev-list", "--first-parent", "--count", f"{before}..{INTO}") == "1"
    assert "PRD-Landed: PRD-1" in users.git("log", "-1", "--format=%B", INTO)
    assert users.git("merge-base", INTO, "feature/PRD-1") == users.head("feature/PRD-1")


def test_nothing_is_moved_before_it_is_asked_for(harbour: Harbour) -> None:
    before = harbour.users.head(INTO)
    harbour.attempt()
    assert harbour.users.head(INTO) == before


def test_what_has_landed_already_is_seen(harbour: Harbour) -> None:
    tried = harbour.attempt()
    harbour.land(tried)
    assert harbour.land(tried) == Landed(number=1)  # asked again, because the answer was lost
    again = harbour.attempt()
    assert again.is_in
    assert again.onto == harbour.users.head(INTO)


def test_a_branch_that_somebody_moved_meanwhile_is_told_and_left(harbour: Harbour) -> None:
    tried = harbour.attempt()
    other = harbour.users.head("stash@{0}")
    harbour.users.git("update-ref", f"refs/heads/{INTO}", other)
    assert harbour.land(tried).moved
    assert harbour.users.head(INTO) == other


def test_a_conflict_is_told_with_its_paths(harbour: Harbour) -> None:
    users = harbour.users
    blob = users.git("hash-object", "-w", "--stdin", stdin="theirs\n")
    tree = users.git("mktree", stdin=f"100644 blob {blob}\tnew.py\n")
    commit = users.git("commit-tree", tree, "-p", "main", "-m", "theirs")
    users.git("update-ref", f"refs/heads/{INTO}", commit)
    assert harbour.attempt().problem.startswith(f"it conflicts with {INTO} in ")
    assert "new.py" in harbour.attempt().problem


@pytest.mark.parametrize("name", ["main", "trunk", "released"])
def test_protected_branches_need_permission(harbour: Harbour, name: str) -> None:
    users = harbour.users
    if name != "main":
        users.git("branch", name, "main")
    users.git("config", "init.defaultBranch", "trunk")
    users.git("update-ref", "refs/remotes/origin/released", "main")
    users.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/released")
    users.seen = users.snapshot()
    assert f"{name} is protected" in harbour.attempt(name).problem
    assert "is protected" not in harbour.attempt(name, allow_protected=True).problem


@pytest.mark.parametrize(
    ("into", "why"),
    [
        ("", "started from no branch"),
        ("nowhere", "there is no branch nowhere"),
        ("feature/PRD-1", "the branch of the PRD itself"),
    ],
)
def test_where_nothing_can_land_is_said(harbour: Harbour, into: str, why: str) -> None:
    assert why in harbour.attempt(into).problem


# --- who looks at the branch --------------------------------------------------------------------


def test_the_user_s_own_checkout_with_changes_is_not_touched(harbour: Harbour) -> None:
    problem = harbour.attempt("main", allow_protected=True).problem
    assert problem.startswith(f"main: it is checked out in {harbour.users.path} with changes")


def test_a_clean_checkout_is_brought_along(harbour: Harbour) -> None:
    folder = harbour.look()
    (folder / "notes").write_text("nobody tracks me\n")
    landed = harbour.land(harbour.attempt())
    assert landed.checkout == str(folder)
    assert (folder / "new.py").read_text() == "x\n"
    assert harbour.users.git("status", "--porcelain", cwd=folder) == "?? notes"


@pytest.mark.parametrize("staged", [False, True])
def test_a_checkout_that_gets_changes_meanwhile_is_told(harbour: Harbour, staged: bool) -> None:  # noqa: FBT001
    folder = harbour.look()
    tried = harbour.attempt()
    (folder / "app.py").write_text("mine\n")
    if staged:
        harbour.users.git("add", "app.py", cwd=folder)
    assert "with changes that are not committed" in harbour.land(tried).problem
    assert harbour.users.head(INTO) == tried.onto
    assert (folder / "app.py").read_text() == "mine\n"


def test_who_edits_between_our_look_and_the_move_loses_nothing(harbour: Harbour) -> None:
    folder = harbour.look()
    tried = harbour.attempt()
    request = Land(number=1, commit=tried.commit, onto=tried.onto, into=INTO)
    (seen,) = checkouts_of(harbour.place(), f"refs/heads/{INTO}")
    assert not seen.problem
    (folder / "new.py").write_text("mine, and nobody has seen it\n")

    answer = _brought_along(harbour.place(), seen, request)

    assert "would be overwritten" in answer.problem
    assert (folder / "new.py").read_text() == "mine, and nobody has seen it\n"
    assert harbour.users.head(INTO) == tried.onto
    assert harbour.users.git("status", "--porcelain", cwd=folder) == "?? new.py"


def test_a_stash_is_never_made_for_a_landing(harbour: Harbour) -> None:
    folder = harbour.look()
    tried = harbour.attempt()
    harbour.users.git("config", "merge.autoStash", "true")
    harbour.users.seen = harbour.users.snapshot()
    (seen,) = checkouts_of(harbour.place(), f"refs/heads/{INTO}")
    (folder / "app.py").write_text("mine\n")
    request = Land(number=1, commit=tried.commit, onto=tried.onto, into=INTO)
    _brought_along(harbour.place(), seen, request)
    assert (folder / "app.py").read_text() == "mine\n"


def test_an_unfinished_merge_or_rebase_keeps_the_branch(harbour: Harbour) -> None:
    folder = harbour.look()
    admin = Path(harbour.users.git("rev-parse", "--absolute-git-dir", cwd=folder))
    (admin / "MERGE_HEAD").write_text(harbour.users.head("main") + "\n")
    assert "something goes on (MERGE_HEAD)" in harbour.attempt().problem
    (admin / "MERGE_HEAD").unlink()
    harbour.users.git("checkout", "--quiet", "--detach", cwd=folder)
    (admin / "rebase-merge").mkdir()
    (admin / "rebase-merge" / "head-name").write_text(f"refs/heads/{INTO}\n")
    assert "a rebase or bisect of it goes on" in harbour.attempt().problem


def test_a_checkout_that_is_gone_or_twice_there_keeps_the_branch(harbour: Harbour) -> None:
    folder = harbour.look()
    other = folder.with_name("again")
    harbour.users.git("worktree", "add", "--quiet", "--force", str(other), INTO)
    assert "is checked out in 2 places" in harbour.attempt().problem
    shutil.rmtree(other)
    assert "which is not there" in harbour.attempt().problem


def test_a_branch_that_is_locked_for_ever_is_a_refusal(harbour: Harbour) -> None:
    tried = harbour.attempt()
    lock = harbour.users.path / ".git" / "refs" / "heads" / f"{INTO}.lock"
    lock.touch()
    answer = harbour.driver.repository.answer(
        Land(number=1, commit=tried.commit, onto=tried.onto, into=INTO)
    )
    lock.unlink(missing_ok=True)
    assert isinstance(answer, GitFailed) or harbour.users.head(INTO) == tried.commit


# --- a git that was killed on its way ------------------------------------------------------------

AFTER = "one\ntwo and more\nthree\n"


@pytest.fixture
def torn(harbour: Harbour) -> Path:
    """A checkout in which git was killed: one file half written, one new, and the lock."""
    users = harbour.users
    harbour.driver.finish("US-2", app=AFTER)
    folder = harbour.look()
    (folder / "app.py").write_text(AFTER[:9])
    (folder / "new.py").write_text("x\n")
    admin = Path(users.git("rev-parse", "--absolute-git-dir", cwd=folder))
    (admin / "index.lock").touch()
    return folder


def typed(problem: str) -> str:
    """The command line that people are told to type."""
    return problem.split("`")[1]


def test_a_checkout_that_a_killed_git_left_half_way_is_told_with_what_finishes_it(
    harbour: Harbour, torn: Path
) -> None:
    tried = harbour.attempt()

    assert "git was killed while it brought" in tried.problem
    subprocess.run(["/bin/sh", "-c", typed(tried.problem)], check=True)
    assert harbour.users.git("status", "--porcelain", cwd=torn) == ""
    assert (torn / "app.py").read_text() == AFTER
    assert harbour.attempt().is_in


@pytest.mark.parametrize("name", ["app.py", "tasks/progress.txt"])
def test_what_somebody_has_edited_since_is_never_taken_for_what_git_left(
    harbour: Harbour, torn: Path, name: str
) -> None:
    (torn / name).write_text("one\ntwo of mine\n")

    assert harbour.attempt().problem.endswith("with changes that are not committed")


def test_what_somebody_has_staged_is_never_taken_for_what_git_left(
    harbour: Harbour, torn: Path
) -> None:
    admin = Path(harbour.users.git("rev-parse", "--absolute-git-dir", cwd=torn))
    (admin / "index.lock").unlink()
    harbour.users.git("add", "app.py", cwd=torn)

    assert harbour.attempt().problem.endswith("with changes that are not committed")


def test_files_that_are_all_there_but_in_no_commit_yet_are_half_way_too(
    harbour: Harbour, torn: Path
) -> None:
    admin = Path(harbour.users.git("rev-parse", "--absolute-git-dir", cwd=torn))
    (admin / "index.lock").unlink()
    (torn / "app.py").write_text(AFTER)
    harbour.users.git("add", "--all", cwd=torn)

    problem = harbour.attempt().problem
    assert "git was killed" in problem
    assert "index.lock" not in problem

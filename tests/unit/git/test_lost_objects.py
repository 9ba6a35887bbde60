from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prd_supervise.workers.git import work
from prd_supervise.workers.git.commands import GitRefused
from prd_supervise.workers.git.passing import passes
from prd_supervise.workers.git.repository import LEFTOVERS_MAX
from prd_supervise.workers.git.salvage.keeping import is_whole

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.git.conftest import Driver, Users

STORY = "refs/heads/prd-supervise/PRD-1/US-1"


def _lose(users: Users, name: str) -> None:
    """Take an object as `git prune` does."""
    _stored(users, name).unlink()


def _stored(users: Users, name: str) -> Path:
    return users.path / ".git/objects" / name[:2] / name[2:]


def _named(users: Users, commit: str, path: str) -> str:
    """An object of a commit; its tree is called "", itself "commit"."""
    return commit if path == "commit" else users.head(f"{commit}:{path}")


def _is_sound(users: Users, worktree: Path) -> bool:
    users.git("fsck", "--no-dangling", "--no-progress", "--no-reflogs", "--connectivity-only")
    return users.git("status", "--porcelain", cwd=worktree) == ""


@pytest.mark.parametrize("lost", ["commit", "", "sub", "sub/new.py", "app.py"])
def test_a_commit_of_which_git_prune_took_an_object_is_made_again(
    driver: Driver, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    users = driver.users
    prepared, worktree = driver.prepare()
    (worktree / "app.py").write_text("changed\n")
    (worktree / "sub").mkdir()
    (worktree / "sub/new.py").write_text("new\n")
    taken: list[str] = []

    def pruned(place: object, commit: str, *, known: str) -> bool:
        if not taken:
            taken.append(_named(users, commit, lost))
            _lose(users, taken[0])
        return is_whole(place, commit, known=known)  # type: ignore[arg-type]

    monkeypatch.setattr(work, "is_whole", pruned)
    committed = driver.commit(prepared)
    assert taken
    assert committed.files == ("app.py", "sub/new.py")
    assert users.head(STORY) == committed.head
    assert users.show(committed.head, "sub/new.py") == "new"
    assert users.head(f"{committed.head}^") == prepared.base
    assert _is_sound(users, worktree)
    (note,) = driver.repository.take_notes()
    assert note.event == "git_mended"


@pytest.mark.parametrize(
    ("what", "lost"),
    [
        *(("commit", each) for each in ("commit", "", "new.py")),
        *((what, each) for what in ("prepare", "another") for each in ("commit", "")),
    ],
)
def test_what_an_agent_committed_and_git_lost_is_committed_from_its_files(
    driver: Driver, what: str, lost: str
) -> None:
    users = driver.users
    prepared, worktree = driver.prepare()
    (worktree / "new.py").write_text("new\n")
    users.git("add", "new.py", cwd=worktree)
    users.git("commit", "--quiet", "-m", "mine", cwd=worktree)
    _lose(users, _named(users, users.head(STORY), lost))
    if what == "commit":
        kept = driver.commit(prepared).head
    elif what == "prepare":
        kept = driver.prepare(attempt=2, base=prepared.base)[0].head
    else:
        driver.prepare("US-2")
        kept = users.salvaged()["US-1/1"]
    assert users.show(kept, "new.py") == "new"
    assert users.head(f"{kept}^") == prepared.base
    assert _is_sound(users, worktree)


def test_a_branch_of_the_users_that_an_agent_looks_at_is_not_moved(driver: Driver) -> None:
    users = driver.users
    prepared, worktree = driver.prepare()
    users.git("switch", "--quiet", "other", cwd=worktree)
    users.git("commit", "--quiet", "--allow-empty", "-m", "on other", cwd=worktree)
    other = users.head("other")
    taken = _stored(users, other).rename(users.path / ".git/taken")
    driver.commit(prepared)
    taken.rename(_stored(users, other))
    assert users.head("other") == other
    users.seen = users.snapshot()


def test_where_objects_vanish_all_the_time_the_story_waits(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = driver.users
    prepared, worktree = driver.prepare()
    (worktree / "new.py").write_text("new\n")
    tries: list[str] = []

    def pruned(place: object, commit: str, *, known: str) -> bool:
        tries.append(commit)
        _lose(users, users.head(f"{commit}:new.py"))
        return is_whole(place, commit, known=known)  # type: ignore[arg-type]

    monkeypatch.setattr(work, "is_whole", pruned)
    with pytest.raises(GitRefused, match="objects were removed") as refused:
        driver.commit(prepared)
    assert passes(refused.value)
    assert len(tries) == LEFTOVERS_MAX + 1
    monkeypatch.undo()
    assert users.show(driver.commit(prepared).head, "new.py") == "new"

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.repository.checkout import (
    Checkout,
    RepositoryError,
    commit_of,
    find_checkout,
    keep_out_of_git,
)


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(autouse=True)
def _own_git(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in tuple(os.environ):
        if name.startswith("GIT_"):
            monkeypatch.delenv(name)
    for name, value in {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "T",
        "GIT_AUTHOR_EMAIL": "t@example.org",
        "GIT_COMMITTER_NAME": "T",
        "GIT_COMMITTER_EMAIL": "t@example.org",
        "GIT_CEILING_DIRECTORIES": "/tmp",  # noqa: S108
    }.items():
        monkeypatch.setenv(name, value)
    yield  # noqa: PT022  the environment goes back after the test


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    path = tmp_path / "repo with spaces ü"
    path.mkdir()
    git(path, "init", "-q", "-b", "main")
    git(path, "commit", "-q", "--allow-empty", "-m", "first")
    return path


def test_a_checkout_is_found_from_any_folder_in_it(repo: Path) -> None:
    below = repo / "a" / "b"
    below.mkdir(parents=True)
    head = git(repo, "rev-parse", "HEAD")
    expected = Checkout(top=repo, common_dir=repo / ".git", head=head, branch="main")
    assert find_checkout(repo) == find_checkout(below) == expected
    assert expected.layout().state_dir == repo / ".prd-supervise"
    assert expected.layout().worktrees == repo / ".prd-supervise" / "worktrees"


def test_worktrees_may_lie_elsewhere(repo: Path, tmp_path: Path) -> None:
    checkout = find_checkout(repo)
    assert checkout.layout("../trees").worktrees == repo / "../trees"
    assert checkout.layout(str(tmp_path)).worktrees == tmp_path


def test_a_detached_head_has_no_branch(repo: Path) -> None:
    git(repo, "checkout", "-q", "--detach")
    assert find_checkout(repo).branch == ""


def test_a_linked_worktree_shares_the_state_folder(repo: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(repo, "worktree", "add", "-q", str(linked), "-b", "other")
    main, other = find_checkout(repo), find_checkout(linked)
    assert (other.top, other.branch) == (linked, "other")
    assert other.common_dir == main.common_dir
    assert other.layout().state_dir == main.layout().state_dir
    assert other.layout().root_lock == main.layout().root_lock
    assert other.layout().marker == main.layout().marker


def test_a_linked_worktree_of_a_bare_repository_has_its_state_there(
    repo: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repo), "bare.git")
    linked = tmp_path / "linked"
    git(tmp_path / "bare.git", "worktree", "add", "-q", str(linked), "main")
    layout = find_checkout(linked).layout()
    assert layout.state_dir == tmp_path / "bare.git" / ".prd-supervise"


def test_what_git_sets_in_hooks_does_not_mislead_us(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert find_checkout(repo).top == repo


@pytest.mark.parametrize(
    ("make", "told"),
    [
        ((), "not a git repository; run `git init`"),
        (("init", "-q"), "the repository has no commit yet; make a first one"),
        (("init", "-q", "--bare"), "a bare repository has no checkout to work on; clone it"),
    ],
)
def test_what_is_no_checkout_is_told_with_what_to_do(
    make: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    if make:
        git(tmp_path, *make)
    with pytest.raises(RepositoryError) as caught:
        find_checkout(tmp_path)
    assert str(caught.value).startswith(f"{tmp_path}: {told}")


def test_a_repository_that_is_broken_is_not_taken_for_none(repo: Path) -> None:
    with pytest.raises(RepositoryError, match=r"this is git's own folder; go to the checkout"):
        find_checkout(repo / ".git")
    head = git(repo, "rev-parse", "--short=10", "HEAD")
    for each in (repo / ".git" / "objects").glob("??/*"):
        each.unlink()
    with pytest.raises(RepositoryError, match=f"git has no commit {head}, its HEAD; `git fsck`"):
        find_checkout(repo)
    (repo / ".git" / "config").write_text("[oops\n")
    with pytest.raises(RepositoryError, match="git cannot be used here: fatal: bad config line 1"):
        find_checkout(repo)


def test_a_git_that_fails_is_told_in_its_own_words(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\necho 'error: no developer tools' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(RepositoryError, match="cannot be used here: error: no developer tools; "):
        find_checkout(repo)


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="no such folder"):
        find_checkout(tmp_path / "missing")


def test_without_git_it_says_what_to_install(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RepositoryError, match=r"install git"):
        find_checkout(repo)


def test_a_revision_is_looked_up_and_never_taken_for_an_option(repo: Path) -> None:
    checkout = find_checkout(repo)
    assert commit_of(checkout, "main") == checkout.head
    for name in ("no-such", "--all", "", "-h"):
        with pytest.raises(RepositoryError, match=r"is no commit here"):
            commit_of(checkout, name)


def exclude_of(repo: Path) -> Path:
    return repo / ".git" / "info" / "exclude"


def test_the_state_folder_is_kept_out_of_git_once(repo: Path) -> None:
    checkout = find_checkout(repo)
    (repo / ".prd-supervise").mkdir()
    (repo / ".prd-supervise" / "file").touch()
    for _ in range(3):
        keep_out_of_git(checkout, checkout.layout().state_dir)
    assert exclude_of(repo).read_text().splitlines().count("/.prd-supervise/") == 1
    assert git(repo, "status", "--porcelain") == ""
    assert not (repo / ".gitignore").exists()


@pytest.mark.parametrize("before", [None, "", "*.o\n", "*.o", "# \xff not UTF-8"])
def test_what_the_user_excludes_stays_excluded(before: str | None, repo: Path) -> None:
    exclude = exclude_of(repo)
    exclude.unlink()
    exclude.parent.rmdir()
    if before is not None:
        exclude.parent.mkdir()
        exclude.write_bytes(before.encode("latin-1"))
    checkout = find_checkout(repo)
    keep_out_of_git(checkout, checkout.layout().state_dir)
    after = exclude.read_bytes().splitlines()
    assert after == [*(before or "").encode("latin-1").splitlines(), b"/.prd-supervise/"]


def test_from_a_linked_worktree_the_same_line_is_written(repo: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(repo, "worktree", "add", "-q", str(linked))
    checkout = find_checkout(linked)
    keep_out_of_git(checkout, checkout.layout().state_dir)
    keep_out_of_git(find_checkout(repo), checkout.layout().state_dir)
    assert exclude_of(repo).read_text().splitlines().count("/.prd-supervise/") == 1


def test_state_that_lies_outside_needs_no_line(repo: Path, tmp_path: Path) -> None:
    before = exclude_of(repo).read_text()
    keep_out_of_git(find_checkout(repo), tmp_path / "elsewhere")
    assert exclude_of(repo).read_text() == before


def test_worktrees_inside_of_the_checkout_are_kept_out_of_git_as_well(repo: Path) -> None:
    checkout = find_checkout(repo)
    inside = checkout.layout("odd [wt] ")
    for folder in (inside.state_dir, inside.worktrees):
        folder.mkdir()
        (folder / "file").touch()
    for layout in (inside, checkout.layout(), inside):
        keep_out_of_git(checkout, layout.state_dir, layout.worktrees)
    assert git(repo, "status", "--porcelain") == ""
    ours = [line for line in exclude_of(repo).read_text().splitlines() if line.startswith("/")]
    assert ours == ["/.prd-supervise/", "/odd \\[wt] /"]


def test_a_home_is_meant_in_the_root_of_worktrees(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    checkout = find_checkout(repo)
    assert checkout.layout("~/wt").worktrees == Path("/home/somebody/wt")
    assert checkout.layout("~nobody-of-this-name/wt").worktrees == repo / "~nobody-of-this-name/wt"

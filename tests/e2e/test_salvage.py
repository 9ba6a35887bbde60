"""Work that was kept before a worktree was used again comes back by `salvage`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.e2e_repo import Repo, story, write
from tests.support.tree import Tree

THROW_AWAY = "echo kept > app.txt; git add -A; git commit -qm mine; git reset -q --hard HEAD^"


@pytest.fixture
def kept(repo: Repo, tree: Tree) -> Repo:
    """A repository in which a story has thrown a commit of its own away."""
    repo.prd(story("US-1", {"run": ["sh", "-c", THROW_AWAY]}, write("US-1.txt", "done\n")))
    repo.commit()
    tree.begin().wait_exit(0)
    return repo


def test_a_commit_that_an_agent_threw_away_is_listed_and_shown(kept: Repo, tree: Tree) -> None:
    listed = tree.run("salvage", "list", code=0)
    assert "ALPHA/US-1/1" in listed.out
    assert "mine" in listed.out
    document = json.loads(tree.run("salvage", "list", "ALPHA", "--json", code=0).out)
    (found,) = document["salvage"]
    assert (found["story"], found["attempt"], found["files"]) == ("US-1", "1", ["app.txt"])
    assert kept.salvaged() == {"ALPHA/US-1/1": found["commit"]}
    shown = tree.run("salvage", "show", "US-1/1", code=0)
    assert "app.txt" in shown.out
    patch = tree.run("salvage", "show", "US-1", "--patch", code=0).out
    assert "+kept" in patch.splitlines()


def test_a_patch_applies(kept: Repo, tree: Tree, tmp_path: Path) -> None:
    patch = tmp_path / "patch"
    patch.write_text(tree.run("salvage", "show", "US-1/1", "--patch", code=0).out)
    clone = tmp_path / "clone"
    kept.git("clone", "-q", str(kept.path), str(clone))
    kept.git("apply", str(patch), cwd=clone)
    assert (clone / "app.txt").read_text() == "kept\n"


def test_it_comes_back_as_a_branch(kept: Repo, tree: Tree) -> None:
    tree.run("salvage", "restore", "ALPHA/US-1/1", code=0)
    assert kept.show("salvaged/ALPHA/US-1/1", "app.txt") == "kept\n"
    again = tree.run("salvage", "restore", "ALPHA/US-1/1", code=2)
    assert "there is a branch salvaged/ALPHA/US-1/1 already" in again.err
    tree.run("salvage", "restore", "ALPHA/US-1/1", "--branch", "mine", code=0)
    kept.git("branch", "-q", "-D", "mine", "salvaged/ALPHA/US-1/1")


@pytest.mark.parametrize("branch", ["-x", "a..b", "main", "prd-supervise/x"])
def test_a_branch_that_is_none_or_is_there_is_refused(kept: Repo, tree: Tree, branch: str) -> None:
    before = kept.refs("heads/")
    tree.run("salvage", "restore", "US-1/1", f"--branch={branch}", code=2)
    assert kept.refs("heads/") == before


@pytest.mark.usefixtures("kept")
def test_it_comes_back_as_files_in_a_new_folder(tree: Tree, tmp_path: Path) -> None:
    folder = tmp_path / "back"
    tree.run("salvage", "restore", "US-1/1", "--to", str(folder), code=0)
    assert (folder / "app.txt").read_text() == "kept\n"
    assert not (folder / ".git").exists()


def test_nothing_that_is_there_is_written_over(kept: Repo, tree: Tree, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    (full / "app.txt").write_text("the user's own\n")
    link = tmp_path / "link"
    link.symlink_to(kept.path)
    for target in (full, kept.path, kept.path / "new", link / "new", kept.path / ".git/new"):
        refused = tree.run("salvage", "restore", "US-1/1", "--to", str(target), code=2)
        assert "name a" in refused.err
    assert (full / "app.txt").read_text() == "the user's own\n"


@pytest.mark.usefixtures("kept")
def test_what_is_not_there_is_said_with_what_is(tree: Tree) -> None:
    refused = tree.run("salvage", "show", "US-7/1", code=2)
    assert refused.err == "US-7/1: no salvage is called so; there are: ALPHA/US-1/1\n"


def test_a_repository_without_any_says_so(repo: Repo, tree: Tree) -> None:
    repo.commit()
    assert tree.run("salvage", "list", code=0).out == "nothing was salvaged\n"

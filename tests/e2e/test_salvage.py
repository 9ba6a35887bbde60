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


def test_a_commit_that_an_agent_threw_away_is_listed_shown_and_a_patch(
    kept: Repo, tree: Tree, tmp_path: Path
) -> None:
    listed = tree.run("salvage", "list", code=0)
    assert "ALPHA/US-1/1" in listed.out
    assert "mine" in listed.out
    document = json.loads(tree.run("salvage", "list", "ALPHA", "--json", code=0).out)
    (found,) = document["salvage"]
    assert (found["story"], found["attempt"], found["files"]) == ("US-1", "1", ["app.txt"])
    assert kept.salvaged() == {"ALPHA/US-1/1": found["commit"]}
    shown = tree.run("salvage", "show", "US-1/1", code=0)
    assert "app.txt" in shown.out

    text = tree.run("salvage", "show", "US-1", "--patch", code=0).out
    assert "+kept" in text.splitlines()
    patch, clone = tmp_path / "patch", tmp_path / "clone"
    patch.write_text(text)
    kept.git("clone", "-q", str(kept.path), str(clone))
    kept.git("apply", str(patch), cwd=clone)
    assert (clone / "app.txt").read_text() == "kept\n"

    refused = tree.run("salvage", "show", "US-7/1", code=2)
    assert refused.err == "US-7/1: no salvage is called so; there are: ALPHA/US-1/1\n"


def test_it_comes_back_as_a_branch_or_as_files_and_nothing_is_written_over(
    kept: Repo, tree: Tree, tmp_path: Path
) -> None:
    before = kept.refs("heads/")
    for branch in ("-x", "a..b", "main", "prd-supervise/x"):
        tree.run("salvage", "restore", "US-1/1", f"--branch={branch}", code=2)
        assert kept.refs("heads/") == before

    tree.run("salvage", "restore", "ALPHA/US-1/1", code=0)
    assert kept.show("salvaged/ALPHA/US-1/1", "app.txt") == "kept\n"
    again = tree.run("salvage", "restore", "ALPHA/US-1/1", code=2)
    assert "there is a branch salvaged/ALPHA/US-1/1 already" in again.err
    tree.run("salvage", "restore", "ALPHA/US-1/1", "--branch", "mine", code=0)
    kept.git("branch", "-q", "-D", "mine", "salvaged/ALPHA/US-1/1")

    folder = tmp_path / "back"
    tree.run("salvage", "restore", "US-1/1", "--to", str(folder), code=0)
    assert (folder / "app.txt").read_text() == "kept\n"
    assert not (folder / ".git").exists()

    full, link = tmp_path / "full", tmp_path / "link"
    full.mkdir()
    (full / "app.txt").write_text("the user's own\n")
    link.symlink_to(kept.path)
    for target in (full, kept.path, kept.path / "new", link / "new", kept.path / ".git/new"):
        refused = tree.run("salvage", "restore", "US-1/1", "--to", str(target), code=2)
        assert "name a" in refused.err
    assert (full / "app.txt").read_text() == "the user's own\n"


def test_a_repository_without_any_says_so(repo: Repo, tree: Tree) -> None:
    repo.commit()
    assert tree.run("salvage", "list", code=0).out == "nothing was salvaged\n"

"""`clean` shows what earlier runs have left, and removes what is merged, and nothing else."""

from __future__ import annotations

import json
from typing import Any

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

BAD = story("US-2", write("half.txt", "half\n"), verify=["false"])


def items(tree: Tree, *words: str) -> dict[tuple[str, str], dict[str, Any]]:
    document = json.loads(tree.run("clean", "--json", *words, code=0).out)
    return {(item["kind"], item["name"]): item for item in document["items"]}


def worktrees(repo: Repo) -> list[str]:
    return sorted(path.name for path in (repo.state / "worktrees").iterdir())


def test_a_completed_prd_that_is_merged_leaves_nothing(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    tree.begin().wait_exit(0)
    assert "git merge feature/ALPHA   # takes the work" in tree.run("status", code=0).out
    repo.git("merge", "-q", "--no-edit", "feature/ALPHA")
    repo.seal()

    status = tree.run("status", code=0).out
    assert "git merge" not in status
    assert "its work is in the branch that is checked out" in status
    shown = tree.run("clean", code=0)
    assert "remove   PRD branch" in shown.out
    assert "`prd-supervise clean --yes` removes them" in shown.out
    assert "refs/heads/feature/ALPHA" in repo.refs()

    removed = tree.run("clean", "--yes", code=0)
    assert "removed  PRD branch" in removed.out
    assert "refs/heads/feature/ALPHA" not in repo.refs()
    repo.git("fsck", "--no-dangling", "--no-progress")  # raises where it finds an error
    assert not tree.attempt("US-1").exists()
    assert "ALPHA  completed" in tree.run("status", code=0).out


def test_a_prd_that_goes_on_after_a_clean_does_nothing_twice(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    tree.begin().wait_exit(0)
    repo.git("merge", "-q", "--no-edit", "feature/ALPHA")
    tree.run("clean", "--yes", code=0)
    repo.prd(story("US-1", passes=True), story("US-3"))
    repo.seal()

    tree.begin("start").wait_exit(0)

    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-3"]
    assert not tree.events("reopened")


def test_what_is_not_merged_stays_with_its_reason(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 1})
    repo.prd(story("US-1"), BAD)
    repo.commit()
    tree.begin().wait_exit(1)
    kept = worktrees(repo)

    found = items(tree, "--yes")

    branch = found["story branch", "prd-supervise/ALPHA/US-2"]
    assert not branch["can_go"]
    assert "it is not in feature/ALPHA" in branch["why"]
    assert found["PRD branch", "feature/ALPHA"]["why"] == "the PRD is not completed"
    assert [name for name in kept if name != "ALPHA"] == worktrees(repo)


def test_a_file_that_somebody_left_in_a_worktree_keeps_it(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 1})
    repo.prd(story("US-1", {"run": ["false"]}))
    repo.commit()
    tree.begin().wait_exit(1)
    (slot,) = [name for name in worktrees(repo) if name != "ALPHA"]
    (repo.state / "worktrees" / slot / "mine.txt").write_text("mine\n")

    found = items(tree, "--yes")

    (why,) = [item["why"] for item in found.values() if item["name"].endswith(slot)]
    assert why == "1 uncommitted file in it"
    assert (repo.state / "worktrees" / slot / "mine.txt").exists()


def test_nothing_of_a_prd_at_work_is_removed(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"), story("US-2", HOLD, write("US-2.txt", "x\n"), dependsOn=["US-1"]))
    repo.commit()
    run = tree.begin()
    tree.wait_event("attempt_started", story="US-2")
    before = worktrees(repo)

    found = items(tree, "--yes")

    assert {item["why"] for item in found.values()} == {"the PRD is at work"}
    assert set(before) <= set(worktrees(repo))
    tree.go()
    run.wait_exit(0)


def test_old_salvage_goes_only_where_its_age_is_named(repo: Repo, tree: Tree) -> None:
    commit = repo.commit()
    made = repo.git("commit-tree", f"{commit}^{{tree}}", "-p", commit, "-m", "salvage: X")
    name = "refs/prd-supervise/salvage/OLD/US-1/1"
    repo.git("update-ref", name, made)

    tree.run("clean", "--yes", code=0)
    assert name in repo.refs()
    tree.run("clean", "--yes", "--older-than", "1d", code=0)
    assert name in repo.refs()
    tree.run("clean", "--older-than", "0s", code=0)
    assert name in repo.refs()
    removed = tree.run("clean", "--yes", "--older-than", "2099-01-01", code=0)
    assert "removed  salvage" in removed.out
    assert name not in repo.refs()


def test_an_age_that_is_none_and_a_prd_that_is_none_are_refused(repo: Repo, tree: Tree) -> None:
    repo.commit()
    assert "this is no time" in tree.run("clean", "--older-than", "soon", code=2).err
    assert (
        "nothing is left of a PRD of this id; there are: none yet"
        in tree.run("clean", "NOPE", code=2).err
    )


def test_a_branch_that_somebody_looks_at_stays(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    tree.begin().wait_exit(0)
    repo.git("merge", "-q", "--no-edit", "feature/ALPHA")
    looking = repo.path.parent / "looking"
    repo.git("worktree", "add", "-q", str(looking), "feature/ALPHA")
    repo.seal()

    found = items(tree, "--yes")

    assert found["PRD branch", "feature/ALPHA"]["why"] == f"it is checked out in {looking}"
    assert "refs/heads/feature/ALPHA" in repo.refs()

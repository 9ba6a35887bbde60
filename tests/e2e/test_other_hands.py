"""The user's hands on our branches and on git while a tree runs."""

from __future__ import annotations

import pytest

from tests.support.e2e_processes import DEADLINE_S
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

BRANCH = "feature/ALPHA"


def _held(name: str) -> dict[str, object]:
    """A story whose agent waits for the test, then writes its file."""
    return story(name, HOLD, write(f"{name}.txt", f"{name}\n"))


def _by_hand(repo: Repo, subject: str = "by hand") -> str:
    """Commit on the PRD's branch without a checkout, as from a worktree elsewhere."""
    tree = f"{BRANCH}^{{tree}}"
    commit = repo.git("commit-tree", tree, "-p", BRANCH, "-m", subject)
    repo.git("update-ref", f"refs/heads/{BRANCH}", commit)
    return commit


def _attempts(tree: Tree) -> int:
    return len(tree.events("attempt_started"))


@pytest.fixture
def half_way(repo: Repo, tree: Tree) -> Repo:
    """A tree whose first story is merged and whose second one's agent is at work."""
    repo.prd(story("US-1"), _held("US-2") | {"dependsOn": ["US-1"]})
    repo.commit()
    tree.begin()
    tree.wait_event("merged", story="US-1")
    tree.wait_event("attempt_started", story="US-2")
    return repo


def _finish(tree: Tree) -> None:
    tree.go()
    tree.wait_event("root_ended")
    tree.wait_gone(DEADLINE_S)


def test_a_commit_of_the_users_on_the_branch_stays(half_way: Repo, tree: Tree) -> None:
    mine = _by_hand(half_way)
    _finish(tree)
    assert half_way.merged(BRANCH) == ["ALPHA/US-1", "ALPHA/US-2"]
    assert half_way.git("merge-base", BRANCH, mine) == mine
    assert "(by hand)" in tree.events("branch_moved")[0]["text"]
    assert _attempts(tree) == 2


def test_a_commit_of_the_users_between_two_runs_stays(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"), story("US-2", {"run": ["false"]}))
    repo.configure(restart={"max_attempts": 1})
    repo.commit()
    tree.begin().wait_exit(1)
    mine = _by_hand(repo)
    repo.prd(story("US-1"), story("US-2"))
    repo.seal()
    tree.begin("resume", "--retry").wait_exit(0)
    assert repo.merged(BRANCH) == ["ALPHA/US-1", "ALPHA/US-2"]
    assert repo.git("merge-base", BRANCH, mine) == mine
    assert not tree.events("reopened")


def test_a_branch_that_was_deleted_is_put_back(half_way: Repo, tree: Tree) -> None:
    half_way.git("branch", "-q", "-D", BRANCH)
    _finish(tree)
    assert half_way.merged(BRANCH) == ["ALPHA/US-1", "ALPHA/US-2"]
    assert "was deleted or renamed" in tree.events("branch_put_back")[0]["text"]
    assert _attempts(tree) == 2


def test_a_branch_that_was_renamed_is_put_back_beside_its_new_name(
    half_way: Repo, tree: Tree
) -> None:
    half_way.git("branch", "-q", "-m", BRANCH, "renamed")
    _finish(tree)
    assert half_way.merged(BRANCH) == ["ALPHA/US-1", "ALPHA/US-2"]
    assert half_way.merged("renamed") == ["ALPHA/US-1"]
    assert "renamed has the same commit" in tree.events("branch_put_back")[0]["text"]
    half_way.git("branch", "-q", "-D", "renamed")


def test_a_merge_that_the_user_took_away_is_done_again(half_way: Repo, tree: Tree) -> None:
    lost = half_way.git("rev-parse", BRANCH)
    half_way.git("update-ref", f"refs/heads/{BRANCH}", "main")
    _finish(tree)
    assert sorted(half_way.merged(BRANCH)) == ["ALPHA/US-1", "ALPHA/US-2"]
    assert tree.events("branch_rewritten")
    assert [event["story"] for event in tree.events("reopened")] == ["US-1"]
    assert half_way.git("for-each-ref", f"--contains={lost}")


def test_a_merge_that_the_user_amended_counts(half_way: Repo, tree: Tree) -> None:
    said = half_way.git("log", "-1", "--format=%B", BRANCH)
    words = (
        ("-p", f"{BRANCH}^1", "-p", f"{BRANCH}^2")
        if " " in half_way.git("log", "-1", "--format=%P", BRANCH)
        else ("-p", f"{BRANCH}^1")
    )
    amended = half_way.git("commit-tree", f"{BRANCH}^{{tree}}", *words, "-m", f"mine\n\n{said}")
    half_way.git("update-ref", f"refs/heads/{BRANCH}", amended)
    _finish(tree)
    assert half_way.git("merge-base", BRANCH, amended) == amended
    assert tree.events("branch_rewritten")


def test_a_branch_that_somebody_looks_at_is_waited_for(half_way: Repo, tree: Tree) -> None:
    looking = half_way.path.parent / "looking"
    half_way.git("worktree", "add", "-q", str(looking), BRANCH)
    seen = half_way.git("rev-parse", BRANCH)
    tree.go()
    tree.wait(
        lambda: len([e for e in tree.events() if "is checked out in" in str(e["text"])]) > 1,
        "the wait for the branch is told, and it was tried again",
    )
    tree.wait(
        lambda: f"waits until git can go on: {BRANCH} is checked out" in tree.run("status").out,
        "status says what is waited for",
    )
    verified = tree.events("verified", story="US-2")
    assert half_way.git("rev-parse", BRANCH) == seen
    assert not half_way.git("status", "--porcelain", cwd=looking)
    half_way.git("worktree", "remove", str(looking))
    tree.wait_event("root_ended")
    tree.wait_gone(DEADLINE_S)
    assert half_way.merged(BRANCH) == ["ALPHA/US-1", "ALPHA/US-2"]
    assert not tree.events("attempt_failed")
    assert tree.events("verified", story="US-2") == verified, "no try runs them again"


def test_a_story_branch_that_somebody_looks_at_is_waited_for(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    base = repo.commit()
    repo.git("branch", "prd-supervise/ALPHA/US-1", base)
    looking = repo.path.parent / "looking"
    repo.git("worktree", "add", "-q", str(looking), "prd-supervise/ALPHA/US-1")
    run = tree.begin()
    tree.wait(
        lambda: [e for e in tree.events() if "is checked out in" in str(e["text"])],
        "the wait for the branch is told",
    )
    repo.git("worktree", "remove", str(looking))
    run.wait_exit(0)
    assert not tree.events("attempt_failed")


def test_a_base_branch_that_moves_or_goes_does_not_matter(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"), _held("US-2") | {"dependsOn": ["US-1"]})
    base = repo.commit()
    repo.git("switch", "-q", "-c", "begun-here")
    run = tree.begin()
    tree.wait_event("attempt_started", story="US-2")
    repo.git("switch", "-q", "main")
    repo.git("branch", "-q", "-D", "begun-here")
    repo.put("later.txt", "later\n")
    repo.commit("later")
    repo.seal()
    tree.go()
    run.wait_exit(0)
    assert tree.prd()["base"] == base
    assert repo.merged(BRANCH) == ["ALPHA/US-1", "ALPHA/US-2"]
    assert not repo.has(BRANCH, "later.txt")


@pytest.mark.parametrize("what", ["rebase", "merge", "bisect"])
def test_what_goes_on_in_the_users_checkout_does_not_matter(
    repo: Repo, tree: Tree, what: str
) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    repo.git("switch", "-q", "-c", "side")
    repo.put("README", "theirs\n")
    repo.commit("theirs")
    repo.git("switch", "-q", "main")
    repo.put("README", "ours\n")
    repo.commit("ours")
    if what == "bisect":
        repo.git("bisect", "start", "-q", "main", "main^")
    else:
        with pytest.raises(AssertionError, match="CONFLICT"):
            repo.git(what, "side")
    repo.seal()
    tree.begin().wait_exit(0)
    assert repo.merged(BRANCH) == ["ALPHA/US-1"]


def test_the_users_garbage_collection_takes_nothing_of_ours(half_way: Repo, tree: Tree) -> None:
    for words in (
        ("reflog", "expire", "--expire=now", "--expire-unreachable=now", "--all"),
        ("gc", "-q", "--prune=now"),
        ("repack", "-a", "-d", "-q"),
        ("prune", "--expire=now"),
    ):
        half_way.git(*words)
    _finish(tree)
    assert half_way.merged(BRANCH) == ["ALPHA/US-1", "ALPHA/US-2"]
    half_way.git("fsck", "--no-dangling", "--no-progress")


@pytest.mark.parametrize("lost", ["HEAD", "HEAD:", "HEAD:US-1.txt"])
def test_what_git_prune_takes_of_an_agents_commit_costs_no_attempt(
    repo: Repo, tree: Tree, lost: str
) -> None:
    took = f"""
    git add --all && git commit -qm mine
    name=$(git rev-parse {lost})
    rm -f "$(git rev-parse --git-common-dir)/objects/$(echo $name | sed 's|^..|&/|')"
    """
    repo.prd(story("US-1", write("US-1.txt", "x\n"), {"run": ["sh", "-ec", took]}))
    repo.commit()
    tree.begin().wait_exit(0)
    assert repo.merged(BRANCH) == ["ALPHA/US-1"]
    assert _attempts(tree) == 1
    assert "git had lost objects" in tree.events("git_mended")[0]["text"]
    repo.git("fsck", "--no-reflogs", "--no-dangling", "--no-progress")


def test_locks_of_the_users_that_are_not_in_our_way_do_not_matter(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    for name in ("index.lock", "HEAD.lock", "config.lock", "refs/heads/main.lock"):
        repo.put(f".git/{name}", "")
    repo.seal()
    tree.begin().wait_exit(0)
    assert repo.merged(BRANCH) == ["ALPHA/US-1"]
    assert all((repo.path / ".git" / name).exists() for name in ("index.lock", "config.lock"))


def test_an_empty_name_in_the_configuration_is_no_name(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    repo.git("config", "user.name", "")
    tree.begin().wait_exit(0)
    assert repo.git("log", "-1", "--format=%an", BRANCH) == "prd-supervise"

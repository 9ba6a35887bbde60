from __future__ import annotations

from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree


def test_a_taken_branch_name_gets_a_number(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"), branchName="feature/login")
    base = repo.commit()
    repo.git("branch", "feature/login")

    tree.begin().wait_exit(0)

    assert repo.git("rev-parse", "feature/login") == base
    assert repo.merged("feature/login-1") == ["ALPHA/US-1"]
    assert tree.prd()["branch"] == "feature/login-1"


def test_a_branch_that_is_to_be_adopted_goes_on(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"), branchName="feature/login")
    repo.commit()
    repo.git("switch", "-q", "-c", "feature/login")
    repo.put("begun.txt", "begun\n")
    begun = repo.commit("begun by hand")
    repo.git("switch", "-q", "main")

    tree.begin("start", "--adopt-branch").wait_exit(0)
    repo.disown("refs/heads/feature/login")

    assert repo.merged("feature/login") == ["ALPHA/US-1"]
    assert repo.git("merge-base", "feature/login", begun) == begun


def test_two_prds_that_want_one_branch_get_two(repo: Repo, tree: Tree) -> None:
    for name in ("a", "b"):
        prd_branch = {"branchName": "feature/same"}
        repo.prd(story(f"{name}-1"), name=f"tasks/{name}.json", project=name, **prd_branch)
    repo.commit()

    tree.begin().wait_exit(0)

    branches = {repo.merged("feature/same")[0], repo.merged("feature/same-1")[0]}
    assert branches == {"a/a-1", "b/b-1"}


def test_a_prd_that_is_not_committed_is_committed_on_its_branch_only(
    repo: Repo, tree: Tree
) -> None:
    base = repo.commit()
    repo.prd(story("US-1"))

    tree.begin().wait_exit(0)

    assert repo.flags("feature/ALPHA") == [True]
    assert "prd-supervise: add prd.json" in repo.subjects("feature/ALPHA")
    assert repo.git("rev-parse", "main") == base
    assert not repo.has("main", "prd.json")


def test_a_detached_head_is_a_base_as_any(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    base = repo.commit()
    repo.put("later.txt", "later\n")
    repo.commit("later")
    repo.git("checkout", "-q", "--detach", base)

    tree.begin().wait_exit(0)

    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    assert not repo.has("feature/ALPHA", "later.txt")
    assert tree.prd()["base"] == base


def test_the_configured_base_goes_before_the_branch_that_is_checked_out(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(merge={"base": "main"})
    repo.prd(story("US-1"))
    base = repo.commit()
    repo.git("switch", "-q", "-c", "side")
    repo.put("side.txt", "side\n")
    repo.commit("side")

    tree.begin().wait_exit(0)

    assert tree.prd()["base"] == base
    assert not repo.has("feature/ALPHA", "side.txt")


def test_start_in_a_subfolder_means_the_whole_repository(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.put("deep/er/file.txt", "x\n")
    repo.commit()

    tree.begin("start", cwd=repo.path / "deep" / "er").wait_exit(0)

    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    assert not (repo.path / "deep" / ".prd-supervise").exists()


def test_dash_c_names_the_repository_from_anywhere(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()

    tree.begin("start", "-C", str(repo.path), cwd=repo.path.parent).wait_exit(0)
    shown = tree.run("status", "-C", "repo", cwd=repo.path.parent, code=0)

    (line,) = (line for line in shown.out.splitlines() if line.startswith("ALPHA"))
    assert [word for word in line.split() if word in {"completed", "1/1"}] == ["completed", "1/1"]


def test_a_linked_worktree_shares_state_and_root_with_the_checkout(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    linked = repo.path.parent / "linked"
    repo.git("worktree", "add", "-q", "-b", "side", str(linked))
    repo.git("commit", "-q", "--allow-empty", "-m", "on the side", cwd=linked)
    side = repo.git("rev-parse", "side")

    tree.begin("start", cwd=linked).wait_exit(0)

    assert tree.prd()["base"] == side
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    assert not (linked / ".prd-supervise").exists()
    assert not repo.git("status", "--porcelain", cwd=linked)
    assert repo.git("rev-parse", "--abbrev-ref", "HEAD", cwd=linked) == "side"


def test_a_branch_of_ours_is_refused_as_a_base(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    tree.begin().wait_exit(0)
    repo.git("switch", "-q", "feature/ALPHA")
    repo.prd(story("N-1"), name="tasks/new.json", project="NEW")
    repo.seal()

    refused = tree.run("start", code=2)

    assert refused.lines[-1].startswith("feature/ALPHA: a branch of a PRD cannot be the base")
    assert "refs/heads/feature/NEW" not in repo.refs()

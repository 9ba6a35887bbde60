"""What becomes of a PRD that fails: its branch, and what has not begun."""

from __future__ import annotations

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

BAD = {"exit": 5}


def test_a_failed_prd_goes_back_and_a_retry_begins_again(repo: Repo, tree: Tree) -> None:
    repo.configure(on_failure="rollback", restart={"max_attempts": 1})
    repo.prd(
        story("good"),
        story("bad", replay=[[BAD], [write("bad.txt", "x\n")]], dependsOn=["good"]),
    )
    base = repo.commit()

    out = tree.begin().wait_exit(1)

    assert repo.git("rev-parse", "feature/ALPHA") == base
    (ref,) = [name for name in repo.salvaged() if name.startswith("ALPHA/branch/")]
    kept = f"refs/prd-supervise/salvage/{ref}"
    assert repo.show(kept, "good.txt") == "good\n"
    assert repo.merged(kept) == ["ALPHA/good"]
    told = f"rolled back: feature/ALPHA stands at {base[:10]} again, what it had is kept as {kept}"
    assert told in tree.prd()["reasons"]
    assert "rolled back" in out
    states = {name: each["state"] for name, each in tree.prd()["stories"].items()}
    assert states == {"good": "rolled back", "bad": "failed"}
    assert tree.prd()["progress"] == {"completed": 0, "total": 2}

    # A start changes nothing: the PRD has failed, and stays as it is.
    tree.begin("start", "ALPHA").wait_exit(1)
    assert repo.git("rev-parse", "feature/ALPHA") == base
    assert [name for name in repo.salvaged() if name.startswith("ALPHA/branch/")] == [ref]
    assert len(tree.events("attempt_started", story="good")) == 1

    tree.begin("resume", "--retry").wait_exit(0)

    assert sorted(repo.merged("feature/ALPHA")) == ["ALPHA/bad", "ALPHA/good"]
    assert "was rolled back: open again" in tree.events("reopened", story="good")[0]["text"]
    assert repo.git("rev-parse", kept)


def test_a_branch_that_is_checked_out_does_not_go_back(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 1})
    looking = repo.path.parent / "looking"
    look = {"run": ["git", "-C", str(repo.path), "worktree", "add", "-q", str(looking)]}
    look["run"].append("feature/ALPHA")
    repo.prd(story("good"), story("bad", look, BAD, dependsOn=["good"]), onFailure="rollback")
    repo.commit()

    tree.begin().wait_exit(1)

    assert repo.merged("feature/ALPHA") == ["ALPHA/good"]
    reasons = " ".join(tree.prd()["reasons"])
    assert f"not rolled back: feature/ALPHA is checked out in {looking}" in reasons

    # What is still there can be built on.
    repo.prd(story("B-1", dependsOn=["ALPHA/good"]), name="tasks/b.json", project="BETA")
    repo.seal()
    tree.begin("start", "tasks/b.json").wait_exit(0)


def test_a_stopped_prd_keeps_its_branch(repo: Repo, tree: Tree) -> None:
    repo.configure(on_failure="rollback")
    repo.prd(story("good"), story("later", HOLD, dependsOn=["good"]))
    repo.commit()
    run = tree.begin()
    tree.wait_event("attempt_started", story="later")

    tree.run("stop", "--now", code=0)

    run.wait_exit(75)
    assert repo.merged("feature/ALPHA") == ["ALPHA/good"]


def test_a_prd_that_fails_fast_begins_nothing_more_and_the_others_go_on(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(restart={"max_attempts": 1}, max_workers=1)
    repo.prd(
        story("bad", BAD, priority=1),
        story("next", priority=2),
        story("last", priority=3),
        failFast=True,
    )
    repo.prd(story("B-1", HOLD, write("B-1.txt", "x\n")), name="tasks/b.json", project="BETA")
    repo.commit()
    run = tree.begin()
    tree.wait_event("prd_failed", prd="ALPHA")
    tree.go()

    run.wait_exit(1)

    alpha = tree.prd()
    states = {name: each["state"] for name, each in alpha["stories"].items()}
    assert states == {"bad": "failed", "next": "skipped", "last": "skipped"}
    reason = "not begun: bad failed, and the PRD is to fail fast"
    assert alpha["stories"]["last"]["reason"] == reason
    assert not tree.events("attempt_started", story="next")
    assert tree.prd("BETA")["state"] == "completed"


def test_a_run_that_fails_fast_says_whose_failure_ended_it(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 1}, fail_fast=True)
    repo.prd(story("bad", BAD), story("next", dependsOn=["bad"]))
    repo.prd(story("B-1", HOLD), name="tasks/b.json", project="BETA")
    repo.commit()

    out = tree.begin("start", "--grace-s", "5").wait_exit(1)

    assert tree.prd()["state"] == "failed"
    beta = tree.prd("BETA")
    assert beta["state"] == "stopped"
    assert beta["reasons"] == ["stopped because ALPHA/bad failed, and the run is to fail fast"]
    assert beta["reasons"][0] in out


def test_a_base_that_was_red_can_be_mended_on_the_branch(repo: Repo, tree: Tree) -> None:
    """What was forgotten in the first commit is committed, and the branch taken along."""
    repo.configure(restart={"max_attempts": 1})
    work = write("A.txt", "x\n")
    repo.prd(story("A", replay=[[HOLD, work], [work]], verify=["sh tests/forgotten.sh"]))
    base = repo.commit()

    run = tree.begin()
    tree.wait_event("base_red", story="A")
    tree.go()
    run.wait_exit(1)

    (reason,) = [each["text"] for each in tree.events("story_failed", story="A")]
    told = f"not the story's own to mend there (at {base[:10]}), mend in feature/ALPHA, then retry"
    assert reason.endswith(told)

    repo.put("tests/forgotten.sh", "true\n")
    repo.commit("what was forgotten")
    repo.git("branch", "--force", "feature/ALPHA", "main")
    repo.seal()

    tree.begin("resume", "--retry").wait_exit(0)

    assert repo.merged("feature/ALPHA") == ["ALPHA/A"]
    assert len(tree.events("attempt_started", story="A")) == 2

"""What is finished and older than `[keep] days` goes by itself; the only copy of work never."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

SOON = {"days": 0.00001}  # less than a second
OTHER = story("B-1", {"say": "at work"}, HOLD, write("B-1.txt", "x\n"))


def ended_long_ago(tree: Tree, prd: str = "ALPHA") -> None:
    """Wait until the PRD is older than SOON."""
    ended = float(tree.prd(prd)["ended_at"])
    tree.wait(lambda: time.time() > ended + 1.0, "time stands still")


def work_beside(repo: Repo, tree: Tree) -> Any:  # noqa: ANN401  a run
    """Start a PRD of another file, so that root has something to live for."""
    repo.prd(OTHER, name="prds/active/B/prd.json", project="B")
    repo.seal()
    return tree.begin("start", "B")


def finish(run: Any, tree: Tree) -> None:  # noqa: ANN401  a run
    """Let the agent that is held go on."""
    tree.go()
    run.wait_exit(0)


def test_a_prd_that_ended_long_ago_is_tidied_and_then_forgotten(repo: Repo, tree: Tree) -> None:
    repo.configure(keep=SOON)
    document = repo.prd(story("US-1"), story("US-2", dependsOn=["US-1"]))
    repo.commit()
    tree.begin().wait_exit(0)
    document.unlink()
    ended_long_ago(tree)

    run = work_beside(repo, tree)
    tree.wait_event("tidied", count=2)

    repo.seal()  # nothing says any more that the branch was ours: it is the user's own now
    told = [event["text"] for event in tree.events("tidied")]
    assert told[0].startswith("finished and old: attempts removed, ")
    assert told[1] == "finished and old: 1 folder removed"
    assert [prd["id"] for prd in tree.status()["prds"]] == ["B"]
    assert not (repo.state / "prds" / "ALPHA").exists()
    assert not list((repo.state / "plans").glob("ALPHA*"))
    assert not [name for name in repo.refs("prd-supervise") if "ALPHA" in name]
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"], "the branch is yours"
    finish(run, tree)
    tree.run("resume", code=0)
    assert [prd["id"] for prd in tree.status()["prds"]] == ["B"]


def test_a_prd_whose_document_is_there_is_not_forgotten(repo: Repo, tree: Tree) -> None:
    repo.configure(keep=SOON)
    repo.prd(story("US-1"))
    repo.commit()
    tree.begin().wait_exit(0)
    ended_long_ago(tree)

    run = work_beside(repo, tree)
    tree.wait_event("tidied")
    finish(run, tree)

    assert not tree.attempt("US-1").exists()
    assert tree.prd("ALPHA")["state"] == "completed"
    tree.run("start", code=0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"], "it is not run once more"


def test_a_prd_that_a_budget_still_counts_goes_on_in_its_branch(repo: Repo, tree: Tree) -> None:
    repo.configure(keep=SOON, budget={"budget_usd": 100.0})
    document = repo.prd(story("US-1"))
    repo.commit()
    tree.begin().wait_exit(0)
    document.unlink()
    ended_long_ago(tree)
    run = work_beside(repo, tree)
    tree.wait_event("tidied")
    finish(run, tree)

    repo.prd(story("US-1"), story("US-2"))
    repo.commit()
    repo.seal()
    tree.run("start", "ALPHA", code=0)

    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]
    assert "refs/heads/feature/ALPHA-1" not in repo.refs("heads")


def test_the_only_copy_of_work_is_kept_and_told_once(repo: Repo, tree: Tree) -> None:
    repo.configure(keep=SOON, restart={"max_attempts": 2})
    bad = story("US-2", write("half.txt", "half\n"), {"exit": 1}, verify=["false"])
    document = repo.prd(story("US-1"), bad)
    repo.commit()
    tree.begin().wait_exit(1)
    before = repo.refs("prd-supervise") | repo.refs("heads")
    repo.git("update-ref", "refs/prd-supervise/salvage/ALPHA/US-2/9", _salvage(repo))
    document.unlink()
    ended_long_ago(tree)

    run = work_beside(repo, tree)
    tree.wait_event("kept_back")
    finish(run, tree)

    assert len(tree.events("kept_back")) == 1
    assert "work that nothing else holds" in tree.events("kept_back")[0]["text"]
    after = repo.refs("prd-supervise") | repo.refs("heads")
    assert "refs/prd-supervise/salvage/ALPHA/US-2/9" in after
    assert after["refs/heads/feature/ALPHA"] == before["refs/heads/feature/ALPHA"]
    stories = {name for name in before if "/US-2" in name}
    assert stories <= after.keys(), "work that is merged nowhere stays"
    assert tree.prd("ALPHA")["state"] == "failed"


def test_a_lost_journal_of_root_costs_no_prd_its_folder(repo: Repo, tree: Tree) -> None:
    repo.configure(keep=SOON)
    repo.prd(story("US-1"))
    repo.commit()
    tree.begin().wait_exit(0)
    ended_long_ago(tree)
    for name in ("journal.log", "snapshot.json"):
        (repo.state / name).unlink()
    unknown = repo.state / "prds" / "GAMMA"
    (unknown / "locked").mkdir(parents=True)
    (unknown / "locked" / "file").write_text("x")
    (unknown / "locked").chmod(0o500)
    os.utime(unknown / "locked", (1.0, 1.0))
    os.utime(unknown, (1.0, 1.0))

    run = work_beside(repo, tree)
    tree.wait_event("tidied")

    assert [event["text"] for event in tree.events("tidied")] == [
        "finished and old: 1 folder removed"
    ]
    assert not unknown.exists(), "nobody knows of it, nor does git"
    assert (repo.state / "prds" / "ALPHA" / "journal.log").exists()
    assert (repo.state / "plans" / "ALPHA.json").exists()
    finish(run, tree)
    tree.run("start", code=0)
    assert tree.prd("ALPHA")["state"] == "completed"
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]


def test_nothing_goes_for_ever_where_no_days_are_set(repo: Repo, tree: Tree) -> None:
    repo.configure(keep={"days": 0})
    repo.prd(story("US-1"))
    repo.commit()
    tree.begin().wait_exit(0)
    run = work_beside(repo, tree)
    tree.wait_event("attempt_started", prd="B")
    started = time.monotonic()
    tree.wait(lambda: time.monotonic() > started + 3.0, "time stands still")

    assert not tree.events("tidied")
    assert tree.attempt("US-1").exists()
    finish(run, tree)


def test_a_stop_does_not_wait_for_what_is_tidied(repo: Repo, tree: Tree) -> None:
    repo.configure(keep=SOON)
    repo.prd(story("US-1"))
    repo.commit()
    tree.begin().wait_exit(0)
    ended_long_ago(tree)
    run = tree.begin("start", "--watch")
    tree.wait_event("root_started", count=2)

    run.signal(signal.SIGTERM)
    run.wait_exit(None)

    repo.git("fsck", "--no-dangling", "--no-progress")


def _salvage(repo: Repo) -> str:
    """A commit of long ago that nothing else holds."""
    head = repo.git("rev-parse", "HEAD")
    repo.put("only.txt", "only here\n")
    repo.git("add", "only.txt")
    tree = repo.git("write-tree")
    repo.git("reset", "-q")
    (repo.path / "only.txt").unlink()
    return repo.git("commit-tree", tree, "-p", head, "-m", "salvage: US-2")

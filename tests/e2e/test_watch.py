"""`--watch`: a tree that stays, and takes PRDs as they appear and change."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.held_git import HeldGit
from tests.support.tree import Tree


def test_prds_are_taken_as_they_appear_and_change(repo: Repo, tree: Tree) -> None:
    repo.commit()
    run = tree.begin("start", "--watch")
    tree.wait_event("watching")

    repo.prd(story("US-1"))
    repo.seal()
    tree.wait_event("prd_completed", prd="ALPHA")
    again = write("US-1.txt", "again\n")
    repo.prd(story("US-1", again, acceptanceCriteria=["again"]), story("US-2"))
    repo.seal()
    tree.wait_event("prd_completed", prd="ALPHA", count=2)
    repo.prd(story("B-1"), name="prds/active/B/prd.json", project="B")
    repo.seal()
    tree.wait_event("prd_completed", prd="B")

    run.signal(signal.SIGTERM)
    run.wait_exit(0)
    assert repo.show("feature/ALPHA", "US-1.txt") == "again\n"
    assert repo.merged("feature/B") == ["B/B-1"]
    assert not tree.events("reload_failed")


def test_a_prd_that_comes_while_it_begins_is_taken(repo: Repo, tree: Tree, tmp_path: Path) -> None:
    repo.commit()
    held = HeldGit(tree, tmp_path)
    held.hold("start --watch", "--version")  # by doctor's checks: the PRDs were looked for before
    run = tree.begin("start", "--watch")
    tree.wait(held.is_reached, "the checks", run)
    repo.prd(story("US-1"))
    repo.seal()
    held.go()
    tree.wait_event("prd_completed", prd="ALPHA")
    run.signal(signal.SIGTERM)
    run.wait_exit(0)


def test_what_could_not_be_taken_on_another_branch_is_taken_when_that_is_left(
    repo: Repo, tree: Tree
) -> None:
    repo.commit()
    run = tree.begin("start", "--watch")
    tree.wait_event("watching")
    repo.git("switch", "--quiet", "--create", "prd-supervise/of-ours")
    repo.prd(story("US-1"))
    repo.seal()
    tree.wait_event("reload_failed")
    assert "cannot be the base" in tree.events("reload_failed")[0]["text"]

    repo.git("symbolic-ref", "HEAD", "refs/heads/main")  # no file that is listened to changes
    repo.seal()
    tree.wait_event("prd_completed", prd="ALPHA")
    assert len(tree.events("reload_failed")) == 1
    run.signal(signal.SIGTERM)
    run.wait_exit(0)


def test_a_broken_file_is_set_aside_and_reported_once(repo: Repo, tree: Tree) -> None:
    repo.put("tasks/broken.json", '{"userStories": [')
    repo.prd(story("US-1"))
    repo.commit()
    run = tree.begin("start", "--watch")
    tree.wait_event("prd_completed", prd="ALPHA")
    assert "tasks/broken.json:1:18: this is not JSON" in run.output

    repo.put("tasks/other.json", '{"userStories": [{"id": 1,')
    repo.seal()
    tree.wait_event("reload_failed")
    repo.prd(story("B-1"), name="tasks/other.json", project="B")
    repo.seal()
    tree.wait_event("prd_completed", prd="B")

    told = [event["text"] for event in tree.events("reload_failed")]
    assert len(told) == 1
    assert told[0].startswith("tasks/other.json:1:27: this is not JSON")
    assert "\n" not in told[0], "no caret, for an event is shown in one line"
    run.signal(signal.SIGTERM)
    run.wait_exit(1)  # tasks/broken.json is broken still


def test_an_editor_that_writes_beside_and_renames_is_heard(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", {"say": "at work"}, HOLD, write("US-1.txt", "x\n")))
    repo.commit()
    run = tree.begin("resume", "--watch")
    tree.wait_event("watching")
    tree.run("start", "prd.json", "--detach", code=0)
    tree.wait_said("US-1", "at work")

    held = story("US-1", {"say": "at work"}, HOLD, write("US-1.txt", "x\n"))
    beside = repo.prd(held, story("US-2"), name=".prd.json.swp")
    os.replace(beside, repo.path / "prd.json")  # noqa: PTH105  as editors do
    repo.seal()

    tree.wait_event("merged", story="US-2")
    assert tree.events("plan_changed")[0]["text"] == "new: US-2"
    tree.run("stop", "--now", code=0)
    run.wait_exit(75)


def test_a_watch_without_work_is_idle_and_ends_with_nothing_left(repo: Repo, tree: Tree) -> None:
    repo.commit()
    run = tree.begin("start", "--watch")
    tree.wait_event("watching")
    assert tree.status()["prds"] == []
    run.signal(signal.SIGTERM)
    run.wait_exit(0)


def test_a_link_that_leads_to_itself_ends_nothing(repo: Repo, tree: Tree) -> None:
    path = repo.prd(story("US-1"))
    repo.commit()
    run = tree.begin("start", "--watch")
    tree.wait_event("prd_completed")

    path.unlink()
    path.symlink_to(path.name)
    repo.prd(story("B-1"), name="tasks/b.json", project="B")
    repo.seal()
    tree.wait_event("prd_completed", prd="B")
    run.signal(signal.SIGTERM)
    run.wait_exit(0)


def test_a_plan_that_cannot_be_written_ends_nothing_and_is_tried_again(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    run = tree.begin("start", "--watch")
    tree.wait_event("prd_completed")

    plan = repo.state / "plans" / "ALPHA.json"
    in_the_way = plan.with_name(f".{plan.name}.new")  # for every write to it, as on a full disk
    in_the_way.mkdir()
    repo.prd(story("US-1"), story("US-2"))
    repo.seal()
    tree.wait_event("reload_failed")
    refused = tree.run("start", "prd.json", "--detach", code=1)
    assert "cannot write the state: " in refused.err
    in_the_way.rmdir()

    tree.wait_event("merged", story="US-2")
    assert len(tree.events("reload_failed")) == 1
    run.signal(signal.SIGTERM)
    run.wait_exit(0)


def test_of_a_file_full_of_defects_the_first_are_told(repo: Repo, tree: Tree) -> None:
    repo.commit()
    run = tree.begin("start", "--watch")
    tree.wait_event("watching")
    repo.prd(story("US-1", dependsOn=[f"NO-{number}" for number in range(300)]))
    repo.seal()
    tree.wait(lambda: len(tree.events("reload_failed")) > 20, "the defects", run)
    told = [event["text"] for event in tree.events("reload_failed")]
    assert len(told) == 21
    assert told[-1].startswith("280 more; `prd-supervise check` says them all")
    run.signal(signal.SIGTERM)
    run.wait_exit(1)

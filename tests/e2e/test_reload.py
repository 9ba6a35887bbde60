from __future__ import annotations

import signal

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree
from tests.support.tree_run import Run


def begin_held(repo: Repo, tree: Tree) -> Run:
    repo.prd(story("US-1", {"say": "at work"}, HOLD, write("US-1.txt", "x\n")))
    repo.commit()
    run = tree.begin()
    tree.wait_said("US-1", "at work")
    return run


def test_sighup_takes_new_prds_and_new_settings(repo: Repo, tree: Tree) -> None:
    run = begin_held(repo, tree)
    repo.prd(story("N-1", verify=None), name="tasks/new.json", project="NEW")
    repo.configure(verify={"commands": ["echo as configured now"]})
    repo.seal()

    run.signal(signal.SIGHUP)

    tree.wait_event("prd_completed", prd="NEW")
    assert repo.merged("feature/NEW") == ["NEW/N-1"]
    checked = tree.result("N-1", prd="NEW")["merged_run"]["commands"]
    assert [each["command"] for each in checked] == ["echo as configured now"]
    tree.go()
    run.wait_exit(0)
    assert len(tree.events("attempt_started", prd="ALPHA")) == 1


def test_sighup_with_defects_says_so_and_changes_nothing(repo: Repo, tree: Tree) -> None:
    run = begin_held(repo, tree)
    repo.put("prd-supervise.toml", "max_prd = 3\n")
    repo.seal()

    run.signal(signal.SIGHUP)

    tree.wait_event("reload_failed")
    assert "did you mean 'max_prds'?" in tree.events("reload_failed")[0]["text"]
    tree.go()
    run.wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]


def test_a_stop_obeys_the_grace_of_the_new_configuration(repo: Repo, tree: Tree) -> None:
    run = begin_held(repo, tree)
    repo.configure(grace_s=1)
    repo.seal()
    run.signal(signal.SIGHUP)
    tree.wait_event("reloaded")

    tree.run("stop", code=0)

    run.wait_exit(75)
    assert tree.events("stopping")[0]["text"] == "everything ends within 1 s"

"""A person has the word: before a story, before its merge, before a PRD is complete."""

from __future__ import annotations

import signal
from typing import Any

from tests.support.e2e_processes import kill
from tests.support.e2e_repo import Repo, story, write
from tests.support.tree import Tree
from tests.support.tree_run import Run


def asked(tree: Tree, run: Run, story_id: str = "", *, count: int = 1) -> dict[str, Any]:
    """Wait until somebody is asked, and it is shown; give what `status` shows of it."""
    tree.wait(
        lambda: len(tree.events("approval_wanted", story=story_id)) >= count,
        f"{story_id or 'the PRD'} asks",
        run,
    )
    tree.wait(lambda: shown(tree, story_id)["awaits"], "it is shown", run)
    return shown(tree, story_id)


def shown(tree: Tree, story_id: str = "") -> dict[str, Any]:
    prd = tree.prd()
    unknown = {"awaits": None}  # its PRD has not told of it yet
    found = prd["stories"].get(story_id, unknown) if story_id else prd
    assert isinstance(found, dict)
    return found


def workers(tree: Tree) -> list[str]:
    return [title for title in tree.processes() if title.startswith("story ")]


def test_green_work_waits_without_a_worker_until_somebody_approves_its_merge(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(approve="merge", max_workers=1)
    repo.prd(story("US-1"), story("US-2"), story("US-3", dependsOn=["US-1"]))
    repo.commit()

    run = tree.begin()

    assert asked(tree, run, "US-1")["awaits"] == "merge"
    assert asked(tree, run, "US-2")["state"] == "waiting for approval", "US-1 takes no place"
    tree.wait(lambda: not workers(tree), "no worker is kept for who waits", run)
    assert tree.result("US-1")["result"] == "waiting"
    assert shown(tree)["note"] == (
        "waits for approval: US-1, US-2; `prd-supervise approve ALPHA/US-1`"
    )
    assert not repo.has("feature/ALPHA", "US-1.txt")

    assert tree.run("approve", "US-1", code=0).out == "approved: ALPHA/US-1\n"
    tree.wait_event("merged", story="US-1")
    assert len(tree.events("verified", story="US-1")) == 1, "its evidence was kept"
    asked(tree, run, "US-3")
    done = tree.run("approve", "ALPHA", "--all", code=0)

    assert done.out == "approved: ALPHA/US-2, ALPHA/US-3\n"
    run.wait_exit(0)
    assert repo.merged("feature/ALPHA")[0] == "ALPHA/US-1"
    assert "; approved by " in shown(tree, "US-3")["evidence"]
    assert [each["story"] for each in tree.events("approval_wanted")] == ["US-1", "US-2", "US-3"]


def test_a_rejected_merge_goes_again_and_its_agent_is_told_why(repo: Repo, tree: Tree) -> None:
    repo.configure(approve=["merge"])
    repo.prd(story("US-1", replay=[[write("US-1.txt", "x\n")], [write("US-1.txt", "y\n")]]))
    repo.commit()
    run = tree.begin()
    asked(tree, run, "US-1")

    assert tree.run("reject", "US-1", "it says x, I want y", code=0).out == (
        "rejected: ALPHA/US-1\n"
    )
    asked(tree, run, "US-1", count=2)

    assert "it says x, I want y" in (tree.attempt("US-1", 2) / "prompt.md").read_text()
    assert shown(tree, "US-1")["failure"]["type"] == "rejected"
    assert shown(tree, "US-1")["losses"]["ordinary"] == 1
    tree.run("approve", "US-1", code=0)
    run.wait_exit(0)
    assert repo.show("feature/ALPHA", "US-1.txt") == "y\n"


def test_a_question_survives_the_death_of_the_whole_tree(repo: Repo, tree: Tree) -> None:
    repo.configure(approve="merge")
    repo.prd(story("US-1"))
    repo.commit()
    run = tree.begin()
    asked(tree, run, "US-1")
    run.signal(signal.SIGKILL)
    run.wait_exit(-signal.SIGKILL)
    tree.wait_gone()
    assert shown(tree, "US-1")["awaits"] == "merge", "without a root as well"

    again = tree.begin("resume")
    tree.wait(lambda: len(tree.events("root_started")) == 2, "root", again)
    assert asked(tree, again, "US-1")["state"] == "waiting for approval"
    assert not workers(tree)
    tree.run("approve", "US-1", code=0)

    again.wait_exit(0)
    assert len(tree.events("approval_wanted")) == 1, "it is asked once"
    assert len(tree.events("attempt_started")) == 1
    assert len(tree.events("verified", story="US-1")) == 2, "its evidence was not kept"


def test_an_answer_without_a_root_is_kept_for_the_next_resume(repo: Repo, tree: Tree) -> None:
    repo.configure(approve="merge")
    repo.prd(story("US-1"))
    repo.commit()
    run = tree.begin()
    asked(tree, run, "US-1")
    tree.run("stop", code=0)
    run.wait_exit(75)

    done = tree.run("approve", "US-1", code=0)
    assert done.out == "approved: ALPHA/US-1; `prd-supervise resume ALPHA` goes by that\n"
    assert shown(tree, "US-1")["awaits"] is None
    assert "`prd-supervise resume ALPHA` goes by that" in shown(tree, "US-1")["reason"]
    again = tree.run("approve", "US-1", code=0).out
    assert again.startswith("ALPHA/US-1 was approved already, by ")
    assert "US-1 was approved by" in tree.run("reject", "US-1", "no", code=1).err

    tree.begin("resume").wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]


def test_a_story_begins_once_it_is_approved_and_is_given_up_where_it_is_rejected(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(
        story("US-1", approve="story"),
        story("US-2", approve=["story"]),
        story("US-3", dependsOn=["US-2"]),
        story("US-4", dependsOn=["US-1"], approve="story"),
    )
    repo.commit()
    run = tree.begin()
    assert asked(tree, run, "US-1")["awaits"] == "story"
    asked(tree, run, "US-2")
    assert not tree.events("attempt_started")
    assert not tree.events("approval_wanted", story="US-4"), "its turn has not come"

    tree.run("reject", "US-2", "we do not want that", code=0)
    tree.run("approve", "US-1", code=0)
    asked(tree, run, "US-4")
    tree.run("approve", "US-4", code=0)

    run.wait_exit(1)
    rejected = shown(tree, "US-2")
    assert rejected["state"] == "failed"
    assert rejected["failure"]["type"] == "rejected"
    assert rejected["reason"].endswith(": we do not want that")
    assert shown(tree, "US-3")["state"] == "skipped"
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-4"]

    again = tree.begin("resume", "--retry")
    asked(tree, again, "US-2", count=2)
    tree.run("approve", "US-2", code=0)
    again.wait_exit(0)
    assert "we do not want that" in (tree.attempt("US-2") / "prompt.md").read_text()


def test_a_prd_of_which_all_is_done_waits_and_a_rejected_one_does_not_land(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(merge={"auto": True, "base": "trunk"})
    repo.prd(story("US-1"), approve="prd")
    began = repo.commit()
    repo.git("branch", "trunk")
    run = tree.begin()
    assert asked(tree, run)["awaits"] == "prd"
    assert shown(tree)["note"].startswith("all is done; waits for approval of the whole: ")
    run.signal(signal.SIGKILL)
    run.wait_exit(-signal.SIGKILL)
    tree.wait_gone()
    tree.run("reject", "ALPHA", "the words are wrong", code=0)

    tree.begin("resume").wait_exit(1)

    assert tree.prd()["state"] == "failed"
    assert tree.prd()["reasons"][0].endswith(": the words are wrong")
    assert repo.git("rev-parse", "trunk") == began

    again = tree.begin("resume", "--retry")
    asked(tree, again, count=2)
    tree.run("approve", "ALPHA", code=0)
    again.wait_exit(0)
    assert repo.has("trunk", "US-1.txt")
    repo.disown("refs/heads/trunk")


def test_a_rejected_prd_is_asked_about_again_while_its_root_lives(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.prd(story("US-1"), name="other/prd.json", project="BETA", approve="story")
    repo.configure(prds=["other"])
    repo.commit()
    run = tree.begin("start", "--interactive")
    assert asked(tree, run, "US-1")["awaits"] == "merge", "as --interactive means"
    run.signal(signal.SIGKILL)
    run.wait_exit(-signal.SIGKILL)
    tree.wait_gone()
    run = tree.begin("resume")
    tree.wait(lambda: len(tree.events("root_started")) == 2, "root", run)
    tree.run("approve", "ALPHA/US-1", code=0)
    tree.wait(lambda: shown(tree)["awaits"] == "prd", "the end is asked about, too", run)
    tree.run("reject", "ALPHA", "no", code=0)
    tree.wait(lambda: tree.prd()["state"] == "failed", "it has failed", run)
    assert "only what failed" in tree.run("retry", "ALPHA/US-1", code=1).err

    tree.run("retry", "ALPHA", code=0)
    tree.wait(lambda: shown(tree)["awaits"] == "prd", "it is asked about again", run)
    tree.run("approve", "ALPHA", code=0)
    tree.wait(lambda: tree.prd()["state"] == "completed", "it is complete", run)

    assert "waits for approval" in tree.run("status", code=0).out
    assert "nothing is named; waiting: BETA/US-1 (" in tree.run("approve", code=2).err
    tree.run("approve", "--all", code=0)  # the merge and the end of BETA come after that
    tree.wait(lambda: tree.prd("BETA")["stories"]["US-1"]["awaits"] == "merge", "merge", run)
    tree.run("approve", "BETA/US-1", code=0)
    tree.wait(lambda: tree.prd("BETA")["awaits"] == "prd", "its end", run)
    tree.run("approve", "--all", code=0)
    run.wait_exit(0)


def test_what_cannot_be_answered_is_said(repo: Repo, tree: Tree) -> None:
    repo.configure(approve="merge")
    repo.prd(story("US-1"), story("US-2", dependsOn=["US-1"]))
    repo.commit()
    assert tree.run("approve", "US-1", code=1).err == (
        "nothing was run here yet: nothing waits for approval\n"
    )
    run = tree.begin()
    asked(tree, run, "US-1")

    for reason, problem in (
        ("", "the reason is empty; say why"),
        ("a\nb", "the reason has a line break in it; write it in one line"),
        ("a\x1b[2Jb", "the reason has U+001B in it"),
        ("x" * 2001, "the reason has 2001 characters; 2000 are allowed"),
    ):
        assert f"reject: {problem}" in tree.run("reject", "US-1", reason, code=2).err
    assert "no such PRD or story" in tree.run("approve", "US-9", code=2).err
    assert "ALPHA/US-2: it does not wait for approval; waiting: ALPHA/US-1" in (
        tree.run("approve", "US-2", "US-1", code=1).err
    )
    tree.wait_event("merged", story="US-1")  # who is refused keeps nobody from going on
    asked(tree, run, "US-2")
    assert (
        "only stories of it wait (ALPHA/US-2); `--all`" in tree.run("approve", "ALPHA", code=1).err
    )
    tree.run("reject", "US-2", "not so", code=0)
    asked(tree, run, "US-2", count=2)
    tree.run("approve", "--all", code=0)
    run.wait_exit(0)
    assert tree.run("approve", "--all", code=0).out == "nothing waits for approval\n"


def test_a_supervisor_that_dies_while_people_are_asked_costs_no_attempt(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(approve=["story", "merge"])
    repo.prd(story("US-1"))
    repo.commit()
    plan = tree.run("plan", code=0).out
    assert "before the first attempt: US-1" in plan
    assert "before the merge: US-1" in plan
    run = tree.begin()
    asked(tree, run, "US-1")
    kill(tree.pid_of("prd ALPHA"))
    tree.wait_event("prd_restarting")
    tree.run("approve", "US-1", code=0)  # whoever serves next is told
    asked(tree, run, "US-1", count=2)
    assert shown(tree, "US-1")["awaits"] == "merge"

    kill(tree.pid_of("prd ALPHA"))
    tree.wait_event("prd_restarting", count=2)
    tree.run("approve", "US-1", code=0)

    run.wait_exit(0)
    assert [each["attempt"] for each in tree.events("attempt_started")] == [1]
    assert len(tree.events("approval_wanted")) == 2
    assert shown(tree, "US-1")["losses"]["ordinary"] == 0

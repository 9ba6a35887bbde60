"""The operator's hand on a tree that runs: hold, release, retry, restart."""

from __future__ import annotations

import json
import os
import re
import signal
from pathlib import Path

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree
from tests.support.tree_run import Run


def at_work(story_id: str, **fields: object) -> dict[str, object]:
    return story(story_id, {"say": "at work"}, HOLD, write(f"{story_id}.txt", "x\n"), **fields)


def begin(repo: Repo, tree: Tree, *, stories: int = 2, **tables: object) -> Run:
    """Start with US-1 at work, and as many others as there are waiting for it."""
    repo.configure(**tables)
    others = [story(f"US-{number}", dependsOn=["US-1"]) for number in range(2, stories + 1)]
    repo.prd(at_work("US-1"), *others)
    repo.commit()
    run = tree.begin()
    tree.wait_said("US-1", "at work")
    return run


def stories_of(tree: Tree) -> dict[str, dict[str, object]]:
    found = tree.prd()["stories"]
    assert isinstance(found, dict)
    return found


def test_a_held_story_begins_nothing_until_it_is_released(repo: Repo, tree: Tree) -> None:
    run = begin(repo, tree, stories=3)

    held = tree.run("hold", "US-2", "ALPHA/US-1", code=0)

    assert held.out.startswith("held: ALPHA/US-2, ALPHA/US-1; ")
    assert tree.run("hold", "US-2", code=1).err == "ALPHA/US-2 is held already\n"
    tree.go()
    tree.wait_event("merged", story="US-1")  # what runs goes on to its decision
    tree.wait_event("merged", story="US-3")
    tree.wait(lambda: stories_of(tree)["US-2"]["state"] == "held", "it is shown", run)
    assert stories_of(tree)["US-2"]["held"]
    text = tree.run("status", code=0).out
    assert re.search(r"US-2 +held", text)
    assert "only what is held is left: US-2" in text
    assert not run.is_over
    assert not tree.events("attempt_started", story="US-2")

    assert tree.run("release", "US-2", code=0).out == "released: ALPHA/US-2\n"

    run.wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-3", "ALPHA/US-2"]
    assert [event["prd"] for event in tree.events("held", story="US-2")] == ["ALPHA"]
    assert tree.events("released", story="US-2")


def test_a_held_prd_waits_as_a_whole_over_a_crash_and_a_resume(repo: Repo, tree: Tree) -> None:
    run = begin(repo, tree)
    tree.run("hold", "ALPHA", code=0)
    assert "ALPHA  active (held)" in tree.run("status", code=0).out
    run.signal(signal.SIGKILL)  # what was answered was in the journal
    run.wait_exit(-signal.SIGKILL)
    tree.wait_gone()
    assert tree.prd()["held"], "without a root as well"
    tree.go()

    again = tree.begin("resume")
    tree.wait(lambda: len(tree.events("root_started")) == 2, "root", again)
    assert tree.prd()["note"].startswith("held: nothing new begins")
    assert "ALPHA  queued (held)" in tree.run("status", code=0).out
    assert len(tree.events("attempt_started")) == 1
    tree.run("release", "ALPHA", code=0)

    again.wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]
    told = tree.run("events", "--child", "ALPHA", code=0).out
    assert " held " in told
    assert " released " in told


def test_a_prd_that_waits_for_its_turn_can_be_held(repo: Repo, tree: Tree) -> None:
    repo.configure(max_prds=1)
    repo.prd(at_work("A-1"))
    repo.prd(story("B-1"), name="tasks/b.json", project="BETA")
    repo.commit()
    run = tree.begin()
    tree.wait_said("A-1", "at work")
    stories = tree.prd("BETA")["stories"]
    assert {name: each["state"] for name, each in stories.items()} == {"B-1": "waiting"}
    tree.run("hold", "BETA", code=0)
    tree.go()
    tree.wait_event("prd_completed", prd="ALPHA")
    assert (tree.prd("BETA")["state"], tree.prd("BETA")["held"]) == ("queued", True)
    assert not tree.events("attempt_started", prd="BETA")

    tree.run("release", "BETA", code=0)

    run.wait_exit(0)
    assert repo.merged("feature/BETA") == ["BETA/B-1"]


def test_a_failed_story_is_retried_while_the_others_run(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 1})
    needs_flag = {"run": ["sh", "-c", 'test -e "$TMPDIR/flag"']}
    repo.prd(
        at_work("US-1"),
        story("US-2", needs_flag, write("US-2.txt", "x\n")),
        story("US-3", dependsOn=["US-2"]),
    )
    repo.commit()
    run = tree.begin()
    tree.wait_said("US-1", "at work")
    tree.wait_event("story_skipped", story="US-3")
    assert "`prd-supervise retry ALPHA/US-2`" in tree.run("status", code=0).out
    tree.wait(lambda: stories_of(tree)["US-2"]["state"] == "failed", "the failure", run)
    assert stories_of(tree)["US-2"]["losses"] == {"ordinary": 1, "memory": 0, "hang": 0}
    refused = tree.run("retry", "US-1", code=1)
    assert refused.err.startswith("ALPHA/US-1: it is running; only what failed or was skipped")
    Path(tree.env["TMPDIR"], "flag").touch()

    assert tree.run("retry", "ALPHA/US-2", code=0).out == "tried again: ALPHA/US-2\n"

    tree.wait_event("merged", story="US-3")
    tree.go()
    run.wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-2", "ALPHA/US-3", "ALPHA/US-1"]
    told = tree.run("events", "--child", "US-2", "--json", code=0).out.splitlines()
    kinds = [json.loads(line)["event"] for line in told]
    assert kinds.index("story_failed") < kinds.index("reset") < kinds.index("merged")


def test_a_retry_that_was_answered_outlives_a_root_that_is_killed(repo: Repo, tree: Tree) -> None:
    repo.configure(max_prds=1, restart={"max_attempts": 1})
    needs_flag = {"run": ["sh", "-c", 'test -e "$TMPDIR/flag"']}
    repo.prd(story("US-1", needs_flag, write("US-1.txt", "x\n")))
    repo.prd(at_work("B-1"), name="tasks/b.json", project="BETA")
    repo.commit()
    run = tree.begin("start", "prd.json", "tasks/b.json")
    tree.wait_event("prd_failed", prd="ALPHA")
    tree.wait_said("B-1", "at work", prd="BETA")
    Path(tree.env["TMPDIR"], "flag").touch()
    assert tree.run("retry", "ALPHA/US-1", code=0).out == "tried again: ALPHA/US-1\n"
    assert tree.prd()["state"] == "queued"

    run.signal(signal.SIGKILL)
    run.wait_exit(-signal.SIGKILL)
    tree.go()
    tree.begin("resume").wait_exit(0)

    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]


def with_a_failed_story(repo: Repo, tree: Tree) -> Run:
    """Start; US-1 is at work, US-2 has failed and would not fail again."""
    repo.configure(restart={"max_attempts": 1})
    needs_flag = {"run": ["sh", "-c", 'test -e "$TMPDIR/flag"']}
    repo.prd(at_work("US-1"), story("US-2", needs_flag, write("US-2.txt", "x\n")))
    repo.commit()
    run = tree.begin()
    tree.wait_said("US-1", "at work")
    tree.wait(lambda: stories_of(tree)["US-2"]["state"] == "failed", "the failure", run)
    Path(tree.env["TMPDIR"], "flag").touch()
    return run


def test_a_retry_that_its_prd_has_not_heard_of_outlives_a_root_that_is_killed(
    repo: Repo, tree: Tree
) -> None:
    run = with_a_failed_story(repo, tree)
    supervisor = tree.pid_of("prd ALPHA")
    os.kill(supervisor, signal.SIGSTOP)
    assert tree.run("retry", "US-2", code=0).out == "tried again: ALPHA/US-2\n"

    run.signal(signal.SIGKILL)
    run.wait_exit(-signal.SIGKILL)
    os.kill(supervisor, signal.SIGKILL)  # the rest of it hears that
    tree.wait_gone()
    tree.go()
    tree.begin("resume").wait_exit(0)

    assert sorted(repo.merged("feature/ALPHA")) == ["ALPHA/US-1", "ALPHA/US-2"]
    told = tree.run("events", "--child", "US-2", "--json", code=0).out.splitlines()
    assert "retry_asked" in [json.loads(line)["event"] for line in told]


def test_a_resume_with_retry_is_heard_by_a_prd_that_is_at_work(repo: Repo, tree: Tree) -> None:
    run = with_a_failed_story(repo, tree)

    handed = tree.begin("resume", "ALPHA", "--retry", "--plain")

    tree.wait_event("merged", story="US-2")
    tree.go()
    handed.wait_exit(0)
    run.wait_exit(0)


def test_a_prd_is_restarted_without_losing_what_it_does(repo: Repo, tree: Tree) -> None:
    run = begin(repo, tree, grace_s=10)
    before = tree.pid_of("prd ALPHA")

    assert tree.run("restart", "ALPHA", code=0).out == "restarting: ALPHA\n"

    tree.wait(lambda: tree.processes().get("prd ALPHA", before) != before, "another supervisor")
    tree.go()
    run.wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1", "ALPHA/US-2"]
    assert tree.events("prd_restart_asked")
    assert not tree.events("prd_restarting"), "it is no failure"


def test_what_makes_no_sense_is_refused_with_a_sentence(repo: Repo, tree: Tree) -> None:
    run = begin(repo, tree)
    for words, code, said in (
        (("hold", "NOPE"), 2, "NOPE: no such PRD or story here; the PRDs are: ALPHA"),
        (("hold", "ALPHA/NOPE"), 2, "ALPHA/NOPE: no such story; there are: US-1, US-2"),
        (("release", "ALPHA"), 1, "ALPHA is not held; held: nothing"),
        (("restart", "ALPHA/US-1"), 1, "ALPHA/US-1: only a whole PRD is restarted; "),
        (("stop", "ALPHA/US-1"), 2, "ALPHA/US-1: only whole PRDs are stopped; "),
        (("retry", "ALPHA"), 1, "ALPHA: no story of it is; only what failed or was skipped"),
        (("hold",), 2, "Usage: prd-supervise hold"),
    ):
        assert tree.run(*words, code=code).err.startswith(said)
    tree.go()
    run.wait_exit(0)


def test_without_a_root_it_is_said_what_to_type_instead(repo: Repo, tree: Tree) -> None:
    repo.commit()
    for verb, instead in (
        ("hold", "nothing of it begins before"),
        ("release", "`prd-supervise resume` first"),
        ("retry", "`prd-supervise resume --retry` gives what failed"),
        ("restart", "`prd-supervise resume` starts what was not finished"),
    ):
        refused = tree.run(verb, "ALPHA", code=1)
        assert refused.err.startswith(f"root does not run here; {instead}")
        assert not repo.state.exists()

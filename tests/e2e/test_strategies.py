"""What stories may not share while they run, on the installed command."""

from __future__ import annotations

import json

import pytest

from tests.support.e2e_company import at_once, noted
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree


@pytest.mark.parametrize("strategy", ["file", "none"])
def test_declared_files_are_locks_even_where_nothing_is_inferred(
    repo: Repo, tree: Tree, strategy: str
) -> None:
    all_of_them = "ABC" if strategy == "none" else ""
    repo.prd(
        noted("A", "src/core.py", all_of_them or "AC"),
        noted("B", "src/**", all_of_them),
        noted("C", "docs/guide.md", all_of_them or "AC"),
    )
    repo.commit()

    words = ("--conflict-strategy", strategy, "--inference-mode", "none")
    tree.begin("start", *words).wait_exit(0)

    together = at_once(tree)
    assert (frozenset("AB") in together) == (strategy == "none")
    assert frozenset("AC") in together


def test_files_are_locks_over_prds_too(repo: Repo, tree: Tree) -> None:
    held = story("A", HOLD, write("A.txt", "x\n"), targetFiles=["src/core.py"])
    repo.prd(held, name="tasks/one.json", project="one")
    waiting = story("X", targetFiles=["src/**"]), story("Y", targetFiles=["docs/"])
    repo.prd(*waiting, name="tasks/two.json", project="two")
    repo.commit()

    run = tree.begin("start", "tasks/one.json", "--conflict-strategy", "file")
    tree.wait_event("attempt_started", prd="one", story="A")
    handed = tree.begin("start", "tasks/two.json", "--conflict-strategy", "file")
    tree.wait_event("files_taken", prd="two", story="X")

    (told,) = tree.events("files_taken")
    assert told["text"] == (
        "waits for one/A, which is at work: src/** and src/core.py can be the same path"
    )
    tree.wait_event("merged", prd="two", story="Y")
    assert not tree.events("agent_started", prd="two", story="X")
    assert not tree.events("agent_ended", prd="two", story="X")
    tree.go()
    handed.wait_exit(0)
    run.wait_exit(0)
    order = [event["prd"] for event in tree.events("agent_ended") if event["story"] in {"A", "X"}]
    assert order == ["one", "two"]


def test_a_mutex_holds_over_prds_and_status_says_what_is_waited_for(repo: Repo, tree: Tree) -> None:
    held = story("A", HOLD, write("A.txt", "x\n"), mutex=["db"])
    repo.prd(held, name="tasks/one.json", project="one")
    waiting = story("X", mutex=["db", "port"]), story("Y", mutex=["port"])
    repo.prd(*waiting, name="tasks/two.json", project="two")
    repo.commit()

    run = tree.begin("start")
    tree.wait_event("files_taken", prd="two", story="X")
    text = "waits for one/A, which is at work: both have the mutex db"
    tree.wait(lambda: text in tree.run("status").out, "status says what X waits for")
    assert [event["text"] for event in tree.events("files_taken")] == [text]
    tree.go()
    run.wait_exit(0)

    order = [event["prd"] for event in tree.events("agent_ended") if event["story"] in {"A", "X"}]
    assert order == ["one", "two"]
    assert text not in tree.run("status").out


def test_by_entity_prds_run_side_by_side_and_people_are_told_where_they_meet(
    repo: Repo, tree: Tree
) -> None:
    for name, other in (("one", "A"), ("two", "X")):
        held = story(other, HOLD, write(f"{other}.txt", "x\n"), targetFiles=["src/core.py"])
        repo.prd(held, name=f"tasks/{name}.json", project=name)
    repo.commit()

    run = tree.begin("start")
    tree.wait_event("overlap")

    (told,) = tree.events("overlap")
    assert "both declare src/core.py; their branches meet in the base" in told["text"]
    tree.go()
    run.wait_exit(0)


def test_plan_and_check_show_what_the_strategy_means(repo: Repo, tree: Tree) -> None:
    repo.prd(
        noted("A", "src/core.py"),
        noted("B", "src/**"),
        story("C"),
        parallel={"conflictStrategy": "file"},
    )
    repo.commit()

    shown = tree.run("plan", code=0).out
    assert "conflicts: file" in shown
    assert "never two at once, because their files can be the same (1):\n  A, B" in shown
    document = json.loads(tree.run("plan", "--json", code=0).out)
    assert document["locks"] == [{"name": "files of A, B", "stories": ["ALPHA/A", "ALPHA/B"]}]
    off = json.loads(tree.run("plan", "--json", "--conflict-strategy", "none", code=0).out)
    assert (off["locks"], off["inferred"]) == ([], [])
    assert "C declares no files" in tree.run("check").out

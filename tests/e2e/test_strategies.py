"""What stories may not share while they run, on the installed command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

# Each agent notes its beginning and its end, by one short append, which no other one can tear.
NOTE = 'echo "$1$PRD_SUPERVISE_PRD_ID/$PRD_SUPERVISE_STORY_ID" >> "$TMPDIR/notes"'


# Then it waits until all that it is to meet have begun as well.
MEET = """for name; do until grep -q "^+.*/$name$" "$TMPDIR/notes"; do sleep 0.02; done; done"""


def noted(story_id: str, scope: str, meets: str = "") -> dict[str, object]:
    """A story that is at work until it was seen in this company, and long enough for another."""
    steps = (
        {"run": ["sh", "-c", NOTE, "sh", "+"]},
        {"run": ["sh", "-c", MEET, "sh", *meets]},
        {"sleep_s": 0.4},
        write(f"{story_id}.txt", "done\n"),
        {"run": ["sh", "-c", NOTE, "sh", "-"]},
    )
    return story(story_id, *steps, targetFiles=[scope])


def at_once(tree: Tree) -> set[frozenset[str]]:
    """The pairs of stories that were at work at the same time."""
    now: set[str] = set()
    pairs = set()
    for line in Path(tree.env["TMPDIR"], "notes").read_text().splitlines():
        name = line[1:].rpartition("/")[2]
        if line[0] == "+":
            pairs |= {frozenset((name, other)) for other in now}
            now.add(name)
        else:
            now.discard(name)
    assert not now
    return pairs


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

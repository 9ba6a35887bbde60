"""Stories that nobody ordered, and whose files collide, on the installed command."""

from __future__ import annotations

import json

import pytest

from tests.support.e2e_company import at_once, noted
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree


@pytest.mark.parametrize("words", [(), ("--inference-mode", "none")])
def test_stories_that_name_one_file_run_at_once_only_if_nothing_is_inferred(
    repo: Repo, tree: Tree, words: tuple[str, ...]
) -> None:
    all_of_them = "ABC" if words else ""
    repo.prd(
        noted("A", "src/core.py", all_of_them or "AC"),
        noted("B", "src/**", all_of_them),
        noted("C", "docs/guide.md", all_of_them or "AC"),
    )
    repo.commit()

    tree.begin("start", *words).wait_exit(0)

    together = at_once(tree)
    assert (frozenset("AB") in together) == bool(words)
    assert frozenset("AC") in together


def test_a_live_root_infers_for_what_is_handed_to_it(repo: Repo, tree: Tree) -> None:

    repo.prd(story("H", HOLD, write("H.txt", "x\n")), name="tasks/first.json", project="first")
    colliding = noted("A", "src/core.py"), noted("B", "./src/")
    repo.prd(*colliding, name="tasks/second.json", project="second")
    repo.commit()
    first = tree.begin("start", "tasks/first.json")
    tree.wait_event("attempt_started")

    tree.begin("start", "tasks/second.json").wait_exit(0)

    assert at_once(tree) == set()
    tree.go()
    first.wait_exit(0)


def test_a_story_that_fails_does_not_take_along_the_one_that_only_waited_for_its_files(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(restart={"max_attempts": 1})
    repo.prd(story("A", {"exit": 3}, targetFiles=["x"]), noted("B", "x"))
    repo.commit()

    tree.begin("start").wait_exit(1)

    assert [event["story"] for event in tree.events("merged")] == ["B"]


def test_plan_shows_what_would_happen_and_leaves_no_trace(repo: Repo, tree: Tree) -> None:
    repo.put("src/core.py", "pass\n")
    repo.prd(noted("A", "src/core.py"), noted("B", "src/**"), noted("C", "docs/"))
    repo.commit()

    shown = tree.begin("plan").wait_exit(0)

    assert "B after A: src/** and src/core.py can be the same path, both match src/core.py" in shown
    assert not repo.state.exists()
    tree.begin("start").wait_exit(0)
    again = json.loads(tree.begin("plan", "--json").wait_exit(0))
    assert again["prds"][0]["progress"] == {"completed": 3, "total": 3}
    assert again["batches"] == again["inferred"] == []


def test_plan_of_a_defective_prd_ends_as_check_does(repo: Repo, tree: Tree) -> None:
    repo.prd(story("A", dependsOn=["B"]), story("B", dependsOn=["A"]))
    repo.commit()

    tree.begin("plan").wait_exit(78)
    tree.begin("plan", "--inference-mode", "guess").wait_exit(2)

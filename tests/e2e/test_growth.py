"""Stories that are compared while their agents are at work, on the installed command."""

from __future__ import annotations

from typing import Any

from tests.support.e2e_repo import HOLD, Repo, story
from tests.support.tree import Tree

SOURCE = """import os


def first(value):
    total = value + 1
    return total


def second(value):
    total = value + 2
    return total
"""


def edit(story_id: str, old: str, new: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
    """A story whose agent changes a line, and then thinks until the test lets it go on."""
    step = {"replace": {"path": "app.py", "old": old, "new": new}}
    return story(story_id, step, HOLD, verify=["true"], **fields)


def test_a_conflict_is_told_by_function_and_lines_before_either_agent_has_ended(
    repo: Repo, tree: Tree
) -> None:
    repo.put("app.py", SOURCE)
    repo.configure(parallel={"compare_s": 0.05})
    repo.prd(
        edit("A", "total = value + 1", "total = value + 10"),
        # Who is merged first is open: either script has to play on top of the other's work.
        edit("B", "total = value + 1", "total = value + 1 - 2"),
        edit("C", "total = value + 2", "total = value + 20"),
    )
    repo.commit()
    run = tree.begin("start")

    tree.wait_event("conflict_predicted")

    (told,) = tree.events("conflict_predicted")
    assert (told["prd"], told["story"]) == ("ALPHA", "B")
    assert told["text"] == "with A in app.py:5: function first"
    assert not tree.events("agent_ended")
    stories = tree.prd()["stories"]
    assert stories["B"]["conflicts"] == [told["text"]]
    assert "will conflict with A in app.py" in tree.run("status", code=0).out
    tree.go()
    run.wait_exit(0)
    assert not (repo.state / "worktrees" / "ALPHA.scratch").exists()


def test_the_prediction_is_in_the_prompt_of_the_story_that_goes_again(
    repo: Repo, tree: Tree
) -> None:
    repo.put("app.py", SOURCE)
    repo.configure(parallel={"compare_s": 0.05})
    a = edit("A", "total = value + 1", "total = value + 10")
    step = {"replace": {"path": "app.py", "old": "total = value + 1", "new": "total = value - 1"}}
    held = {"run": ["sh", "-c", 'until [ -e "$TMPDIR/fail" ]; do sleep 0.02; done; exit 3']}
    b = story("B", [step, held], [HOLD], verify=["true"])
    repo.prd(a, b)
    repo.commit()
    run = tree.begin("start")
    tree.wait_event("conflict_predicted", story="B")

    (repo.path.parent / "tmp" / "fail").touch()
    tree.wait_event("attempt_started", story="B", count=2)
    tree.wait((tree.attempt("B", 2) / "prompt.md").exists, "the second prompt of B")

    assert "with A in app.py" in (tree.attempt("B", 2) / "prompt.md").read_text()
    tree.go()
    run.wait_exit(None)

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.support.e2e_processes import kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schema" / "report.schema.json"


def report(tree: Tree, *words: str) -> dict[str, Any]:
    """The report's document, which keeps to its schema; stories by their ids."""
    found = json.loads(tree.run("report", "--json", *words, code=0).out)
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(found)
    assert isinstance(found, dict)
    for prd in found["prds"]:
        prd["stories"] = {each["id"]: each for each in prd["stories"]}
    return found


def slept(prd: dict[str, Any], story_id: str) -> float:
    return float(prd["stories"][story_id]["agent_s"])


def test_the_setup_of_a_worktree_is_no_waiting(repo: Repo, tree: Tree) -> None:
    repo.configure(worktree={"setup": ["exec sleep 0.7"]})
    repo.prd(story("A"))
    repo.commit()
    out = tree.begin().wait_exit(0)
    (prd,) = report(tree)["prds"]
    figures = prd["stories"]["A"]
    assert figures["setup_s"] >= 0.7
    assert figures["waiting_s"] <= figures["wall_s"] - 0.7 + 0.1  # each is rounded
    assert "of setups" in out


def test_the_table_and_the_document_say_what_happened(repo: Repo, tree: Tree) -> None:
    sleep = {"run": ["sleep", "0.6"]}
    repo.prd(
        story("A", sleep, write("A.txt", "x\n")),
        story("B", replay=[[{"exit": 3}], [sleep, write("B.txt", "x\n")]]),
    )
    repo.commit()

    out = tree.begin().wait_exit(0)

    found = report(tree)
    (prd,) = found["prds"]
    assert prd["state"] == "completed"
    assert (prd["attempts"], prd["lost"]) == (3, 1)
    assert prd["stories"]["B"]["attempts"] == 2
    for story_id in ("A", "B"):
        each = prd["stories"][story_id]
        assert 0.6 <= each["agent_s"] <= each["wall_s"] <= prd["wall_s"]
        assert each["waiting_s"] <= each["wall_s"]
    assert prd["sequential_s"] >= 1.2
    assert (
        prd["saved_s"] == round(prd["sequential_s"] - prd["wall_s"], 1)
        or abs(prd["saved_s"] - (prd["sequential_s"] - prd["wall_s"])) < 0.2
    )
    assert found["in_all"]["wall_s"] == prd["wall_s"]
    assert found["gaps"] == []
    lines = out.splitlines()
    row = next(line.split() for line in lines if line.startswith("B  "))
    assert (row[1], row[3]) == ("done", "2")
    assert "by the clock, 3 attempts, 1 lost" in out
    assert "by the clock, 3 attempts, 1 lost" in tree.run("report", code=0).out


def test_what_was_killed_and_resumed_is_counted_over_both_runs(repo: Repo, tree: Tree) -> None:
    repo.prd(
        story("A", write("A.txt", "x\n")),
        story("B", HOLD, write("B.txt", "x\n"), dependsOn=["A"]),
    )
    repo.commit()
    run = tree.begin()
    tree.wait_event("attempt_started", story="B")
    tree.wait(lambda: slept(report(tree)["prds"][0], "B") > 0.3, "an agent that is at work")
    live = report(tree)["prds"][0]
    assert live["state"] == "active"
    assert live["stories"]["A"]["attempts"] == 1

    kill(run.pid)
    run.wait_exit(None)
    tree.wait_gone()
    dead = report(tree)["prds"][0]
    assert dead["state"] == "interrupted"
    assert dead["attempts"] == 2

    tree.go()
    tree.begin("resume").wait_exit(0)

    prd = report(tree, "ALPHA")["prds"][0]
    assert prd["state"] == "completed"
    assert prd["stories"]["A"]["attempts"] == 1
    assert prd["stories"]["B"]["attempts"] == 2
    assert prd["lost"] == 1
    assert prd["wall_s"] > dead["wall_s"]
    assert prd["stories"]["A"]["wall_s"] == dead["stories"]["A"]["wall_s"]


def test_a_report_of_nothing_and_of_nobody(repo: Repo, tree: Tree) -> None:
    repo.prd(story("A"))
    repo.commit()
    assert "nothing to report" in tree.run("report", code=0).out
    assert report(tree)["prds"] == []
    assert "NOBODY: no such PRD here" in tree.run("report", "NOBODY", code=2).err


APP = "import abc\nimport sys\n\n\ndef first(value):\n    return value + 1\n\n\nprint(abc, sys)\n"
LATER = "later"


def seen(file: str) -> dict[str, Any]:
    wait = f'until [ -e "$TMPDIR/{file}" ]; do sleep 0.02; done; sleep 0.3'
    return {"run": ["sh", "-c", wait]}


def change(story_id: str, old: str, new: str, *again: object, file: str = "go") -> dict[str, Any]:
    """A story whose agent changes app.py, and goes on when the test has seen what it wants."""
    step = {"replace": {"path": "app.py", "old": old, "new": new}}
    replay = [[step, seen(file)], list(again)] if again else [[step, seen(file)]]
    return story(story_id, replay=replay, verify=["python3 -m compileall -q app.py"])


def test_conflicts_that_were_seen_coming_resolved_and_run_again_are_counted(
    repo: Repo, tree: Tree
) -> None:
    repo.configure(max_workers=4, parallel={"compare_s": 0.05})
    repo.put("app.py", APP)
    repo.put(".gitignore", "__pycache__/\n")
    again = {"replace": {"path": "app.py", "old": "value + 10", "new": "value - 10"}}
    repo.prd(
        change("A", "value + 1", "value + 10"),
        change("B", "value + 1", "value - 1", again, file=LATER),
        change("C", "import abc\n", "import abc\nimport json\n"),
        change("D", "import abc\n", "import abc\nimport os\n", file=LATER),
    )
    repo.commit()
    run = tree.begin()
    tree.wait_event("conflict_predicted", count=2)
    tree.go()
    for first in ("A", "C"):  # whoever comes second conflicts
        tree.wait_event("merged", story=first)
    Path(tree.env["TMPDIR"], LATER).touch()

    out = run.wait_exit(0)

    assert "return value - 10" in repo.show("feature/ALPHA", "app.py")
    prd = report(tree)["prds"][0]
    # What is seen between two merges may be told of the branch, too.
    assert prd["conflicts"].pop("predicted") >= 2
    assert prd["conflicts"] == {"resolved": 1, "rerun": 1}
    told = {name: each["conflicts"] for name, each in prd["stories"].items()}
    assert min(told["B"].pop("predicted"), told["D"].pop("predicted")) >= 1
    assert told["B"] == {"resolved": 0, "rerun": 1}
    assert told["D"] == {"resolved": 1, "rerun": 0}
    # What the conflict had B do again is nothing that one after the other would have taken.
    work_s = prd["agent_s"] + prd["verify_s"]
    assert prd["sequential_s"] <= work_s - 0.3
    rows = {line[0]: line.split() for line in out.splitlines() if line[:3] in {"B  ", "D  "}}
    assert rows["B"][7].endswith("/0/1")
    assert rows["D"][7].endswith("/1/0")
    assert "predicted, 1 resolved, 1 run again" in out
    assert "conflicts that resolved themselves: D in app.py (imports)" in out

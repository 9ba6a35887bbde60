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
    tree.wait_gone(5.0)
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
    assert "no PRD of this id was run here" in tree.run("report", "NOBODY", code=2).err

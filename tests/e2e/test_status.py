from __future__ import annotations

import json
from pathlib import Path

from jsonschema import Draft202012Validator

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "schema" / "story.schema.json"


def test_a_story_is_shown_with_all_that_counts_as_evidence(repo: Repo, tree: Tree) -> None:
    bad = story("US-1", {"say": "cannot"}, {"exit": 3}, title="make\x1b[31m it")
    repo.prd(bad, story("US-2"), story("US-3", dependsOn=["US-1"]))
    repo.configure(restart={"max_attempts": 2})
    repo.commit()
    tree.run("start", code=1)

    failed = tree.run("status", "US-1", code=0).out
    assert failed.startswith("ALPHA/US-1  make [31m it\n  state     failed, for ")
    assert "attempt 1  lost\n" in failed
    assert "attempt 2  lost\n" in failed
    assert failed.count("the agent: exited with 3: cannot (agent_failed)") == 2
    assert "`prd-supervise resume ALPHA --retry` gives it a new start" in failed  # root is gone
    done = tree.run("status", "ALPHA/US-2", code=0).out
    assert "  verify    the merged tree: green" in done
    assert "`test -s US-2.txt`" in done

    detail = json.loads(tree.run("status", "US-2", "--json", code=0).out)
    assert Draft202012Validator(json.loads(SCHEMA.read_text())).is_valid(detail)
    (attempt,) = detail["attempts"]
    assert attempt["result"] == "done"
    assert {run["stage"]: run["is_green"] for run in attempt["verify"]} == {
        "base": False,
        "story": True,
        "merged": True,
    }
    assert "US-2.txt" in attempt["files"]


def test_who_watches_in_a_pipe_gets_blocks_until_root_ends(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", HOLD, write("US-1.txt", "x")), story("US-2", dependsOn=["US-1"]))
    repo.commit()
    run = tree.begin()
    tree.wait_event("attempt_started", story="US-1")

    blocks = tree.begin("status", "--watch")
    lines = tree.begin("status", "--watch", "--json")
    blocks.wait_line("US-1")
    lines.wait_line("US-1")
    tree.go()
    run.wait_exit(0)

    told = blocks.wait_exit(0)
    assert told.count("\n--- ") >= 1
    assert "waits for US-1" in told
    assert "ALPHA  completed" in told.split("\n--- ")[-1]
    documents = [json.loads(line) for line in lines.wait_exit(0).splitlines()]
    assert documents[-1]["prds"][0]["state"] == "completed"

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.support.e2e_processes import kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

SCHEMA = Path(__file__).resolve().parents[2] / "docs/schema/implementation-log.schema.json"


def path_of(repo: Repo, prd_id: str = "ALPHA") -> Path:
    return repo.state / "prds" / prd_id / "implementation-log.json"


def log(repo: Repo, prd_id: str = "ALPHA") -> dict[str, Any]:
    """The log, which keeps to its schema; stories by their ids."""
    found = json.loads(path_of(repo, prd_id).read_bytes())
    Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(found)
    assert isinstance(found, dict)
    return found | {"stories": {each["id"]: each for each in found["stories"]}}


def seconds(story: dict[str, Any]) -> float:
    began, ended = (datetime.fromisoformat(story[name]) for name in ("startedAt", "completedAt"))
    return (ended - began).total_seconds()


def test_a_night_is_told_story_by_story(repo: Repo, tree: Tree) -> None:
    repo.put("old.txt", "old\n")
    change = [write("A.txt", "a\n"), write("README", "changed\n"), {"run": ["rm", "old.txt"]}]
    repo.prd(
        story("A", *change),
        story("B", {"exit": 3}),
        story("C", dependsOn=["B"]),
        story("D", passes=True),
    )
    repo.configure(restart={"max_attempts": 1})
    repo.commit()

    tree.begin().wait_exit(1)

    found = log(repo)
    assert (found["prd"], found["status"], found["branch"]) == ("ALPHA", "failed", "feature/ALPHA")
    told = found["stories"]
    states = {name: each["status"] for name, each in told.items()}
    assert states == {"A": "completed", "B": "failed", "C": "skipped", "D": "completed"}
    one = told["A"]
    assert (one["storyNumber"], one["agent"], one["attempts"]) == (1, "replay", 1)
    assert one["filesCreated"] == ["A.txt"]
    assert one["filesModified"] == ["README"]
    assert one["filesDeleted"] == ["old.txt"]
    assert one["commit"] in repo.git("log", "--format=%H", "feature/ALPHA")
    assert "verified on the merged tree" in one["evidence"]
    assert abs(seconds(one) - one["duration"]) <= 1.0
    assert one["error"] is None
    assert told["B"]["error"]["type"] == "agent_failed"
    assert told["B"]["error"]["recoveryHints"]
    assert told["C"]["error"]["type"] == "needs_failed"
    assert (told["D"]["startedAt"], told["D"]["duration"]) == (None, None)
    assert not path_of(repo).with_name(".implementation-log.json.new").exists()


def test_what_was_merged_before_a_crash_stands_in_it_after_one(repo: Repo, tree: Tree) -> None:
    repo.prd(story("A"), story("B", HOLD, write("B.txt", "b\n"), dependsOn=["A"]))
    repo.commit()
    run = tree.begin()
    tree.wait_event("merged", story="A")
    tree.wait(lambda: log(repo)["stories"]["A"]["completedAt"], "A's end in the log", run)
    before = log(repo)
    assert before["status"] == "in_progress"
    assert before["stories"]["A"]["filesCreated"] == ["A.txt"]

    kill(run.pid)
    run.wait_exit(None)
    tree.wait_gone()
    assert log(repo)["stories"]["A"] == before["stories"]["A"]
    path_of(repo).unlink()  # all of it comes from the journal
    tree.go()
    tree.begin("resume").wait_exit(0)

    found = log(repo)
    assert found["status"] == "completed"
    assert found["stories"]["A"] == before["stories"]["A"]
    assert found["stories"]["B"]["attempts"] == 2


def test_resume_takes_up_what_a_log_of_ours_tells(repo: Repo, tree: Tree) -> None:
    repo.prd(story("A"), story("B", {"exit": 3}))
    repo.configure(restart={"max_attempts": 1})
    repo.commit()
    tree.begin().wait_exit(1)
    repo.put("kept.json", path_of(repo).read_text(encoding="utf-8"))
    repo.prd(story("A"), story("B"), name="beta.json", project="BETA")
    repo.commit()
    repo.seal()

    tree.begin("resume", "beta.json", "--from-log", "kept.json").wait_exit(0)

    assert repo.merged("feature/BETA") == ["BETA/B"]
    told = log(repo, "BETA")["stories"]
    assert told["A"]["evidence"] == "recorded as done in kept.json"
    assert (told["A"]["status"], told["A"]["startedAt"]) == ("completed", None)

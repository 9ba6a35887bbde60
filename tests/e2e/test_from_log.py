from __future__ import annotations

import json

from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree

LOG = [
    {"storyNumber": 1, "storyTitle": "the first", "status": "completed", "completedAt": "x"},
    {"storyNumber": 2, "storyTitle": "make US-002.txt", "status": "failed"},
    {"storyTitle": "make US-003.txt", "completedAt": "2025-01-01"},
    {"id": "US-9", "status": "completed"},
]


def test_what_a_log_records_as_done_is_not_done_again(repo: Repo, tree: Tree) -> None:
    repo.prd(*(story(f"US-00{number}") for number in (1, 2, 3)), branchName="ralph/alpha")
    repo.put("docs/implementation-log.json", json.dumps(LOG))
    repo.commit()

    # Nothing was run here yet: the log is all that is known.
    tree.begin("resume", "--from-log", "docs/implementation-log.json").wait_exit(0)

    assert repo.merged("ralph/alpha") == ["ALPHA/US-002"]
    document = tree.prd("ALPHA")
    assert document["state"] == "completed"
    stories = document["stories"]
    assert stories["US-001"]["evidence"] == "recorded as done in implementation-log.json"
    assert stories["US-003"]["evidence"] == "recorded as done in implementation-log.json"

    # It is remembered without the log.
    tree.run("start", code=0)
    assert repo.merged("ralph/alpha") == ["ALPHA/US-002"]


def test_a_broken_log_starts_nothing(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-001"))
    repo.put("log.json", '[\n  {"id": "US-001",, }]')
    repo.commit()
    refused = tree.run("resume", "--from-log", "log.json", code=78)
    assert "log.json:2:19: " in refused.err
    assert not (repo.state / "plans").exists()

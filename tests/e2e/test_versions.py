from __future__ import annotations

import json

import pytest

from prd_supervise.supervisor.shell.storage.migrations.registered import STATE
from prd_supervise.supervisor.shell.storage.versions import program_version
from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

THAT_READ_OR_WRITE = (
    "start",
    "resume --detach",
    "plan",
    "check",
    "status",
    "status --json",
    "logs ALPHA/A",
    "events",
    "events ALPHA",
    "report",
    "metrics",
    "clean --yes",
    "salvage list",
    "release --agent replay",
    "approve ALPHA",
)


@pytest.fixture
def done(repo: Repo, tree: Tree) -> Tree:
    """A tree whose one PRD is done."""
    repo.prd(story("A"))
    repo.commit()
    tree.run("start", code=0)
    return tree


def kept(repo: Repo) -> dict[str, bytes]:
    return {
        str(path): path.read_bytes()
        for path in sorted(repo.state.rglob("*"))
        if path.is_file() and "worktrees" not in path.relative_to(repo.state).parts
    }


def test_a_run_says_which_version_its_state_is_of(done: Tree) -> None:
    version = json.loads((done.repo.state / "version.json").read_text())
    assert version == {"state": STATE, "program": program_version()}


def test_a_state_of_a_newer_version_is_refused_by_every_command_and_stays_as_it_is(
    done: Tree,
) -> None:
    place = done.repo.state / "version.json"
    place.write_text('{"state": 99, "program": "9.0.0"}\n')
    before = kept(done.repo)
    told = f"written by prd-supervise 9.0.0 (state 99); this is prd-supervise {program_version()}"
    for words in THAT_READ_OR_WRITE:
        refused = done.run(*words.split(), code=78)
        assert f"{place}: {told}" in refused.err, words
    assert kept(done.repo) == before
    assert done.run("stop", code=0).out.startswith("root does not run here")


def test_a_state_from_before_versions_is_taken_over_by_the_next_root(done: Tree) -> None:
    place = done.repo.state / "version.json"
    place.unlink()
    assert done.prd()["state"] == "completed"
    assert not place.exists()
    done.repo.prd(story("A"), story("B"))
    done.repo.commit()
    done.repo.seal()
    done.run("start", "ALPHA", code=0)
    assert done.repo.merged("feature/ALPHA") == ["ALPHA/A", "ALPHA/B"]
    assert json.loads(place.read_text())["state"] == STATE
    (event,) = done.events("taken_over")
    assert f"(state 0) is taken over as state {STATE}" in event["text"]
    assert (done.repo.state / "backups" / "state-0" / "snapshot.json").exists()

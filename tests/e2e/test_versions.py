from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.control.client import RootClient
from prd_supervise.supervisor.shell.storage.migrations.registered import STATE
from prd_supervise.supervisor.shell.storage.versions import program_version
from prd_supervise.supervisor.ui.errors import FatalError
from prd_supervise.supervisor.ui.remote import ask
from tests.support.e2e_processes import kill
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree
from tests.support.two_versions import NEXT, THIS, Site

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


@pytest.mark.parametrize("words", ["start ALPHA", "resume", "resume --repair"])
def test_who_was_killed_in_the_middle_of_taking_over_is_followed_by_the_next(
    done: Tree, words: str
) -> None:
    state = done.repo.state
    half = state / "takeover"
    half.mkdir()
    (state / "snapshot.json").rename(half / "snapshot.json")
    (half / "manifest.json").write_text(f'{{"to": {STATE}, "files": ["snapshot.json"]}}')
    (state / "version.json").unlink()
    told = "half taken over; `prd-supervise resume` of the version that began it"
    assert told in done.run("status", code=78).err
    done.run(*words.split(), code=0)
    assert not half.exists()
    assert done.prd()["state"] == "completed"


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


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


@pytest.fixture
def theirs(repo: Repo, env: dict[str, str], tmp_path: Path, site: Site) -> Iterator[Tree]:
    """The command as it is installed in that site."""
    driver = Tree(repo, site.env(env), tmp_path)
    yield driver
    driver.end()


def test_an_upgrade_under_a_running_tree_ends_it_and_the_new_version_goes_on(
    repo: Repo, theirs: Tree, site: Site
) -> None:
    repo.prd(story("A", HOLD, write("A.txt", "a\n")), story("B", dependsOn=["A"]))
    repo.commit()
    run = theirs.begin()
    theirs.wait_event("attempt_started", story="A")
    site.install_next(STATE)
    kill(theirs.pid_of("prd ALPHA"))

    run.wait_exit(75)
    assert [event["event"] for event in theirs.events("prd_failed")] == []
    (event,) = theirs.events("upgraded")
    assert f"replaced by {NEXT}" in event["text"]
    version = json.loads((repo.state / "version.json").read_text())
    assert version == {"state": STATE, "program": THIS}

    theirs.go()
    theirs.run("resume", code=0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/A", "ALPHA/B"]
    version = json.loads((repo.state / "version.json").read_text())
    assert version == {"state": STATE + 1, "program": NEXT}

    site.install(THIS, {})
    refused = theirs.run("resume", code=78).err
    assert f"written by prd-supervise {NEXT} (state {STATE + 1})" in refused
    assert f"cp -R {repo.state}/backups/state-{STATE}/. {repo.state}/" in refused
    shutil.copytree(
        repo.state / "backups" / f"state-{STATE}", repo.state, dirs_exist_ok=True
    )  # as it says
    assert theirs.prd()["state"] != "completed"  # of what came after that nothing is known
    theirs.run("resume", code=0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/A", "ALPHA/B"]  # and nothing is done twice


def test_a_prd_that_cannot_start_a_child_after_an_upgrade_has_the_tree_end(
    repo: Repo, theirs: Tree, site: Site
) -> None:
    repo.configure(grace_s=5)
    repo.prd(story("A", HOLD, write("A.txt", "a\n")), story("B", dependsOn=["A"]))
    repo.commit()
    run = theirs.begin()
    theirs.wait_event("attempt_started", story="A")
    site.install_next(STATE)
    kill(theirs.pid_of("git ALPHA"))
    theirs.wait_event("upgraded")
    theirs.go()
    run.wait_exit(75)
    assert theirs.events("prd_failed") == theirs.events("attempt_failed") == []
    theirs.run("resume", code=0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/A", "ALPHA/B"]


def test_a_root_of_another_version_that_does_not_know_what_is_asked_is_named(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(story("A", HOLD, write("A.txt", "a\n")))
    repo.commit()
    run = tree.begin()
    tree.wait_event("attempt_started", story="A")
    socket = (repo.state / "control.sock").readlink()
    root = RootClient(socket, "0.0.9")
    with pytest.raises(
        FatalError, match=r"is prd-supervise 0\.0\.9, this is .*`prd-supervise stop"
    ):
        ask(root, "sing")
    root.close()
    same = RootClient(socket, program_version())
    assert str(ask(same, "sing")["error"]).startswith("request: ")
    same.close()
    tree.go()
    run.wait_exit(0)

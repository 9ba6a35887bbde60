"""A PRD's records are damaged: the others run, everybody is told, and a person decides."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

FAILS_FIRST = {"run": ["sh", "-c", '[ "$PRD_SUPERVISE_ATTEMPT" != 1 ]']}
DONE = ("US-1", "US-2")


@pytest.fixture
def half_done(repo: Repo, tree: Tree) -> Tree:
    """Two PRDs that a stop has ended in the middle: of each two stories are done, one is not."""
    for prd_id in ("ALPHA", "BETA"):
        first = [story(each, FAILS_FIRST, write(f"{each}.txt", "x\n")) for each in DONE]
        repo.prd(
            *first, story("US-3", dependsOn=["US-2"]), name=f"tasks/{prd_id}.json", project=prd_id
        )
    repo.commit()
    tree.run("start", code=0, env={"PRD_SUPERVISE_MAX_WORKERS": "1"})
    return tree


def journal(repo: Repo, prd_id: str = "ALPHA") -> Path:
    return repo.state / "prds" / prd_id / "journal.log"


def damage(path: Path, kind: str) -> int:
    """Flip a byte in the first record of this kind; say in which line it stands."""
    lines = path.read_bytes().splitlines(keepends=True)
    at = next(at for at, line in enumerate(lines) if b'"kind":"%b"' % kind.encode() in line)
    lines[at] = lines[at].replace(b"US-", b"US~", 1)
    path.write_bytes(b"".join(lines))
    return at + 1


def begun(tree: Tree, prd_id: str = "ALPHA") -> Counter[str]:
    return Counter(event["story"] for event in tree.events("attempt_started", prd=prd_id))


def open_another(repo: Repo) -> None:
    """Both PRDs get one more story, so that there is something to resume."""
    for prd_id in ("ALPHA", "BETA"):
        first = [story(each, FAILS_FIRST, write(f"{each}.txt", "x\n")) for each in DONE]
        last = story("US-3", dependsOn=["US-2"])
        repo.prd(*first, last, story("US-4"), name=f"tasks/{prd_id}.json", project=prd_id)
    repo.seal()


def test_one_damaged_prd_is_set_aside_and_the_others_run(repo: Repo, half_done: Tree) -> None:
    tree = half_done
    line = damage(journal(repo), "StoryDone")
    open_another(repo)

    run = tree.run("start", code=1)

    place = f".prd-supervise/prds/ALPHA/journal.log:{line}:1: a damaged record"
    assert run.err.count(place) == 1
    assert "`prd-supervise resume --repair` goes on with what can be read" in run.err
    assert "BETA/US-4" in repo.merged("feature/BETA")
    assert begun(tree)["US-4"] == 0
    assert journal(repo).read_bytes().count(b"US~") == 1  # nothing of it was touched


def test_every_command_shows_the_others_and_says_what_is_damaged(
    repo: Repo, half_done: Tree
) -> None:
    tree = half_done
    line = damage(journal(repo), "StoryDone")
    place = f".prd-supervise/prds/ALPHA/journal.log:{line}"

    states = {prd["id"]: prd for prd in tree.status()["prds"]}
    assert (states["ALPHA"]["state"], states["BETA"]["state"]) == ("damaged", "completed")
    assert place in states["ALPHA"]["note"]
    shown = tree.run("status", code=0).out
    assert "`prd-supervise resume ALPHA --repair`" in shown
    assert place in tree.run("status", "ALPHA", code=0).out
    report = tree.run("report", code=0).out
    assert place in report
    assert "prd-supervise resume ALPHA --repair" in report
    assert {"ALPHA", "BETA"} <= {
        prd["id"] for prd in json.loads(tree.run("report", "--json", code=0).out)["prds"]
    }
    for words in (
        ("logs", "ALPHA/US-1"),
        ("logs", "BETA"),
        ("events", "--child", "BETA"),
        ("events", "--child", "ALPHA"),
        ("clean",),
        ("plan",),
        ("check",),
    ):
        tree.run(*words, code=0)
    doctor = tree.run("doctor")
    assert place in doctor.out
    assert "--repair" in doctor.out


def test_a_repair_goes_on_and_does_nothing_twice(repo: Repo, half_done: Tree) -> None:
    tree = half_done
    before = begun(tree)
    damage(journal(repo), "StoryDone")
    damaged = journal(repo).read_bytes()
    open_another(repo)

    run = tree.run("resume", "ALPHA", "--repair", code=0)

    assert "record" in run.err
    assert "lost" in run.err
    assert Counter(repo.merged("feature/ALPHA")) == Counter(
        f"ALPHA/US-{number}" for number in (1, 2, 3, 4)
    )
    assert begun(tree) == before + Counter(["US-4"])
    aside = journal(repo).with_name("journal.log.damaged-1")
    assert aside.read_bytes() == damaged
    assert tree.events("repaired", prd="ALPHA")
    assert tree.prd()["state"] == "completed"


def test_a_repair_that_nothing_needs_says_so(half_done: Tree) -> None:
    assert "nothing has to be repaired" in half_done.run("resume", "--repair", code=0).err


def test_a_damaged_prd_that_is_named_is_refused_with_the_place(repo: Repo, half_done: Tree) -> None:
    line = damage(journal(repo), "StoryDone")
    for verb in ("start", "resume"):
        run = half_done.run(verb, "ALPHA", code=78)
        assert f"ALPHA/journal.log:{line}:1: a damaged record with good ones after it" in run.err


def test_what_the_history_still_has_is_not_lost(repo: Repo, half_done: Tree) -> None:
    """The snapshot is empty, as ext4 leaves files that were never synced; all records are there."""
    tree = half_done
    tree.run("start", "BETA", code=0)  # a second life of both: there are snapshots
    snapshot = repo.state / "prds" / "BETA" / "snapshot.json"
    assert snapshot.stat().st_size
    os.truncate(snapshot, 0)
    open_another(repo)
    before = begun(tree, "BETA")

    tree.run("start", "BETA", code=0)

    assert begun(tree, "BETA") == before + Counter(["US-4"])
    told = tree.events("mended", prd="BETA")
    assert "nothing is lost" in told[0]["text"]
    assert snapshot.with_name("snapshot.json.damaged-1").exists()


def test_a_damaged_journal_of_root_is_told_and_repaired(repo: Repo, half_done: Tree) -> None:
    tree = half_done
    path = repo.state / "journal.log"
    lines = path.read_bytes().splitlines(keepends=True)
    lines[1] = lines[1].replace(b":", b";", 1)
    path.write_bytes(b"".join(lines))
    open_another(repo)

    assert ".prd-supervise/journal.log:2" in tree.run("status", code=0).out
    refused = tree.run("start", code=1)
    assert "journal.log:2: a damaged record" in refused.err
    assert "--repair" in refused.err

    tree.run("resume", "--repair")
    tree.run("start", code=0)
    for prd_id in ("ALPHA", "BETA"):
        merged = repo.merged(f"feature/{prd_id}")
        assert Counter(merged) == Counter(f"{prd_id}/US-{number}" for number in (1, 2, 3, 4))


def test_a_root_that_runs_repairs_a_prd_that_is_named(repo: Repo, half_done: Tree) -> None:
    tree = half_done
    damage(journal(repo), "StoryDone")
    before = begun(tree)
    open_another(repo)
    repo.prd(story("US-1", HOLD), name="tasks/GAMMA.json", project="GAMMA")
    repo.seal()
    run = tree.begin("start", "GAMMA")
    tree.wait_event("attempt_started", prd="GAMMA")

    refused = tree.run("resume", "ALPHA", code=1)
    assert "a damaged record with good ones after it" in refused.out
    tree.run("resume", "ALPHA", "--repair", code=0)

    assert begun(tree) == before + Counter(["US-4"])
    assert tree.events("repaired", prd="ALPHA")
    tree.go()
    run.wait_exit(None)

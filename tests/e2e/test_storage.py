from __future__ import annotations

import json
import signal
import subprocess
from collections import Counter

import pytest

from prd_supervise.supervisor.shell.storage.migrations.registered import STATE
from prd_supervise.supervisor.shell.storage.versions import program_version
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.full_disk import begin_on_full_disk, make_room
from tests.support.mounts import SPACES, needs_mounts
from tests.support.tree import Tree

# Every look at it, and every write to it, is an input/output error.
BROKEN = """
set -e
mkdir -p "$(dirname "$JOURNAL")"
echo "$VERSION" > "$STATE/version.json"
touch "$JOURNAL"
mount --bind /proc/$$/mem "$JOURNAL"
exec "$@"
"""
READ_ONLY = (
    'set -e; mount --bind "$1" "$1"; mount -o remount,ro,bind "$1"; cd "$1"; shift; exec "$@"'
)


@needs_mounts
def test_while_a_prd_s_journal_is_full_nothing_starts_and_nothing_is_lost(
    repo: Repo, tree: Tree
) -> None:
    names = [f"US-{number:02}" for number in range(12)]
    held = {"run": ["sh", "-c", 'until [ -e "$TMPDIR/go" ]; do sleep 0.02; done']}
    repo.prd(story("long", held, write("long.txt", "x\n")), *(story(name) for name in names))
    repo.commit()
    journal = repo.state / "prds" / "ALPHA" / "journal.log"
    run = begin_on_full_disk(tree, journal, "start", "--max-workers", "2")

    tree.wait(lambda: "disk full" in tree.run("status").out, "a note on the disk", run)

    assert "nothing new starts" in tree.run("status", code=0).out
    begun = len(tree.events("attempt_started"))
    assert begun < len(names)
    # Supervision goes on: the agent that runs may end, and its end is heard.
    tree.go()
    tree.wait_event("agent_ended", story="long")
    assert len(tree.events("attempt_started")) == begun
    assert "ALPHA/long" not in repo.merged("feature/ALPHA")

    make_room(tree, run)
    run.wait_exit(0)
    assert Counter(repo.merged("feature/ALPHA")) == Counter(
        f"ALPHA/{name}" for name in ("long", *names)
    )
    assert len(tree.events("attempt_started")) == len(names) + 1
    assert tree.prd()["note"] == ""


@needs_mounts
def test_while_root_s_journal_is_full_no_new_prd_begins(repo: Repo, tree: Tree) -> None:
    names = [f"{number:02}-{'x' * 50}" for number in range(12)]
    for name in names:
        repo.prd(story("S"), name=f"tasks/{name}.json", project=name)
    repo.commit()
    # The snapshot is empty at the first start, so that all records stand in the journal.
    run = begin_on_full_disk(tree, repo.state / "journal.log", "start", "--max-prds", "1")

    tree.wait(lambda: tree.status()["root"]["state"] == "storage full", "root's state", run)
    begun = {event["prd"] for event in tree.events("attempt_started")}
    assert len(begun) < len(names)

    make_room(tree, run)
    run.wait_exit(0)
    assert all(repo.merged(f"feature/{name}") == [f"{name}/S"] for name in names)


@needs_mounts
def test_a_tree_on_a_full_disk_can_be_stopped(repo: Repo, tree: Tree) -> None:
    repo.prd(*(story(f"US-{number:02}") for number in range(12)), story("z", HOLD))
    repo.commit()
    journal = repo.state / "prds" / "ALPHA" / "journal.log"
    run = begin_on_full_disk(tree, journal, "start", "--max-workers", "2", "--grace-s", "3")
    tree.wait(lambda: "disk full" in tree.run("status").out, "a note on the disk", run)

    run.signal(signal.SIGTERM)
    run.wait_exit(None)
    tree.wait_gone()

    # The file system has gone with its namespace, and what stood in the journal with it: what the
    # branch shows is true all the same.
    done = repo.merged("feature/ALPHA")
    tree.go()
    repo.prd(*(story(f"US-{number:02}") for number in range(12)), story("z"))
    repo.seal()
    tree.begin("start").wait_exit(0)
    merged = repo.merged("feature/ALPHA")
    assert merged[: len(done)] == done
    assert Counter(merged).most_common(1)[0][1] == 1
    assert len(merged) == 13


@needs_mounts
@pytest.mark.parametrize("has_run", [False, True])
def test_a_repository_that_cannot_be_written_is_refused(
    repo: Repo, tree: Tree, *, has_run: bool
) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    if has_run:
        tree.run("start", code=0)
        repo.prd(story("US-1"), story("US-2"), name="tasks/new.json", project="NEW")
        repo.seal()
    refs = repo.refs()

    run = tree.begin(prefix=[*SPACES, "sh", "-c", READ_ONLY, "sh", str(repo.path)])

    assert "Read-only file system" in run.wait_exit(1)
    looked_past = [*SPACES, "sh", "-c", READ_ONLY, "sh", str(repo.path)]
    begun = tree.begin("start", "--no-doctor", prefix=looked_past)
    assert "Read-only file system" in begun.wait_exit(1).splitlines()[-1]
    assert "Traceback" not in run.output + begun.output
    assert repo.refs() == refs
    shown = tree.begin("status", prefix=[*SPACES, "sh", "-c", READ_ONLY, "sh", str(repo.path)])
    assert "root does not run" in shown.wait_exit(0)


@needs_mounts
def test_a_prd_whose_disk_fails_is_begun_again_until_it_works(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.configure(restart={"backoff_base_s": 0.5, "backoff_cap_s": 0.5, "intensity": 100})
    repo.commit()
    journal = repo.state / "prds" / "ALPHA" / "journal.log"
    version = {"state": STATE, "program": program_version()}  # nothing has to be taken over
    tree.env |= {"JOURNAL": str(journal), "STATE": str(repo.state), "VERSION": json.dumps(version)}
    run = tree.begin(prefix=[*SPACES, "sh", "-c", BROKEN, "sh"])

    tree.wait(lambda: len(tree.events("prd_failing")) > 1, "two failures to begin", run)
    assert not tree.events("attempt_started")

    words = ["nsenter", "-t", str(run.pid), "-m", "umount", str(journal)]
    subprocess.run(words, check=True, timeout=60)
    run.wait_exit(0)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    assert "Input/output error" in tree.events("prd_failing")[0]["text"]
    tree.wait_gone()

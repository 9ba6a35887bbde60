from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.support.e2e_repo import Repo, story, write
from tests.support.mounts import SPACES, needs_mounts
from tests.support.tree import Tree
from tests.support.tree_run import Run

WARM = {"run": ["sh", "-c", "mkdir -p cache && echo warm >> cache/built"]}


def keep(name: str, what: str) -> dict[str, list[str]]:
    """A step that shows the test what the agent saw."""
    return {"run": ["sh", "-c", f'{{ {what}; }} > "$TMPDIR/{name}" 2>&1 || true']}


def seen(tree: Tree, name: str) -> str:
    return Path(tree.env["TMPDIR"], name).read_text()


def test_the_next_story_in_a_slot_meets_a_warm_cache_and_nothing_else(
    repo: Repo, tree: Tree
) -> None:
    repo.put(".gitignore", "cache/\n")
    repo.prd(
        story("A", WARM, write("A.txt", "a\n"), keep("A", "pwd")),
        story("B", WARM, keep("B", "pwd; cat cache/built; ls"), write("B.txt", "b\n")),
    )
    repo.commit()

    tree.run("start", "--max-workers", "1", code=0)

    lines = seen(tree, "B").splitlines()
    assert lines[0] == seen(tree, "A").strip()
    assert lines[1:3] == ["warm", "warm"]
    assert {"A.txt", "cache"} <= {*lines}  # A is merged, and B comes after it
    assert not repo.has("feature/ALPHA", "cache")


def test_setup_runs_once_a_slot_and_again_after_a_lock_file_changed(repo: Repo, tree: Tree) -> None:
    repo.put(".gitignore", "modules/\n")
    repo.put("package-lock.json", "1\n")
    log = Path(tree.env["TMPDIR"], "setups")
    note = (
        f'mkdir -p modules && cp package-lock.json modules && echo "$PWD" $(cat modules/*) >> {log}'
    )
    repo.configure(worktree={"setup": [note], "setup_when": ["*-lock.json"]})
    same = "cmp package-lock.json modules/package-lock.json"
    repo.prd(
        *(story(name, verify=[same]) for name in "AB"),
        story("C", write("package-lock.json", "2\n"), verify=[same]),
        story("D", verify=[same], dependsOn=["C"]),
    )
    repo.commit()

    tree.run("start", "--max-workers", "1", code=0)

    worktrees = repo.state / "worktrees"
    slot, own = f"{worktrees}/ALPHA.1", f"{worktrees}/ALPHA"
    runs = log.read_text().splitlines()
    assert [line for line in runs if line.startswith(slot)] == [f"{slot} 1", f"{slot} 2"]
    assert [line for line in runs if line.startswith(f"{own} ")] == [f"{own} 1", f"{own} 2"]
    assert [event["story"] for event in tree.events("set_up")] == ["A"]


def test_a_setup_that_fails_ends_the_attempt_with_its_output(repo: Repo, tree: Tree) -> None:
    repo.configure(
        worktree={"setup": ["echo no such registry >&2; exit 3"]}, restart={"max_attempts": 2}
    )
    repo.prd(story("A"))
    repo.commit()

    tree.run("start", code=1)

    reason = tree.result("A", 2)["reason"]
    assert "`setup: echo no such registry >&2; exit 3` exited with 3: no such registry" in reason
    assert "no such registry" in (tree.attempt("A", 2) / "setup.log").read_text()
    assert "A#2 setup   | no such registry" in tree.run("logs", "ALPHA/A", code=0).out
    assert not tree.events("agent_started")


def test_what_is_copied_and_linked_stands_in_the_worktree_and_is_never_committed(
    repo: Repo, tree: Tree
) -> None:
    repo.put(".gitignore", "node_modules/\n.env\n")
    repo.put("README", "hello\n")
    repo.configure(
        worktree={
            "copy": ["**/.env", "README", "none"],
            "link": ["node_modules"],
        }
    )
    look = keep("A", "cat .env sub/.env; readlink node_modules; stat -c %a .env")
    everything = {"run": ["git", "add", "--all"]}
    spoil = {"run": ["sh", "-c", "echo spoiled >> .env"]}
    repo.prd(
        story("A", look, everything, spoil, write("A.txt", "a\n")),
        story("B", keep("B", "cat .env"), write("B.txt", "b\n")),
        story("C", {"run": ["sh", "-c", "exit 1"]}),
    )
    repo.commit()
    repo.put(".env", "TOKEN=1\n", mode=0o644)
    repo.put("sub/.env", "SUB=2\n")
    modules = repo.put("node_modules/left-pad/index.js", "x\n").parent.parent

    tree.run("start", "--max-workers", "1", code=1)

    assert seen(tree, "A") == f"TOKEN=1\nSUB=2\n{modules}\n600\n"
    assert seen(tree, "B") == "TOKEN=1\n"
    assert (modules / "left-pad/index.js").read_text() == "x\n"
    names = repo.git("log", "--all", "--name-only", "--format=").split()
    assert not {".env", "sub/.env", "node_modules"} & {*names}
    assert repo.merged("feature/ALPHA") == ["ALPHA/A", "ALPHA/B"]
    told = "\n".join(event["text"] for event in tree.events("not_furnished"))
    assert "README is left out: it is committed" in told
    assert told.count("is called none") == 1
    kept = repo.state / "worktrees/ALPHA.1"
    assert not (kept / ".env").exists()  # secret copies go with the night
    assert (kept / "node_modules").readlink() == modules


# A small disk of its own for the worktrees, in a mount namespace that is gone with the tree.
SMALL = """
set -e
mkdir -p "$WORKTREES"
mount -t tmpfs -o "size=$SIZE" none "$WORKTREES"
exec "$@"
"""


def begin_on_small_disk(repo: Repo, tree: Tree, size: str, **settings: object) -> Run:
    root = Path(tree.env["TMPDIR"], "worktrees")
    tree.env |= {"WORKTREES": str(root), "SIZE": size}
    repo.put("large.bin", "x" * 1_000_000)
    repo.configure(worktree={"root": str(root), "free_min": 0, **settings})
    names = "ABCD"
    repo.prd(*(story(name, write(f"{name}.txt", "x\n")) for name in names))
    repo.commit()
    return tree.begin("start", prefix=[*SPACES, "sh", "-c", SMALL, "sh"])


@needs_mounts
@pytest.mark.parametrize(("size", "count"), [("1500k", 1), ("2500k", 2)])
def test_on_a_full_disk_a_prd_goes_on_in_the_worktrees_that_there_are(
    repo: Repo, tree: Tree, size: str, count: int
) -> None:
    run = begin_on_small_disk(repo, tree, size)

    run.wait_exit(0)

    assert sorted(repo.merged("feature/ALPHA")) == [f"ALPHA/{name}" for name in "ABCD"]
    told = [event["text"] for event in tree.events("worktrees_short")]
    assert len(told) == 2
    assert any("are free on the disk of" in text for text in told)
    assert any(f"goes on in {count} worktree" in text for text in told)
    assert not tree.events("attempt_failed")
    for name in "ABCD":
        assert "verified on the merged tree" in tree.prd()["stories"][name]["evidence"]


@needs_mounts
def test_too_little_free_disk_is_told_with_figures_and_waited_for(repo: Repo, tree: Tree) -> None:
    run = begin_on_small_disk(repo, tree, "30m", free_min="40MiB")

    tree.wait(lambda: "no worktree can be made" in tree.run("status").out, "a note", run)
    text = tree.events("worktrees_short")[0]["text"]
    assert "30 MiB are free on the disk of" in text
    assert "less than 40 MiB" in text
    assert not tree.events("attempt_failed")
    run.signal(signal.SIGTERM)
    run.wait_exit(75)

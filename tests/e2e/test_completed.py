"""A completed PRD of prds/active/ moves to prds/completed/, in its own branch."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.support.e2e_processes import is_alive, kill
from tests.support.e2e_repo import Repo, story, write
from tests.support.tree import Tree
from tests.support.tree_run import Run

HOME = "prds/active/ALPHA"
THERE = "prds/completed/ALPHA"
BRANCH = "feature/ALPHA"
COMPLETED = "prd-supervise: ALPHA is completed"

# Holds the git that moves the branch to the PRD's new place, before or after it has done so.
HOLDING_GIT = """#!/bin/sh
case "$*" in
*"{note} --stdin"*)
  {before}
  touch "$TMPDIR/reached"
  until [ -e "$TMPDIR/go" ]; do sleep 0.02; done
  {after} ;;
*) exec {git} "$@" ;;
esac
"""


def alpha(repo: Repo, *stories: dict[str, object]) -> None:
    repo.prd(*(stories or (story("US-1"),)), name=f"{HOME}/prd.json")
    repo.put(f"{HOME}/notes/design.md", "how it is made\n")
    repo.put(f"{HOME}/check.sh", "#!/bin/sh\n", mode=0o755)
    repo.commit()


def hold_the_move(tree: Tree, *, is_done_first: bool) -> None:
    """Have git stand still around the move of the branch."""
    folder, git = Path(tree.env["TMPDIR"], "bin"), shutil.which("git")
    folder.mkdir()
    script = HOLDING_GIT.format(
        note="-m prd-supervise: the PRD file as it was accepted",
        before=f'{git} "$@" || exit' if is_done_first else "",
        after="exit 0" if is_done_first else f'exec {git} "$@"',
        git=git,
    )
    (folder / "git").write_text(script)
    (folder / "git").chmod(0o755)
    tree.env["PATH"] = f"{folder}{os.pathsep}{tree.env['PATH']}"


def assert_moved(repo: Repo, tree: Tree) -> None:
    assert not repo.has(BRANCH, "prds/active")
    assert repo.flags(BRANCH, f"{THERE}/prd.json") == [True]
    assert repo.show(BRANCH, f"{THERE}/notes/design.md") == "how it is made\n"
    assert repo.git("ls-tree", BRANCH, f"{THERE}/check.sh").startswith("100755")
    assert repo.subjects(BRANCH).count(COMPLETED) == 1
    assert tree.prd()["state"] == "completed"


def test_the_folder_moves_and_the_user_s_checkout_stays(repo: Repo, tree: Tree) -> None:
    alpha(repo)

    tree.begin().wait_exit(0)

    assert_moved(repo, tree)
    assert repo.merged(BRANCH) == ["ALPHA/US-1"]


@pytest.mark.chaos
@pytest.mark.parametrize("is_done_first", [False, True])
@pytest.mark.parametrize("who", ["git ALPHA", "prd ALPHA", "root"])
def test_a_kill_around_the_move_does_not_undo_or_double_it(
    repo: Repo, tree: Tree, who: str, *, is_done_first: bool
) -> None:
    alpha(repo)
    hold_the_move(tree, is_done_first=is_done_first)
    run = tree.begin()
    tree.wait(Path(tree.env["TMPDIR"], "reached").exists, "the move", run)
    victim = tree.pid_of(who)

    kill(victim)

    tree.wait(lambda: not is_alive(victim), "the victim's end", run)
    tree.go()
    if who == "root":
        run.wait_exit(None)
        run = tree.begin("resume")
    run.wait_exit(0)
    assert_moved(repo, tree)


def test_a_prd_that_failed_stays_active(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 1})
    alpha(repo, story("US-1"), story("US-2", {"exit": 1}))

    tree.begin().wait_exit(1)

    assert repo.flags(BRANCH, f"{HOME}/prd.json") == [True, False]
    assert not repo.has(BRANCH, THERE)


def test_a_target_that_exists_is_told_of_and_the_prd_is_completed(repo: Repo, tree: Tree) -> None:
    repo.put(f"{THERE}/prd.json", "an earlier one\n")
    alpha(repo)

    tree.begin().wait_exit(0)

    assert repo.flags(BRANCH, f"{HOME}/prd.json") == [True]
    assert repo.show(BRANCH, f"{THERE}/prd.json") == "an earlier one\n"
    assert f"there is {THERE} already" in tree.events("not_moved")[0]["text"]
    assert tree.prd()["state"] == "completed"


def test_an_agent_that_completes_the_prd_by_itself_is_put_right(repo: Repo, tree: Tree) -> None:
    moving = {"run": ["sh", "-c", f"mkdir -p prds/completed && mv {HOME} {THERE}"]}
    alpha(repo, story("US-1", moving, write("US-1.txt", "x\n")))

    tree.begin().wait_exit(0)

    assert_moved(repo, tree)
    assert [each["text"] for each in tree.events("tampering")] == [
        f"the PRD file was moved to {THERE}/prd.json"
    ]


def test_a_story_that_comes_later_makes_it_active_until_that_is_done(
    repo: Repo, tree: Tree
) -> None:
    alpha(repo)
    tree.begin().wait_exit(0)
    reads = {"run": ["sh", "-c", f"cp {HOME}/prd.json seen.json"]}
    repo.prd(story("US-1"), story("US-2", reads, write("US-2.txt", "x\n")), name=f"{HOME}/prd.json")
    repo.seal()

    run: Run = tree.begin()
    run.wait_exit(0)

    assert repo.flags(BRANCH, f"{THERE}/prd.json") == [True, True]
    assert not repo.has(BRANCH, "prds/active")
    assert repo.merged(BRANCH) == ["ALPHA/US-1", "ALPHA/US-2"]
    assert repo.has(BRANCH, "seen.json")
    assert "prd-supervise: ALPHA is active again" in repo.subjects(BRANCH)


def test_nothing_is_to_be_done_once_the_user_has_merged_it(repo: Repo, tree: Tree) -> None:
    alpha(repo)
    tree.begin().wait_exit(0)
    repo.git("merge", "-q", "--no-edit", BRANCH)
    repo.seal()

    assert not (repo.path / HOME).exists()
    assert tree.run("start").code in {0, 2}
    assert tree.run("resume").code in {0, 2}

    assert tree.prd()["state"] == "completed"
    assert len(tree.events("attempt_started")) == 1

"""What an agent has for itself: a HOME over all attempts at a story, a TMPDIR for one."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.e2e.test_secrets import reachable, traces
from tests.support.e2e_processes import kill
from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree

TOKEN = "sk-Made0Up1For2Tests3"  # noqa: S105  made up


def with_agent(repo: Repo, tree: Tree, script: str, **fields: object) -> None:
    user = repo.path.parent / "user"
    (user / ".mine").mkdir(parents=True)
    (user / ".mine/login.json").write_text(f'{{\n  "access_token": "{TOKEN}"\n}}\n')
    tree.env["HOME"] = str(user)
    mine = {"kind": "command", "home": "own", "links": [".mine/login.json"]}
    mine["command"] = ["sh", "-euc", script]
    tables = {"agent": {"use": "mine"}, "agents.mine": mine, "restart": {"max_attempts": 2}}
    repo.configure(**tables)
    repo.prd(story("US-1", replay=None, **fields))
    repo.commit()


def homes(repo: Repo) -> list[Path]:
    return list(repo.state.glob("prds/ALPHA/stories/*/homes/*"))


def test_its_home_lasts_until_the_story_is_merged_and_its_login_is_seen_nowhere(
    repo: Repo, tree: Tree
) -> None:
    with_agent(
        repo,
        tree,
        """
        test "$HOME" != "$(getent passwd "$(id -u)" | cut -d: -f6)"
        cat ~/.mine/login.json
        cp ~/.mine/login.json login.json
        if [ ! -e ~/conversation ]; then
            touch ~/conversation
            echo "failed with $(cat login.json)"
            exit 3
        fi
        rm login.json
        echo done > US-1.txt
        """,
    )
    tree.begin().wait_exit(0)
    assert homes(repo) == []
    (lost,) = tree.events("attempt_failed")
    assert "[redacted:access_token]" in (tree.attempt("US-1", 1) / "agent.log").read_text()
    assert TOKEN not in lost["text"]
    assert traces(repo.state, TOKEN) == []
    assert TOKEN.encode() not in reachable(repo)


def test_a_story_that_has_failed_keeps_it_for_the_next_try(repo: Repo, tree: Tree) -> None:
    with_agent(repo, tree, "touch ~/conversation; exit 3")
    tree.begin().wait_exit(1)
    (home,) = homes(repo)
    assert (home / "conversation").exists()
    assert home.stat().st_mode & 0o777 == 0o700


@pytest.mark.slow
def test_what_was_in_its_tmpdir_when_all_were_killed_goes_at_the_next_start(
    repo: Repo, tree: Tree
) -> None:
    shared = tree.env["TMPDIR"]
    script = f"""
        echo "$TMPDIR" > {shared}/where; touch "$TMPDIR/x"; touch {shared}/reached
        until [ -e {shared}/go ]; do sleep 0.02; done
        echo done > US-1.txt
        """
    with_agent(repo, tree, script)
    run = tree.begin()
    tree.wait(Path(shared, "reached").exists, "the agent at work", run)
    left = Path(Path(shared, "where").read_text().strip())
    pids = sorted(tree.processes().values())
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            kill(pid, number)
    run.wait_exit(None)
    # A worker that still heard of it has removed its own; one that was killed has not.
    left.mkdir(mode=0o700, exist_ok=True)
    (left / "x").touch()
    tree.go()
    tree.run("resume", code=0)
    assert not left.exists()

from __future__ import annotations

import os
import re

import pytest

from tests.support.e2e_processes import DEADLINE_S
from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree


def test_logs_show_what_agents_and_verify_commands_have_printed(repo: Repo, tree: Tree) -> None:
    loud = story(
        "US-1",
        replay=[
            [{"say": "first try"}, {"exit": 1}],
            [{"say": "second\x1b[2J try"}, write("US-1.txt", "x")],
        ],
        verify=["echo checked && test -s US-1.txt"],
    )
    repo.prd(loud, story("US-2", {"say": "of the second"}, write("US-2.txt", "x")))
    repo.commit()
    tree.begin().wait_exit(0)

    one = tree.run("logs", "ALPHA/US-1", code=0).out
    whole = tree.run("logs", "ALPHA", code=0).out

    for words in ("first try", "second", "checked"):
        assert words in one
    assert "of the second" not in one
    assert "of the second" in whole
    assert "first try" not in whole  # of each story the last attempt
    assert "\x1b" not in one
    assert tree.run("logs", "ALPHA/US-9", code=2).err.startswith("ALPHA/US-9: no such story")


def test_a_detached_run_goes_on_without_its_terminal(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", {"say": "at work"}, HOLD, write("US-1.txt", "x\n")))
    repo.commit()

    told = tree.run("start", "--detach", code=0)

    found = re.search(r"pid (\d+)", told.out)
    assert found is not None
    pid = int(found.group(1))
    assert tree.status()["root"]["pid"] == pid
    assert os.getsid(pid) == pid
    tree.wait_said("US-1", "at work")
    tree.go()
    tree.wait_event("root_ended")
    tree.wait_gone(DEADLINE_S)
    assert repo.merged("feature/ALPHA") == ["ALPHA/US-1"]
    assert "ALPHA  completed" in (repo.state / "start.log").read_text()


def test_a_detached_run_that_cannot_be_started_says_why(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    (repo.state / "start.log").mkdir(parents=True)  # it cannot be written

    refused = tree.run("start", "--detach", code=1)

    assert len(refused.lines) == 1
    assert refused.err.startswith("cannot start in the background: ")


@pytest.mark.parametrize("words", [("start", "--detach"), ("start", "prd.json", "--detach")])
def test_a_detached_run_that_is_refused_says_why(
    repo: Repo, tree: Tree, words: tuple[str, ...]
) -> None:
    repo.prd(story("US-1", dependsOn=["US-7"]))
    repo.commit()

    refused = tree.run(*words, code=78)

    assert refused.err.startswith("prd.json:")
    assert "'US-7' is no story of this PRD" in refused.err
    assert not repo.state.exists()
    assert not tree.everybody()

"""What a service prints, as the journal takes it."""

from __future__ import annotations

import re

from tests.support.e2e_repo import Repo, story
from tests.support.journal import journalled
from tests.support.tree import Tree

_TIME = re.compile(r"\d\d:\d\d:\d\d")


def priorities(lines: list[str], text: str) -> set[str]:
    return {line[:3] for line in lines if text in line}


def test_each_event_has_its_priority_and_no_time_or_colour(repo: Repo, tree: Tree) -> None:
    tree.env |= {"FORCE_COLOR": "1", "TERM": "xterm-256color"}
    repo.configure(restart={"max_attempts": 1})
    repo.prd(story("US-1"), story("US-2", verify=["false"]), story("US-3", dependsOn=["US-2"]))
    repo.commit()

    code, lines = journalled(tree, "start")

    assert code == 1
    lines = list(lines)
    events = [line for line in lines if line[:1] == "<"]
    assert priorities(events, "story failed") == {"<3>"}
    assert priorities(events, "story skipped") == {"<4>"}
    assert priorities(events, "  merged") == {"<5>"}
    assert priorities(events, "root ended") == {"<5>"}
    assert priorities(events, "agent ended") == {"<6>"}
    assert not [line for line in events if _TIME.match(line[3:])]
    assert "\x1b" not in "".join(lines)


def test_what_ends_a_command_is_an_error_on_each_of_its_lines(repo: Repo, tree: Tree) -> None:
    repo.put("prd-supervise.toml", 'max_prds = "many"\nmax_workers = "few"\n')
    repo.commit()

    code, lines = journalled(tree, "resume", "--watch")

    assert code == 78
    assert len(lines) >= 2
    assert {line[:3] for line in lines} == {"<3>"}
    assert journalled(tree, "resume", "--nonsense") == (
        2,
        [f"<3>{line}" for line in tree.run("resume", "--nonsense", code=2).lines],
    )


def test_what_one_has_to_know_is_no_error(repo: Repo, tree: Tree) -> None:
    repo.put("tasks/notes.md", "# What we talked about\n\nNothing that can be run.\n")
    repo.commit()

    code, lines = journalled(tree, "resume")

    assert code == 0
    assert priorities(list(lines), "nothing to do") == {"<5>"}


def test_a_file_gets_no_priorities_though_a_journal_is_named(repo: Repo, tree: Tree) -> None:
    repo.put("prd-supervise.toml", 'max_prds = "many"\n')
    repo.commit()
    tree.env["JOURNAL_STREAM"] = "8:1234"
    assert tree.run("start", code=78).err.startswith("prd-supervise.toml:1:1: ")

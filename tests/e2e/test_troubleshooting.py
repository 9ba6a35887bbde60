"""What docs/troubleshooting.md says is typed into a tree that has these troubles."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.full_disk import begin_on_full_disk, make_room
from tests.support.mounts import needs_mounts
from tests.support.transcripts import Typed, check, fits, sections, steady
from tests.support.tree import Tree
from tests.support.tree_run import Run
from tests.support.troubled_night import begin, troubled

PAGE = Path(__file__).parents[2] / "docs" / "troubleshooting.md"
SECTIONS = sections(PAGE)
FULL, OLD, STOP = (
    "The disk is full",
    "The dashboard or `status` shows an old look",
    "A stop takes long",
)
LAST = "Reading the logs and events of a parallel run"


@pytest.mark.timeout(600)  # some thirty commands, one after the other
def test_every_section_of_the_page_shows_what_it_says(repo: Repo, tree: Tree) -> None:
    troubled(repo)
    run = begin(tree)

    def type_all(heading: str) -> None:
        for typed in SECTIONS[heading]:
            check(typed, cwd=repo.path, env=tree.env)

    type_all(LAST)
    for heading in SECTIONS:
        if heading not in {FULL, OLD, STOP, LAST}:
            type_all(heading)
    with_root_stopped(tree, run, lambda: type_all(OLD))
    tree.begin("stop")
    tree.wait_event("stopping")
    type_all(STOP)
    run.wait_exit(75)


@needs_mounts
def test_the_section_on_a_full_disk_shows_what_it_says(repo: Repo, tree: Tree) -> None:
    names = [f"US-{number:02}" for number in range(12)]
    repo.prd(story("long", HOLD, write("long.txt", "x\n")), *map(story, names), id="shop")
    repo.commit()
    journal = repo.state / "prds" / "shop" / "journal.log"
    run = begin_on_full_disk(tree, journal, "start", "--max-workers", "2")
    tree.wait_event("storage_full")

    for typed in SECTIONS[FULL]:
        check(typed, cwd=repo.path, env=tree.env)

    tree.go()
    make_room(tree, run)
    run.wait_exit(0)


def with_root_stopped(tree: Tree, run: Run, look: Callable[[], None]) -> None:
    run.signal(signal.SIGSTOP)
    try:
        look()
    finally:
        run.signal(signal.SIGCONT)
    tree.wait(lambda: tree.status()["root"]["state"] == "running", "root answers again", run)


def test_the_page_has_a_command_for_every_symptom() -> None:
    without = [heading for heading, typed in SECTIONS.items() if not typed]
    # What a service says is tried under managers of the tests' own: tests/system.
    assert without == ["The service does not run", "It is none of these"]


def test_a_line_that_is_not_printed_is_found_out() -> None:
    assert fits(steady("took 2.2s at 5f067e5223"), steady("took  1m02s at d9a25cb4d4"))
    assert fits("agent claude: ...", "agent claude: no start")
    assert not fits(steady("US-001 failed"), steady("US-002 failed"))
    assert Typed(command="prd-supervise check", lines=()) in SECTIONS["Nothing starts"]

"""A bug of ours: what is said of it, and that the story of whom it struck stands there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.e2e_repo import Repo, story
from tests.support.tree import Tree

# The bug: in the process of this title, the n-th sync of a journal raises what nobody expects.
BUG = """
import os, sys

sync, passed = os.fdatasync, 0

def fdatasync(fd):
    global passed
    titles = sys.modules.get("setproctitle")
    if titles is not None and titles.getproctitle() == os.environ["BUG_IN"]:
        passed += 1
        if passed == int(os.environ["BUG_AT"]) and not os.path.exists(os.environ["BUG_ONCE"]):
            open(os.environ["BUG_ONCE"], "w").close()
            raise RuntimeError("a bug of ours")
    sync(fd)

os.fdatasync = fdatasync
"""


def plant(tree: Tree, folder: Path, title: str, at: int) -> None:
    """Put the bug into every Python process of the tree."""
    (folder / "bug").mkdir()
    (folder / "bug" / "sitecustomize.py").write_text(BUG)
    once = str(folder / "bug" / "once")
    path = str(folder / "bug")
    tree.env |= {"PYTHONPATH": path, "BUG_IN": title, "BUG_AT": str(at), "BUG_ONCE": once}


@pytest.fixture(autouse=True)
def _three_stories(repo: Repo) -> None:
    repo.prd(*(story(f"US-{number}") for number in (1, 2, 3)))
    repo.commit()


def test_the_crash_of_a_prd_supervisor_is_logged_with_its_story_and_healed(
    repo: Repo, tree: Tree, tmp_path: Path
) -> None:
    plant(tree, tmp_path, "prd-supervise: prd ALPHA", at=6)

    tree.begin().wait_exit(0)

    log = (repo.state / "supervise.log").read_text()
    assert "RuntimeError: a bug of ours" in log
    _, told, story_lines = log.partition("what had happened before:\n")
    assert told
    assert "prd begun" in story_lines
    assert "attempt 1 begins" in story_lines
    (restarting,) = tree.events("prd_restarting")
    assert any("attempt 1 begins" in line for line in restarting["history"])
    assert sorted(repo.merged("feature/ALPHA")) == ["ALPHA/US-1", "ALPHA/US-2", "ALPHA/US-3"]


def test_the_crash_of_root_is_reported_with_its_story(
    repo: Repo, tree: Tree, tmp_path: Path
) -> None:
    plant(tree, tmp_path, "prd-supervise: root", at=2)
    run = tree.begin()

    run.wait_exit(70)

    line = next(each for each in run.output.splitlines() if each.startswith("internal error"))
    assert line.startswith("internal error: RuntimeError: a bug of ours; please report it with")
    report = Path(line.rpartition(" ")[2]).read_text()
    _, told, story_lines = report.partition("what had happened before:\n")
    assert told
    assert "root is pid" in story_lines
    assert "prd accepted" in story_lines
    tree.wait_gone()
    tree.begin("resume").wait_exit(0)
    assert sorted(repo.merged("feature/ALPHA")) == ["ALPHA/US-1", "ALPHA/US-2", "ALPHA/US-3"]

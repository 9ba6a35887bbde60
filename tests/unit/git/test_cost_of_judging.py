"""How many git commands it takes to look at a merge in which nothing can disagree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from prd_supervise.workers.git.commands import Commands
from prd_supervise.workers.git.merging.doubles import imported_once
from prd_supervise.workers.git.merging.joining import join
from prd_supervise.workers.git.merging.judging import judge
from tests.unit.git.conftest import run_git


def commit(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    run_git(folder, "add", "--all")
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    run_git(folder, *identity, "commit", "--quiet", "-m", name)
    return run_git(folder, "rev-parse", "HEAD").strip()


def commands_in(trace: Path) -> list[str]:
    """The commands that git said it ran, in any order."""
    told = [json.loads(line) for path in trace.iterdir() for line in path.read_text().splitlines()]
    return sorted(each["name"] for each in told if each["event"] == "cmd_name")


@pytest.mark.parametrize(
    ("other", "more"), [("notes.txt", []), ("b.py", ["cat-file", "cat-file", "diff-tree"])]
)
def test_a_merge_of_different_files_is_read_once_for_all_rules(
    other: str, more: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, trace = tmp_path / "repository", tmp_path / "trace"
    folder.mkdir()
    trace.mkdir()
    run_git(folder, "init", "--quiet", "--initial-branch=main")
    base = commit(folder, "base", "x\n")
    left = commit(folder, "a.py", "def f():\n    return 1\n")
    run_git(folder, "checkout", "--quiet", "--detach", base)
    right = commit(folder, other, "x = 1\n")
    git = Commands(folder, timeout_s=60, environment={"GIT_DIR": str(folder / ".git")})
    joined = join(git, left, right)

    monkeypatch.setenv("GIT_TRACE2_EVENT", str(trace))
    joined, resolutions = imported_once(git, joined, left=left, right=right)
    judged = judge(git, left=left, right=right, joined=joined)

    assert (resolutions, judged.findings) == ((), ())
    assert commands_in(trace) == sorted(["merge-base", "diff-tree", *more])

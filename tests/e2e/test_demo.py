from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

COMMAND = str(Path(sys.executable).with_name("prd-supervise"))
BRANCHES = {"feature/shop": 5, "feature/search": 4, "feature/PRD-003": 5}


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout


def test_the_demo_shows_what_supervision_is_for(env: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [COMMAND, "demo"], cwd=tmp_path, env=env, check=False, capture_output=True, text=True
    )

    assert done.returncode == 0, done.stdout + done.stderr
    for remark in (
        "Its agent crashed half-way",
        "ignored SIGTERM, and had left a process in a session of its own",
        "1 process left behind and killed",
        "had done nothing. A claim is a hint, not evidence: refused.",
        "Two stories changed the same file on different lines",
    ):
        assert remark in done.stdout
    assert done.stdout.count("The second attempt did it: merged, with evidence.") == 3
    (folder,) = Path(env["TMPDIR"]).glob("prd-supervise-demo-*")
    for branch, stories in BRANCHES.items():
        form = "--format=%(trailers:key=PRD-Story,valueonly,separator=%x2C)"
        merged = Counter(git(folder, "log", "--first-parent", form, branch).split())
        assert len(merged) == stories
        assert set(merged.values()) == {1}
    assert git(folder, "status", "--porcelain") == ""
    assert "## books\n\nDune" in git(folder, "show", "feature/shop:catalogue.md")
    assert "## music\n\nKind of Blue" in git(folder, "show", "feature/shop:catalogue.md")
    refused = folder / ".prd-supervise/prds/PRD-003/stories/PAY-3/1/result.json"
    assert str(refused) in done.stdout
    assert json.loads(refused.read_text())["result"] == "failed"


def test_logs_follow_what_is_printed_until_it_is_over(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", {"say": "before"}, HOLD, {"say": "after"}, write("US-1.txt", "x\n")))
    repo.commit()
    run = tree.begin()
    tree.wait_said("US-1", "before")

    follower = tree.begin("logs", "ALPHA/US-1", "-f")
    follower.wait_line("before")
    tree.go()
    follower.wait_line("after")
    run.wait_exit(0)

    told = follower.wait_exit(0).splitlines()
    assert [line.rpartition("| ")[2] for line in told if " agent " in line] == ["before", "after"]
    assert "merged  | $ test -s US-1.txt" in told[-1]

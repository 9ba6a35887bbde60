"""docs/state.md has a row for every file that a run leaves below .prd-supervise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.e2e_repo import Repo, story, write
from tests.support.tree import Tree

PAGE = Path(__file__).resolve().parents[2] / "docs" / "state.md"
_ROW = re.compile(r"^\| (`[^|]+`) \|", re.MULTILINE)


def patterns() -> Iterator[re.Pattern[str]]:
    """The first column: `*` is a name or part of one, `**` all that is below."""
    for cell in _ROW.findall(PAGE.read_text(encoding="utf-8")):
        for glob in re.findall(r"`([^`]+)`", cell):
            parts = (re.escape(part).replace(r"\*", "[^/]*") for part in glob.split("**"))
            yield re.compile(".*".join(parts))


def left(state: Path) -> set[str]:
    """Every file below it, from there; worktrees are one row."""
    return {
        str(path.relative_to(state))
        for path in state.rglob("*")
        if (path.is_symlink() or not path.is_dir()) and ".git" not in path.parts
    }


def test_every_file_of_a_night_has_its_row(repo: Repo, tree: Tree) -> None:
    repo.configure(restart={"max_attempts": 2}, verify={"commands": ["true"]})
    bad = story("US-2", write("half.txt", "half\n"), {"exit": 1})
    repo.prd(story("US-1"), bad, story("US-3", dependsOn=["US-1"]))
    repo.commit()
    tree.begin("start", "--detach").wait_exit(0)
    seen: set[str] = set()

    def has_ended() -> bool:
        seen.update(left(repo.state))
        return bool(tree.events("root_ended"))

    tree.wait(has_ended, "the end")
    tree.wait_gone()
    tree.run("resume", "--retry", code=1)
    tree.run("report", "--html")
    seen |= left(repo.state)

    rows = list(patterns())
    assert len(rows) > 25
    unknown = {name for name in seen if not any(row.fullmatch(name) for row in rows)}

    assert {name for name in unknown if not re.search(r"(^|/)\.[^/]+\.new$", name)} == set()
    assert {
        "journal.log",
        "events.jsonl",
        "start.log",
        "prds/ALPHA/implementation-log.json",
    } <= seen
    assert any(name.startswith("history/") for name in seen)

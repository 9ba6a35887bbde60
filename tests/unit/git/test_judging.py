"""Merges of real repositories, judged."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bench.entity_layer import foreseen
from prd_supervise.workers.git.commands import Commands
from prd_supervise.workers.git.merging.joining import Joined, join
from prd_supervise.workers.git.merging.judging import Judged, judge
from prd_supervise.workers.messages.merging import CONFLICTS_MAX
from prd_supervise.workers.messages.rules import Strategy
from tests.unit.git.conftest import run_git

LINES = [f"x{number} = {number}" for number in range(12)]
BOX = "\n".join(
    ("import os", "", "", "def turn(a):", "    return a", "", "", *LINES, "print(os.name)", "")
)


class Sides:
    """A repository with a base, and two branches on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        run_git(folder, "init", "--quiet", "--initial-branch=main")
        self.git = Commands(folder, timeout_s=60, environment={"GIT_DIR": str(folder / ".git")})

    def commit(self, branch: str, files: Mapping[str, str | bytes | None]) -> str:
        """Write files (None: remove them), and commit all."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is None:
                path.unlink()
            else:
                path.write_bytes(text if isinstance(text, bytes) else text.encode())
        run_git(self.folder, "add", "--all")
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.com")
        run_git(self.folder, *identity, "commit", "--quiet", "--allow-empty", "-m", branch)
        return run_git(self.folder, "rev-parse", "HEAD").strip()

    def judged(
        self,
        base: Mapping[str, str | bytes | None],
        left: Mapping[str, str | bytes | None],
        right: Mapping[str, str | bytes | None],
        *,
        strategy: Strategy = Strategy.ENTITY,
        budget_s: float = 30.0,
    ) -> tuple[Joined, Judged]:
        """Join two branches that start at the same base, and judge."""
        start = self.commit("base", base)
        ours = self.commit("left", left)
        run_git(self.folder, "checkout", "--quiet", "--detach", start)
        theirs = self.commit("right", right)
        self.left, self.right = ours, theirs
        joined = join(self.git, ours, theirs)
        return joined, judge(
            self.git, left=ours, right=theirs, joined=joined, strategy=strategy, budget_s=budget_s
        )


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    return Sides(tmp_path)


def test_a_conflict_is_told_with_its_entity_and_the_lines_of_both_sides(sides: Sides) -> None:
    left = BOX.replace("return a", "return a + 1")
    right = "# new\n" + BOX.replace("return a", "return a + 2")
    _, judged = sides.judged({"box.py": BOX}, {"box.py": left}, {"box.py": right})
    (conflict,) = judged.conflicts
    assert str(conflict) == "box.py:6: function turn"
    assert (conflict.left, conflict.right, conflict.kind) == ((5, 5), (6, 6), "contents")
    assert judged.findings == ()


@pytest.mark.parametrize(
    ("name", "base", "left", "right", "kind"),
    [
        ("a.txt", "1\n2\n", "1\nx\n", None, "modify/delete"),
        ("a.txt", None, "1\n", "2\n", "add/add"),
        ("a.bin", b"\0a", b"\0b", b"\0c", "binary"),
        ("a.py", "x = (\n", "x = ((\n", "x = [\n", "contents"),
        ("näme \t.txt", "1\n", "2\n", "3\n", "contents"),
    ],
)
def test_every_kind_of_conflict_has_an_explanation(
    sides: Sides,
    name: str,
    base: str | bytes | None,
    left: str | bytes | None,
    right: str | bytes | None,
    kind: str,
) -> None:
    joined, judged = sides.judged(
        {"z": "z\n"} if base is None else {name: base}, {name: left}, {name: right}
    )
    assert {conflict.path for conflict in judged.conflicts} == set(joined.conflicts) == {name}
    assert {conflict.kind for conflict in judged.conflicts} == {kind}


def test_a_clean_merge_that_breaks_over_files_is_found(sides: Sides) -> None:
    base = {"app/box.py": BOX, "app/use.py": "x = 1\n"}
    changed = BOX.replace("def turn(a):", "def turn(a, by):")
    use = "from .box import turn\n\nx = turn(1)\n"
    joined, judged = sides.judged(base, {"app/box.py": changed}, {"app/use.py": use})
    assert not joined.conflicts
    (finding,) = judged.findings
    assert str(finding).startswith("app/use.py:3: turn is called here")
    assert finding.is_blocking


def test_a_file_that_one_side_renamed_is_followed(sides: Sides) -> None:
    gone = BOX.replace("import os\n", "").replace("print(os.name)", "")
    used = BOX.replace("x0 = 0", "x0 = os.sep")
    base: dict[str, str | bytes | None] = {"box.py": BOX}
    _, judged = sides.judged(base, {"box.py": None, "crate.py": gone}, {"box.py": used})
    (finding,) = [one for one in judged.findings if one.is_blocking]
    assert (finding.path, finding.text) == ("crate.py", "undefined name 'os'")


def test_the_strategies_differ_in_what_they_doubt(sides: Sides) -> None:
    left = BOX.replace("import os\n", "").replace("print(os.name)", "")
    right = BOX.replace("x4 = 4", "x4 = os.sep")
    base: dict[str, str | bytes | None] = {"box.py": BOX}
    joined, judged = sides.judged(base, {"box.py": left}, {"box.py": right})
    assert {one.rule for one in judged.findings if one.is_blocking} == {"new fault"}

    def by(strategy: Strategy) -> Judged:
        return judge(
            sides.git, left=sides.left, right=sides.right, joined=joined, strategy=strategy
        )

    assert [(one.rule, one.is_blocking) for one in by(Strategy.FILE).findings] == [
        ("same file", True)
    ]
    assert by(Strategy.NONE) == Judged(conflicts=(), findings=())


def test_what_the_budget_leaves_out_is_told(sides: Sides) -> None:
    base: dict[str, str | bytes | None] = {"box.py": BOX, "big.py": "x = 1\n" * 200_000}
    left = {"box.py": BOX + "y = 1\n", "big.py": "x = 2\n" * 200_000}
    right = {"box.py": "y = 0\n" + BOX, "more.py": "x = 1\n"}
    _, judged = sides.judged(base, dict(left), dict(right), budget_s=0.0)
    told = [finding.text for finding in judged.findings if finding.rule == "not judged"]
    assert len(told) == 3
    assert told[0] == "takes the linter too long"
    assert "2 versions of files are too big" in told[1]
    assert "time was over after 1 steps" in told[2]
    assert not any(finding.is_blocking for finding in judged.findings)


def test_conflicts_and_findings_are_bounded(sides: Sides) -> None:
    names = [f"f{number}.txt" for number in range(CONFLICTS_MAX + 20)]
    base: dict[str, str | bytes | None] = dict.fromkeys(names, "1\n")
    joined, judged = sides.judged(base, dict.fromkeys(names, "2\n"), dict.fromkeys(names, "3\n"))
    assert len(joined.conflicts) == len(names)
    assert len(judged.conflicts) == CONFLICTS_MAX


def test_links_and_histories_without_a_base_are_no_reason_to_fail(sides: Sides) -> None:
    (sides.folder / "there").symlink_to("one")
    start = sides.commit("base", {"a.py": "x = 1\n"})
    (sides.folder / "there").unlink()
    (sides.folder / "there").symlink_to("two")
    left = sides.commit("left", {"a.py": "x = 2\n"})
    run_git(sides.folder, "checkout", "--quiet", "--detach", start)
    right = sides.commit("right", {"b.py": "x = 2\n"})
    joined = join(sides.git, left, right)
    assert judge(sides.git, left=left, right=right, joined=joined).findings == ()
    run_git(sides.folder, "checkout", "--quiet", "--orphan", "other")
    alone = sides.commit("other", {"c.py": "x = 1\n"})
    nothing = Joined(tree=joined.tree, sides={}, kinds={})
    assert judge(sides.git, left=left, right=alone, joined=nothing).findings == ()


def test_the_layer_alone_foresees_what_git_refuses(sides: Sides) -> None:
    base = {"a.py": BOX, "b.py": BOX, "c.txt": BOX, "d.py": BOX}
    left = {
        "a.py": BOX.replace("return a", "return 1"),
        "b.py": BOX.replace("x1 = 1", "x1 = 0"),
        "c.txt": None,
        "d.py": BOX.replace("x1 = 1", "x1 = 0"),
    }
    right = {
        "a.py": BOX.replace("return a", "return 2"),
        "b.py": BOX.replace("x11 = 11", "x11 = 0"),
        "c.txt": BOX.replace("x1 = 1", "x1 = 0"),
    }
    joined, _ = sides.judged(dict(base), dict(left), dict(right))
    layer = foreseen(sides.git, left=sides.left, right=sides.right)
    assert layer == {"a.py": "touching", "c.txt": "modify/delete"}
    assert set(layer) == set(joined.conflicts)

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.repository.checkout import find_checkout
from prd_supervise.supervisor.ui.settings.config import load_settings
from prd_supervise.supervisor.ui.settings.worktree_root import root_defects


def problems(top: Path, root: str) -> list[str]:
    run = ("git", "-c", "user.name=U", "-c", "user.email=u@example.org")
    subprocess.run((*run, "init", "-q"), cwd=top, check=True)
    subprocess.run((*run, "commit", "-q", "--allow-empty", "-m", "x"), cwd=top, check=True)
    (top / "prd-supervise.toml").write_text(f"[worktree]\nroot = '{root}'\n")
    checkout = find_checkout(top)
    settings, _ = load_settings(top, environ={}, overrides={})
    assert settings is not None
    found = root_defects(settings.worktree.root, checkout, {})
    return [str(defect.relative_to(top)) for defect in found]


@pytest.mark.parametrize(
    ("root", "problem"),
    [
        (".", "this is the repository itself; name a folder of its own"),
        ("inner/..", "this is the repository itself; name a folder of its own"),
        (".git/wt", "this is inside git's own folder; name another one"),
        ("a-file/wt", "a-file is no folder; name another one, or move it away"),
        ("link-to-file", "a-file is no folder; name another one, or move it away"),
    ],
)
def test_a_place_for_worktrees_that_cannot_be_one_is_refused_at_its_line(
    tmp_path: Path, root: str, problem: str
) -> None:
    (tmp_path / "a-file").touch()
    (tmp_path / "link-to-file").symlink_to("a-file")
    (found,) = problems(tmp_path, root)
    assert found.startswith(f"prd-supervise.toml:2:1: worktree.root: '{root}': ")
    assert found.endswith(problem)


@pytest.mark.parametrize("root", ["", "wt", "../not/there/yet"])
def test_a_place_that_can_be_made_is_none(tmp_path: Path, root: str) -> None:
    assert problems(tmp_path, root) == []

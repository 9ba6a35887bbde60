from __future__ import annotations

import os
from pathlib import Path

import pytest

from prd_supervise.workers.signs_of_life import has_changed_since, last_line

OLD_S = 1_000_000.0
SINCE_S = 2_000_000.0


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"", ""),
        (b"one\ntwo\n", "two"),
        (b"one\n \n\x07\n", "one"),
        (b"10%\r20%\rdone", "done"),
        (b"\x1b[1;31merror:\x1b[0m no \x1b[2K\tcredit\x00", "error: no credit"),
        (b"\x1b]0;title\x07said", "]0;title said"),
        ("\u202eevil".encode(), "evil"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"x" * 9000, "x" * 200),
        (b"first\n" + b"\n" * 5000, ""),
    ],
)
def test_the_last_line_is_fit_for_a_terminal(tmp_path: Path, text: bytes, line: str) -> None:
    log = tmp_path / "log"
    log.write_bytes(text)
    assert last_line(log) == line


def test_no_log_has_no_last_line(tmp_path: Path) -> None:
    assert last_line(tmp_path / "log") == ""


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    for name in ("src/deep/a.py", ".git/index", "node_modules/b.js"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (tmp_path / "loop").symlink_to(tmp_path)
    _age(tmp_path)
    return tmp_path


def _age(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (OLD_S, OLD_S), follow_symlinks=False)


def test_an_untouched_worktree_has_not_changed(worktree: Path) -> None:
    (worktree / ".git/index").touch()
    assert not has_changed_since(worktree, SINCE_S)
    assert not has_changed_since(worktree / "gone", SINCE_S)


@pytest.mark.parametrize("change", ["write", "new", "delete"])
def test_any_change_counts(worktree: Path, change: str) -> None:
    match change:
        case "write":
            (worktree / "src/deep/a.py").write_text("x")
        case "new":
            (worktree / "src/b.py").touch()
        case "delete":
            (worktree / "src/deep/a.py").unlink()
    assert has_changed_since(worktree, SINCE_S)


def test_the_moment_itself_counts(worktree: Path) -> None:
    os.utime(worktree / "src", (SINCE_S, SINCE_S))
    assert has_changed_since(worktree, SINCE_S)
    assert not has_changed_since(worktree, SINCE_S + 1)


def test_a_worktree_too_large_to_look_through_is_given_the_benefit_of_the_doubt(
    worktree: Path,
) -> None:
    assert has_changed_since(worktree, SINCE_S, entries_max=3)

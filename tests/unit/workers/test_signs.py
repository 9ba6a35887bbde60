from __future__ import annotations

import os
from pathlib import Path

import pytest

from prd_supervise.workers.jobs.signs_of_life import Silence, fingerprint, last_line

OLD_S = 1_000_000.0


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


def _age(folder: Path, at_s: float = OLD_S) -> None:
    for path in (folder, *folder.rglob("*")):
        os.utime(path, (at_s, at_s), follow_symlinks=False)


def test_an_untouched_worktree_has_not_changed(worktree: Path) -> None:
    before = fingerprint(worktree)
    (worktree / ".git/index").touch()
    assert fingerprint(worktree) == before
    assert fingerprint(worktree / "gone") == 0


@pytest.mark.parametrize("change", ["write", "new", "delete", "rename", "replace"])
def test_any_change_counts(worktree: Path, change: str) -> None:
    path = worktree / "src/deep/a.py"
    before = fingerprint(worktree)
    match change:
        case "write":
            path.write_text("x")
        case "new":
            (worktree / "src/b.py").touch()
        case "delete":
            path.unlink()
        case "rename":
            path.rename(worktree / "src/deep/b.py")
        case "replace":
            (worktree / "new").touch()
            (worktree / "new").replace(path)
    assert fingerprint(worktree) != before


def test_a_worktree_too_large_to_look_through_has_no_fingerprint(worktree: Path) -> None:
    assert fingerprint(worktree, entries_max=3) is None


def silence_after(worktree: Path, *looks: int) -> float:
    """Look once a second, at output of these sizes."""
    silence = Silence(0)
    for output_bytes in looks:
        silence.look(output_bytes, worktree, since_last_s=1.0)
    return silence.lasted_s


def test_silence_is_counted_from_the_first_look_that_found_nothing_new(worktree: Path) -> None:
    assert silence_after(worktree, 0) == 0
    assert silence_after(worktree, 0, 0, 0) == 2
    assert silence_after(worktree, 0, 0, 7) == 0
    assert silence_after(worktree, 0, 0, 7, 7, 7) == 2


def test_output_that_was_cut_is_a_sign_of_life(worktree: Path) -> None:
    assert silence_after(worktree, 100, 100, 100, 40) == 0


@pytest.mark.parametrize("at_s", [OLD_S, 9_000_000_000.0])
def test_files_of_any_age_are_no_sign_of_life_and_any_change_of_it_is(
    worktree: Path, at_s: float
) -> None:
    _age(worktree, at_s)  # as a wall clock that was put back, or forward, would leave them
    silence = Silence(0)
    for _ in range(4):
        silence.look(0, worktree, since_last_s=1.0)
    assert silence.lasted_s == 3
    os.utime(worktree / "src/deep/a.py", (at_s - 5, at_s - 5))
    silence.look(0, worktree, since_last_s=1.0)
    assert silence.lasted_s == 0


def test_a_worktree_too_large_gives_the_benefit_of_the_doubt(
    worktree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprint, "__kwdefaults__", {"entries_max": 3})
    assert silence_after(worktree, 0, 0, 0, 0) == 0

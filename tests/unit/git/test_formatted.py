"""What a formatter made of files is taken into the merge; nothing else of the worktree is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prd_supervise.workers.git.commands import GitRefused
from prd_supervise.workers.messages.train import FormattedTaken, TakeFormatted

if TYPE_CHECKING:
    from tests.unit.git.conftest import Driver


@pytest.fixture
def merge(driver: Driver) -> tuple[str, Path]:
    """A merge of `new.py` and `other.py`, and the PRD's worktree that shows it."""
    commit = driver.trial(driver.work("US-1", new="x=1\n", other="y=1\n")).commit
    return commit, driver.check_out(commit)


def take(driver: Driver, merge: tuple[str, Path], *paths: str) -> FormattedTaken:
    commit, worktree = merge
    return driver.repository.take_formatted(
        TakeFormatted(number=1, commit=commit, worktree=str(worktree), paths=paths)
    )


def test_exactly_the_named_files_are_taken(driver: Driver, merge: tuple[str, Path]) -> None:
    commit, worktree = merge
    for name, text in (("new.py", "x = 1\n"), ("other.py", "y = 1\n"), ("more.py", "z\n")):
        (worktree / name).write_text(text)

    taken = take(driver, merge, "new.py")

    git = driver.users.git
    assert taken.paths == ("new.py",)
    assert git("diff", "--name-only", commit, taken.commit) == "new.py"
    assert git("show", f"{taken.commit}:new.py") == "x = 1"
    for form in ("%P", "%B"):
        assert git("log", "-1", f"--format={form}", taken.commit) == git(
            "log", "-1", f"--format={form}", commit
        )
    # Whoever is verified next finds a clean worktree.
    shown = driver.check_out(taken.commit)
    assert (shown / "other.py").read_text() == "y=1\n"
    assert not (shown / "more.py").exists()


def test_what_no_formatter_changed_is_the_same_commit(
    driver: Driver, merge: tuple[str, Path]
) -> None:
    assert take(driver, merge, "new.py") == FormattedTaken(number=1, commit=merge[0])


def test_it_can_be_asked_again(driver: Driver, merge: tuple[str, Path]) -> None:
    (merge[1] / "new.py").write_text("x = 1\n")
    trees = {
        driver.users.git("rev-parse", f"{take(driver, merge, 'new.py').commit}^{{tree}}")
        for _ in range(2)
    }
    assert len(trees) == 1


def test_the_mode_is_not_a_formatters_to_change(driver: Driver, merge: tuple[str, Path]) -> None:
    (merge[1] / "new.py").write_text("x = 1\n")
    (merge[1] / "new.py").chmod(0o755)
    taken = take(driver, merge, "new.py")
    assert driver.users.git("ls-tree", taken.commit, "new.py").startswith("100644 ")


def test_line_ends_are_taken_as_git_takes_them(driver: Driver, merge: tuple[str, Path]) -> None:
    (merge[1] / ".gitattributes").write_text("*.py text eol=crlf\n")
    (merge[1] / "new.py").write_bytes(b"x=1\r\n")
    assert take(driver, merge, "new.py").paths == ()


def test_what_is_no_file_any_more_is_refused(driver: Driver, merge: tuple[str, Path]) -> None:
    (merge[1] / "new.py").unlink()
    with pytest.raises(GitRefused, match=r"removed new\.py"):
        take(driver, merge, "new.py")
    (merge[1] / "new.py").symlink_to("other.py")
    with pytest.raises(GitRefused, match="no regular file"):
        take(driver, merge, "new.py")


def test_a_worktree_that_shows_something_else_is_refused(
    driver: Driver, merge: tuple[str, Path]
) -> None:
    driver.check_out(driver.users.head("main"))
    with pytest.raises(GitRefused, match="any more"):
        take(driver, merge, "new.py")

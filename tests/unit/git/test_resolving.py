from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.workers.git.commands import Commands
from prd_supervise.workers.git.merging.joining import Joined, join
from prd_supervise.workers.git.merging.resolving import resolved
from prd_supervise.workers.messages.merging import Resolution
from tests.unit.git.conftest import run_git


class Two:
    """Two commits of one base in a repository of their own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        run_git(path, "init", "--quiet", "--initial-branch=main")
        run_git(path, "config", "user.name", "A")
        run_git(path, "config", "user.email", "a@example.org")
        self.git = Commands(path, timeout_s=30, environment={})

    def commit(self, **files: str | None) -> str:
        """A commit in which these files are so."""
        for name, text in files.items():
            path = self.path / name.replace("__", ".")
            if text is None:
                path.unlink()
            else:
                path.write_text(text)
        run_git(self.path, "add", "--all")
        run_git(self.path, "commit", "--quiet", "--allow-empty", "-m", "it")
        return run_git(self.path, "rev-parse", "HEAD")

    def joined(
        self, left: dict[str, str | None], right: dict[str, str | None]
    ) -> tuple[Joined, Joined, tuple[Resolution, ...]]:
        """What git makes of the two, and what we make of that."""
        base = run_git(self.path, "rev-parse", "HEAD")
        ours = self.commit(**left)
        run_git(self.path, "checkout", "--quiet", "--detach", base)
        theirs = self.commit(**right)
        plain = join(self.git, ours, theirs)
        return plain, *resolved(self.git, plain)

    def text(self, joined: Joined, path: str) -> str:
        """A file of the tree that came out."""
        return run_git(self.path, "show", f"{joined.tree}:{path}")


@pytest.fixture
def two(tmp_path: Path) -> Two:
    return Two(tmp_path / "repository")


def test_what_can_be_resolved_is_in_the_tree_and_no_conflict_any_more(two: Two) -> None:
    two.commit(CHANGES__md="# Log\n", other="1\n")
    plain, joined, resolutions = two.joined(
        {"CHANGES__md": "# Log\n- a\n", "other": "2\n"}, {"CHANGES__md": "# Log\n- b\n"}
    )
    assert plain.conflicts == ("CHANGES.md",)
    assert joined.conflicts == ()
    assert resolutions == (Resolution(path="CHANGES.md", how="changelog"),)
    assert two.text(joined, "CHANGES.md") == "# Log\n- a\n- b"
    assert two.text(joined, "other") == "2"


def test_what_cannot_be_resolved_stays_a_conflict(two: Two) -> None:
    two.commit(CHANGES__md="# Log\n", other="1\n")
    _, joined, resolutions = two.joined(
        {"CHANGES__md": "# Log\n- a\n", "other": "2\n"},
        {"CHANGES__md": "# Log\n- b\n", "other": "3\n"},
    )
    assert joined.conflicts == ("other",)
    assert [each.path for each in resolutions] == ["CHANGES.md"]


def test_a_file_that_both_added_or_one_removed_is_never_resolved(two: Two) -> None:
    two.commit(NEWS="- old\n")
    plain, joined, resolutions = two.joined(
        {"NEWS": None, "CHANGES__md": "- a\n"}, {"NEWS": "- old\n- b\n", "CHANGES__md": "- b\n"}
    )
    assert plain.conflicts == ("CHANGES.md", "NEWS")
    assert (joined, resolutions) == (plain, ())


def test_a_file_that_changed_its_mode_as_well_is_never_resolved(two: Two) -> None:
    two.commit(NEWS="- old\n")
    base = run_git(two.path, "rev-parse", "HEAD")
    (two.path / "NEWS").chmod(0o755)
    ours = two.commit(NEWS="- old\n- a\n")
    run_git(two.path, "checkout", "--quiet", "--detach", base)
    theirs = two.commit(NEWS="- old\n- b\n")
    plain = join(two.git, ours, theirs)
    assert resolved(two.git, plain) == (plain, ())


def test_a_clean_merge_is_as_it_was(two: Two) -> None:
    two.commit(NEWS="- old\n")
    plain, joined, resolutions = two.joined({"a": "1\n"}, {"b": "1\n"})
    assert (joined, resolutions) == (plain, ())

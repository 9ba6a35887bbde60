from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from prd_supervise.workers.git.place import open_place
from prd_supervise.workers.git.showing_story import (
    FILES_MAX,
    LINES_MAX,
    StoryAsked,
    StoryShown,
    show_story,
)

if TYPE_CHECKING:
    from tests.unit.git.conftest import Driver, Users

BRANCH = "feature/PRD-1"


def shown(users: Users, worktree: Path | str = "", story_id: str = "US-1") -> StoryShown:
    place = open_place(
        users.path,
        worktrees=users.worktrees,
        prd_id="PRD-1",
        lock_path=users.path / ".git" / "prd-supervise.lock",
        timeout_s=30.0,
    )
    base = users.head("HEAD")
    asked = StoryAsked(story_id=story_id, branch=BRANCH, base=base, worktree=str(worktree))
    return show_story(place, asked)


def test_of_a_story_that_has_not_begun_there_is_nothing(driver: Driver) -> None:
    found = shown(driver.users)
    assert found.about == "nothing is changed yet: there is no branch of it"
    assert (found.diff, found.left_out) == ("", ())


def test_at_work_its_worktree_is_shown_with_what_is_new(driver: Driver) -> None:
    _, worktree = driver.prepare()
    (worktree / "app.py").write_text("one\nchanged\nthree\n")
    (worktree / "new.py").write_text("brand new\n")
    (worktree / "cache").mkdir()
    (worktree / "cache/ignored").write_text("ignored\n")
    status = driver.users.git("status", "--porcelain", cwd=worktree)

    found = shown(driver.users, worktree)

    assert found.about == "in its worktree, just now"
    assert "-two\n+changed" in found.diff
    assert "+brand new" in found.diff
    assert "ignored" not in found.diff
    # Whose worktree it is notices nothing of it.
    assert driver.users.git("status", "--porcelain", cwd=worktree) == status


def test_what_the_agent_has_committed_is_shown_as_well(driver: Driver) -> None:
    _, worktree = driver.prepare()
    (worktree / "new.py").write_text("brand new\n")
    driver.users.git("add", "--all", cwd=worktree)
    driver.users.git("commit", "--quiet", "-m", "by the agent", cwd=worktree)
    assert "+brand new" in shown(driver.users, worktree).diff


def test_between_attempts_its_branch_is_shown(driver: Driver) -> None:
    driver.work("US-1", 0, new="brand new\n")
    found = shown(driver.users)
    assert found.about == "on prd-supervise/PRD-1/US-1"
    assert "+brand new" in found.diff


def test_a_story_that_is_merged_shows_its_merge_and_nothing_of_others(driver: Driver) -> None:
    driver.finish("US-11", other="of another\n")
    published = driver.finish("US-1", new="brand new\n")
    driver.finish("US-2", late="later\n")

    found = shown(driver.users)

    assert found.about.startswith("merged as ")
    assert published is not None
    assert "+brand new" in found.diff
    assert "of another" not in found.diff
    assert "later" not in found.diff


def test_a_large_file_and_too_many_are_named_only(driver: Driver) -> None:
    _, worktree = driver.prepare()
    (worktree / "large.txt").write_text("x\n" * 1_000_000)
    (worktree / "long.txt").write_text("y\n" * (LINES_MAX + 1))
    for number in range(FILES_MAX + 5):
        (worktree / f"many{number:04}.txt").write_text("z\n")

    found = shown(driver.users, worktree)

    assert "long.txt (+5001 -0)" in found.left_out
    assert "+x" not in found.diff
    assert "Binary files /dev/null and b/large.txt differ" in found.diff
    assert len(found.diff) < 200_000


def test_strange_names_and_broken_links_are_shown_too(driver: Driver) -> None:
    _, worktree = driver.prepare()
    (worktree / "-rf\n\x1b[2J").write_text("strange\n")
    (worktree / "link").symlink_to("/nowhere")
    Path(os.fsdecode(os.fsencode(worktree) + b"/\xff")).write_text("bytes\n")

    found = shown(driver.users, worktree)

    assert "+strange" in found.diff
    assert "+/nowhere" in found.diff
    assert "+bytes" in found.diff


def test_a_worktree_whose_git_file_was_led_astray_is_still_its_own(
    driver: Driver, tmp_path: Path
) -> None:
    _, worktree = driver.prepare()
    (worktree / "new.py").write_text("brand new\n")
    (worktree / ".git").write_text(f"gitdir: {tmp_path}/elsewhere\n")
    assert "+brand new" in shown(driver.users, worktree).diff

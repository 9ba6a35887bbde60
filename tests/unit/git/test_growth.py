"""Trial merges of stories at work: exact, beside everything that is anybody's own."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from prd_supervise.workers.git.commands import Commands
from prd_supervise.workers.git.merging import growth, scratch, trial
from prd_supervise.workers.git.merging.joining import Joined, join
from prd_supervise.workers.messages.git import CloseBranch, Prepared
from prd_supervise.workers.messages.growth import BRANCH, Compared, CompareStories, Growing
from prd_supervise.workers.messages.rules import Strategy
from tests.unit.git.conftest import Driver, Users


def at_work(driver: Driver, count: int) -> tuple[list[Prepared], list[Path]]:
    """So many stories that agents work on."""
    made = [driver.prepare(f"US-{at}", slot=at) for at in range(1, count + 1)]
    return [each for each, _ in made], [path for _, path in made]


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no reason to give a worktree up here."""
    monkeypatch.setattr(scratch, "GIT_S", 60.0)
    monkeypatch.setattr(growth, "BUDGET_S", 60.0)


def growing(*prepared: Prepared) -> tuple[Growing, ...]:
    return tuple(
        Growing(story_id=each.story_id, base=each.base, worktree=each.worktree) for each in prepared
    )


def compare(driver: Driver, *prepared: Prepared, strategy: Strategy = Strategy.ENTITY) -> Compared:
    return driver.repository.compare(CompareStories(stories=growing(*prepared), strategy=strategy))


def met(found: Compared) -> dict[tuple[str, str], list[str]]:
    return {
        (each.story_id, each.other): [place.path for place in each.places]
        for each in found.meetings
    }


def scratch_of(driver: Driver) -> Path:
    return driver.users.worktrees / "PRD-1.scratch"


def test_uncommitted_and_untracked_work_is_compared(driver: Driver) -> None:
    stories, (one, other) = at_work(driver, 2)
    (one / "app.py").write_text("mine\n")
    (one / "new.py").write_text("a\n")
    (other / "app.py").write_text("yours\n")
    (other / "new.py").write_text("b\n")

    found = compare(driver, *stories)

    assert found.is_complete
    assert found.stories == ("US-1", "US-2")
    assert met(found) == {("US-2", "US-1"): ["app.py", "new.py"]}


def test_what_an_agent_committed_is_compared(driver: Driver) -> None:
    stories, (one, other) = at_work(driver, 2)
    (one / "app.py").write_text("mine\n")
    driver.users.git("commit", "-qam", "mine", cwd=one)
    (other / "app.py").write_text("yours\n")

    assert met(compare(driver, *stories)) == {("US-2", "US-1"): ["app.py"]}


def test_work_that_comes_together_is_no_meeting(driver: Driver) -> None:
    stories, (one, other) = at_work(driver, 2)
    (one / "app.py").write_text("ONE\ntwo\nthree\n")
    (one / "mine.py").write_text("x\n")
    (other / "app.py").write_text("one\ntwo\nthree\nfour\n")

    assert met(compare(driver, *stories)) == {}
    assert met(compare(driver, *stories, strategy=Strategy.FILE)) == {("US-2", "US-1"): ["app.py"]}


def test_a_meeting_that_an_agent_undoes_is_gone_at_the_next_look(driver: Driver) -> None:
    stories, (one, other) = at_work(driver, 2)
    (one / "app.py").write_text("mine\n")
    (other / "app.py").write_text("yours\n")
    assert met(compare(driver, *stories))
    (other / "app.py").write_text("one\ntwo\nthree\n")

    assert met(compare(driver, *stories)) == {}


def test_a_story_is_compared_with_what_was_merged_since_it_began(driver: Driver) -> None:
    (prepared,), (worktree,) = at_work(driver, 1)
    driver.publish(driver.trial(driver.work("US-9", 9, app="merged\n")))
    (worktree / "app.py").write_text("mine\n")

    found = compare(driver, prepared)

    assert met(found) == {("US-1", BRANCH): ["app.py"]}


def test_what_only_the_branch_changed_is_not_laid_at_another_storys_door(driver: Driver) -> None:
    (old,), (one,) = at_work(driver, 1)
    driver.publish(driver.trial(driver.work("US-9", 9, app="merged\n")))
    new, other = driver.prepare("US-2", slot=2)
    (one / "app.py").write_text("mine\n")
    (one / "both.py").write_text("a\n")
    (other / "both.py").write_text("b\n")

    found = met(compare(driver, old, new))

    assert found == {("US-1", BRANCH): ["app.py"], ("US-2", "US-1"): ["both.py"]}


def test_a_finished_story_is_compared_by_its_branch(driver: Driver) -> None:
    committed = driver.work("US-1", 1, app="mine\n")
    prepared, worktree = driver.prepare("US-2", slot=2)
    (worktree / "app.py").write_text("yours\n")
    finished = Growing(
        story_id="US-1", base=prepared.base, worktree="/nowhere", head=committed.head
    )

    found = driver.repository.compare(CompareStories(stories=(finished, *growing(prepared))))

    assert met(found) == {("US-2", "US-1"): ["app.py"]}


def test_prd_and_progress_files_are_nobodys_work(driver: Driver) -> None:
    stories, paths = at_work(driver, 2)
    for at, path in enumerate(paths):
        (path / "tasks" / "progress.txt").write_text(f"learned {at}\n")
        (path / "tasks" / "prd.json").write_text(f'{{"passes": {at}}}\n')

    assert met(compare(driver, *stories)) == {}


def test_neither_the_agents_index_nor_the_users_objects_are_touched(driver: Driver) -> None:
    stories, paths = at_work(driver, 2)
    for at, path in enumerate(paths):
        (path / "app.py").write_text(f"{at}\n")
        (path / "big.bin").write_bytes(os.urandom(2000))
        driver.users.git("add", "big.bin", cwd=path)
    objects = driver.users.path / ".git" / "objects"
    admins = sorted((driver.users.path / ".git" / "worktrees").rglob("*"))
    before = sorted(objects.rglob("*"))
    bytes_before = {path: path.read_bytes() for path in admins if path.is_file()}

    assert met(compare(driver, *stories))

    assert sorted(objects.rglob("*")) == before
    assert sorted((driver.users.path / ".git" / "worktrees").rglob("*")) == admins
    assert {path: path.read_bytes() for path in bytes_before} == bytes_before
    assert scratch_of(driver).stat().st_mode & 0o777 == 0o700


def test_ignored_files_are_no_work(driver: Driver) -> None:
    stories, paths = at_work(driver, 2)
    for at, path in enumerate(paths):
        (path / "cache").mkdir()
        (path / "cache" / "x").write_text(f"{at}\n")
    assert met(compare(driver, *stories)) == {}


def test_the_store_is_removed_with_the_prd_and_by_the_next_integrator(driver: Driver) -> None:
    stories, paths = at_work(driver, 2)
    for at, path in enumerate(paths):
        (path / "app.py").write_text(f"{at}\n")
    compare(driver, *stories)
    assert scratch_of(driver).is_dir()
    driver.open()
    assert not scratch_of(driver).exists()
    assert met(compare(driver, *stories))
    driver.repository.close_branch(CloseBranch(done=(), keep_slots=()))
    assert not scratch_of(driver).exists()


def test_a_store_that_has_grown_too_large_is_emptied(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scratch, "BYTES_MAX", 100)
    stories, paths = at_work(driver, 2)
    for at, path in enumerate(paths):
        (path / "app.py").write_text(f"{at}\n")
    for _ in range(2):
        assert met(compare(driver, *stories)) == {("US-2", "US-1"): ["app.py"]}
        assert not scratch_of(driver).exists()


def test_a_worktree_that_cannot_be_read_is_left_for_the_next_time(driver: Driver) -> None:
    stories, (one, other) = at_work(driver, 2)
    (one / "app.py").write_text("mine\n")
    (other / "app.py").write_text("yours\n")
    hidden = one.rename(one.with_name("elsewhere"))

    found = compare(driver, *stories)

    assert found.is_complete
    assert found.stories == ("US-2",)
    hidden.rename(one)
    assert met(compare(driver, *stories)) == {("US-2", "US-1"): ["app.py"]}


def test_a_look_that_takes_long_goes_on_with_the_next_request(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "BUDGET_S", 0.0)
    stories, paths = at_work(driver, 3)
    for at, path in enumerate(paths):
        (path / "app.py").write_text(f"{at}\n")

    found, requests = compare(driver, *stories), 1
    while not found.is_complete:
        request = CompareStories(stories=growing(*stories), goes_on=True)
        found, requests = driver.repository.compare(request), requests + 1
        assert requests < 20

    assert requests > 3
    assert len(met(found)) == 3


def test_nothing_is_merged_again_that_has_not_changed(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    stories, paths = at_work(driver, 3)
    for at, path in enumerate(paths):
        (path / "app.py").write_text(f"{at}\n")
    first = compare(driver, *stories)
    joined = []

    def noted(git: Commands, left: str, right: str) -> Joined:
        joined.append((left, right))
        return join(git, left, right)

    monkeypatch.setattr(trial, "join", noted)

    assert compare(driver, *stories) == first
    assert joined == []
    (paths[2] / "app.py").write_text("something else\n")
    assert met(compare(driver, *stories)) == met(first)
    assert len(joined) == 2


def test_a_path_with_a_colon_in_it_is_no_border(template: Path, tmp_path: Path) -> None:
    path = tmp_path / 'odd: "name' / "repository"
    shutil.copytree(template, path)
    users = Users(path=path)
    driver = Driver(users=users, repository=users.repository())
    driver.open()
    stories, paths = at_work(driver, 2)
    for at, worktree in enumerate(paths):
        (worktree / "app.py").write_text(f"{at}\n")
    assert met(compare(driver, *stories))


def test_secret_files_are_in_no_commit_even_if_an_agent_adds_them(driver: Driver) -> None:
    stories, paths = at_work(driver, 2)
    for at, path in enumerate(paths):
        (path / ".env").write_text(f"TOKEN={at}\n")
        (path / "app.py").write_text(f"{at}\n")
        driver.users.git("add", "--force", ".env", cwd=path)
    assert met(compare(driver, *stories)) == {("US-2", "US-1"): ["app.py"]}


def test_a_conflict_names_its_function_and_lines(driver: Driver) -> None:
    driver.finish("US-9", new="import os\n\n\ndef f():\n    return 0\n")
    stories, (one, other) = at_work(driver, 2)
    for path, value in ((one, 1), (other, 2)):
        (path / "new.py").write_text(f"import os\n\n\ndef f():\n    return {value}\n")
    (meeting,) = compare(driver, *stories).meetings
    assert [str(place) for place in meeting.places] == ["new.py:5: function f"]

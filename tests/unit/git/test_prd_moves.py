"""A completed PRD moves from prds/active/ to prds/completed/, in its own branch."""

from __future__ import annotations

import pytest

from prd_supervise.policies.merging.prd_folders import completed_path
from prd_supervise.workers.messages.git import OpenBranch
from tests.unit.git.conftest import Driver, Users

PRD_BRANCH = "feature/PRD-1"
HOME = "prds/active/X"
PRD_FILE = f"{HOME}/prd.json"
THERE = "prds/completed/X"
ACCEPTED = '{"passes": false}\n'


@pytest.fixture
def active(users: Users) -> Driver:
    """A PRD that lives in prds/active/X, with more files in its folder."""
    users.put(PRD_FILE, ACCEPTED)
    users.put(f"{HOME}/notes/a b.md", "notes\n")
    users.put(f"{HOME}/run.sh", "#!/bin/sh\n").chmod(0o755)
    (users.path / HOME / "link").symlink_to("prd.json")
    users.commit(HOME)
    driver = Driver(users=users, repository=users.repository())
    driver.open(prd_file=PRD_FILE)
    return driver


def _subjects(users: Users) -> list[str]:
    return users.git("log", "--format=%s", f"main..{PRD_BRANCH}").splitlines()


def _told(driver: Driver) -> list[tuple[str, str]]:
    return [(note.event, note.text) for note in driver.repository.take_notes()]


@pytest.mark.parametrize(
    ("path", "moved"),
    [
        ("prds/active/X/prd.json", "prds/completed/X/prd.json"),
        ("a/prds/active/X/deep/prd.md", "a/prds/completed/X/deep/prd.md"),
        ("prds/active/prds/active/X/p.json", "prds/active/prds/completed/X/p.json"),
        ("prds/active/prd.json", ""),
        ("prds/completed/X/prd.json", ""),
        ("tasks/prd.json", ""),
        ("active/X/prd.json", ""),
    ],
)
def test_only_a_folder_of_prds_active_moves(path: str, moved: str) -> None:
    assert completed_path(path) == moved


def test_the_whole_folder_moves_with_its_modes_in_one_commit(active: Driver) -> None:
    users = active.users
    before = users.files(PRD_BRANCH)
    active.take(ACCEPTED, is_completed=True)
    assert _subjects(users) == ["prd-supervise: PRD-1 is completed"]
    assert users.files(PRD_BRANCH) == {
        name.replace(HOME, THERE): mode for name, mode in before.items()
    }
    assert users.files(PRD_BRANCH)[f"{THERE}/run.sh"] == "100755"
    assert users.files(PRD_BRANCH)[f"{THERE}/link"] == "120000"
    assert _told(active) == []


def test_what_was_accepted_is_taken_before_the_move(active: Driver) -> None:
    active.take('{"passes": true}\n', is_completed=True)
    users = active.users
    assert users.blob(PRD_BRANCH, f"{THERE}/prd.json") == b'{"passes": true}\n'
    assert _subjects(users)[0] == "prd-supervise: PRD-1 is completed"
    assert len(_subjects(users)) == 2


def test_a_move_that_is_asked_again_changes_nothing(active: Driver) -> None:
    head = active.take(ACCEPTED, is_completed=True).commit
    assert active.take(ACCEPTED, is_completed=True).commit == ""
    active.repository = active.users.repository()  # after a crash
    active.open(prd_file=PRD_FILE)
    assert active.take(ACCEPTED, is_completed=True).commit == ""
    assert active.users.head(PRD_BRANCH) == head


def test_a_prd_that_is_open_again_moves_back(active: Driver) -> None:
    users = active.users
    before = users.files(PRD_BRANCH)
    active.take(ACCEPTED, is_completed=True)
    active.repository = users.repository()
    active.open(prd_file=PRD_FILE)
    active.take('{"passes": 2}\n')
    assert users.files(PRD_BRANCH) == before
    assert users.blob(PRD_BRANCH, PRD_FILE) == b'{"passes": 2}\n'
    assert "prd-supervise: PRD-1 is active again" in _subjects(users)
    active.take('{"passes": 2}\n', is_completed=True)
    assert PRD_FILE not in users.files(PRD_BRANCH)


def test_stories_are_marked_where_the_file_is_now(active: Driver) -> None:
    active.take(ACCEPTED, is_completed=True)
    tried = active.trial(active.work("US-1", new="x\n"))
    active.publish(tried, marked="marked\n")
    assert active.users.blob(PRD_BRANCH, f"{THERE}/prd.json") == b"marked\n"


def test_a_target_that_exists_keeps_the_prd_where_it_is(users: Users, active: Driver) -> None:
    users.put(f"{THERE}/prd.json", "an earlier one\n")
    users.commit(THERE)
    users.git("branch", "-D", PRD_BRANCH)
    active.repository = users.repository()
    active.open(prd_file=PRD_FILE)
    assert active.take(ACCEPTED, is_completed=True).commit == ""
    assert users.blob(PRD_BRANCH, PRD_FILE).decode() == ACCEPTED
    assert users.blob(PRD_BRANCH, f"{THERE}/prd.json") == b"an earlier one\n"
    ((event, text),) = _told(active)
    assert event == "not_moved"
    assert f"there is {THERE} already" in text


def test_an_earlier_prd_of_the_same_name_is_not_taken_for_ours(users: Users) -> None:
    users.put(f"{THERE}/prd.json", "an earlier one\n")
    users.commit(THERE)
    users.put(PRD_FILE, ACCEPTED)
    driver = Driver(users=users, repository=users.repository())
    driver.open(prd_file=PRD_FILE)
    driver.repository = users.repository()
    driver.open(prd_file=PRD_FILE)
    driver.take('{"passes": 2}\n')
    assert users.blob(PRD_BRANCH, PRD_FILE) == b'{"passes": 2}\n'
    assert users.blob(PRD_BRANCH, f"{THERE}/prd.json") == b"an earlier one\n"


def test_the_user_s_merge_of_the_branch_is_without_conflict(active: Driver) -> None:
    users = active.users
    active.take(ACCEPTED, is_completed=True)
    tree = users.git("merge-tree", "--write-tree", "main", PRD_BRANCH)
    assert users.files(tree) == users.files(PRD_BRANCH)


def test_an_agent_that_moves_the_prd_s_folder_finds_it_moved_back(active: Driver) -> None:
    users = active.users
    prepared, worktree = active.prepare()
    (worktree / "prds/completed").mkdir()
    (worktree / HOME).rename(worktree / THERE)
    (worktree / THERE / "prd.json").write_text('{"passes": true}\n')
    (worktree / "new.py").write_text("new\n")
    committed = active.commit(prepared)
    assert committed.files == ("new.py",)
    assert users.files(committed.head) == {**users.files("main"), "new.py": "100644"}
    assert committed.prd_edit is not None
    assert committed.prd_edit.gone == f"was moved to {THERE}/prd.json"
    assert not (worktree / THERE).exists()


def test_a_prd_that_the_agent_rewrote_and_moved_is_found_as_well(active: Driver) -> None:
    prepared, worktree = active.prepare()
    (worktree / PRD_FILE).unlink()
    (worktree / THERE).mkdir(parents=True)
    (worktree / THERE / "prd.json").write_text("all is done, believe me\n" * 20)
    committed = active.commit(prepared)
    assert (committed.files, committed.head) == ((), prepared.base)
    assert committed.prd_edit is not None
    assert committed.prd_edit.gone == f"was moved to {THERE}/prd.json"


def test_a_new_file_in_the_folder_is_the_agent_s_work(active: Driver) -> None:
    prepared, worktree = active.prepare()
    (worktree / HOME / "design.md").write_text("how it is made\n")
    assert active.commit(prepared).files == (f"{HOME}/design.md",)


def test_a_prd_outside_of_the_repository_has_no_file_in_the_branch(users: Users) -> None:
    driver = Driver(users=users, repository=users.repository())
    request = OpenBranch(
        prd_id="PRD-1", wanted_branch=PRD_BRANCH, base="main", prd_file="", adopt=False
    )
    driver.repository.open_branch(request)
    assert driver.take(ACCEPTED, is_completed=True).commit == ""
    assert driver.trial(driver.work("US-1", new="x\n")).prd_file is None

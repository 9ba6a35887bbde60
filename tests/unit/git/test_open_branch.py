from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prd_supervise.workers.git.commands import GitRefused
from prd_supervise.workers.messages.git import OpenBranch

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.git.conftest import Driver, Users


def _open(users: Users, prd_id: str, branch: str, **more: object) -> str:
    asked = {"base": "main", "prd_file": "", "adopt": False, **more}
    request = OpenBranch(prd_id=prd_id, wanted_branch=branch, **asked)  # type: ignore[arg-type]
    return users.repository(prd_id).open_branch(request).branch


def test_a_new_branch_stands_at_the_base(driver: Driver) -> None:
    opened = driver.open()
    main = driver.users.head("main")
    assert (opened.branch, opened.base, opened.head) == ("feature/PRD-1", main, main)
    assert opened.merged == ()


def test_git_itself_records_whose_branch_it_is(driver: Driver) -> None:
    users = driver.users
    record = "refs/prd-supervise/branches/PRD-1/feature/PRD-1"
    assert users.head(record) == users.head("feature/PRD-1")
    assert users.head("refs/prd-supervise/bases/PRD-1") == users.head("main")


def test_a_new_process_goes_on_with_the_recorded_branch_and_base(driver: Driver) -> None:
    driver.finish("US-1", new="x\n")
    driver.repository = driver.users.repository()
    opened = driver.open(base=driver.users.head("feature/PRD-1"))
    assert opened.branch == "feature/PRD-1"
    assert opened.base == driver.users.head("main")


def test_a_name_that_is_taken_gets_a_number(users: Users) -> None:
    users.git("branch", "feature/PRD-9")
    users.git("branch", "feature/PRD-9-1")
    assert _open(users, "PRD-1", "feature/PRD-9") == "feature/PRD-9-2"


def test_two_prds_that_want_one_name_get_two(users: Users) -> None:
    assert _open(users, "PRD-1", "feature/PRD-x") == "feature/PRD-x"
    assert _open(users, "PRD-2", "feature/PRD-x") == "feature/PRD-x-1"
    assert _open(users, "PRD-1", "feature/PRD-x") == "feature/PRD-x"


@pytest.mark.parametrize(
    ("existing", "wanted"),
    [("feature/PRD-a/x", "feature/PRD-a"), ("feature/PRD-a", "feature/PRD-a/x")],
)
def test_a_name_that_is_a_folder_of_another_is_taken(
    users: Users, existing: str, wanted: str
) -> None:
    users.git("branch", existing)
    if wanted.startswith(existing):
        with pytest.raises(GitRefused, match="taken"):
            _open(users, "PRD-1", wanted)
    else:
        assert _open(users, "PRD-1", wanted) == f"{wanted}-1"


def test_names_of_story_branches_are_refused(users: Users) -> None:
    with pytest.raises(GitRefused, match="stories' own"):
        _open(users, "PRD-1", "prd-supervise/mine")


def test_adopt_goes_on_with_an_existing_branch(users: Users) -> None:
    users.git("branch", "feature/PRD-9")
    assert _open(users, "PRD-1", "feature/PRD-9", adopt=True) == "feature/PRD-9"


def test_adopt_does_not_take_the_branch_of_another_prd(users: Users) -> None:
    _open(users, "PRD-2", "feature/PRD-9")
    assert _open(users, "PRD-1", "feature/PRD-9", adopt=True) == "feature/PRD-9-1"


def test_a_branch_that_the_user_deleted_is_made_again(driver: Driver) -> None:
    driver.users.git("branch", "-D", "feature/PRD-1")
    assert driver.open().head == driver.users.head("main")


def test_a_crash_after_the_record_leaves_the_name_free_for_its_prd(users: Users) -> None:
    users.git("update-ref", "refs/prd-supervise/bases/PRD-1", "main")
    users.git("update-ref", "refs/prd-supervise/branches/PRD-1/feature/PRD-9", "main")
    assert _open(users, "PRD-1", "feature/PRD-9") == "feature/PRD-9"


def test_a_prd_file_that_differs_is_committed_first(users: Users, driver: Driver) -> None:
    (users.path / "tasks/prd.json").write_text("changed\n")
    users.seen = users.snapshot()
    users.git("branch", "-D", "feature/PRD-1")
    opened = driver.open()
    assert users.show(opened.head, "tasks/prd.json") == "changed"
    assert users.git("log", "-1", "--format=%s", opened.head) == "prd-supervise: add tasks/prd.json"
    assert users.head(f"{opened.head}^") == opened.base
    assert users.git("diff", "--name-only", opened.base, opened.head) == "tasks/prd.json"


def test_a_prd_file_that_git_does_not_know_is_committed_first(users: Users, driver: Driver) -> None:
    users.git("branch", "-D", "feature/PRD-1")
    opened = driver.open(prd_file="untracked.txt")
    assert users.show(opened.head, "untracked.txt") == "untracked"
    assert driver.open(prd_file="untracked.txt").head == opened.head


def test_a_prd_file_that_we_marked_is_not_put_back_by_the_next_start(driver: Driver) -> None:
    tried = driver.trial(driver.work("US-1", new="x\n"))
    published = driver.publish(tried, marked='{"passes": true}\n')
    assert driver.open().head == published.head


def test_merged_stories_are_read_from_the_branch(driver: Driver) -> None:
    first = driver.finish("US-1", new="x\n")
    second = driver.finish("US-2", newer="y\n")
    assert driver.open().merged == (("US-1", first.commit), ("US-2", second.commit))


def test_an_agent_cannot_claim_a_merge_by_a_trailer(driver: Driver) -> None:
    prepared, worktree = driver.prepare("US-1")
    claim = "claim\n\nPRD-Story: PRD-1/US-7\n"
    driver.users.git("commit", "--allow-empty", "-m", claim, cwd=worktree)
    (worktree / "new.py").write_text("x\n")
    published = driver.publish(driver.trial(driver.commit(prepared)))
    assert driver.open().merged == (("US-1", published.commit),)


def test_a_story_without_a_commit_of_its_own_is_merged_once_as_well(driver: Driver) -> None:
    published = driver.finish("US-1")
    assert driver.open().merged == (("US-1", published.commit),)


def test_a_linked_worktree_with_a_detached_head_is_a_checkout_as_well(
    users: Users, tmp_path: Path
) -> None:
    linked = tmp_path / "linked"
    users.git("worktree", "add", "--quiet", "--detach", str(linked), "main")
    users.git("commit", "--quiet", "--allow-empty", "-m", "detached", cwd=linked)
    head = users.git("rev-parse", "HEAD", cwd=linked)
    opened = users.repository(checkout=linked).open_branch(
        OpenBranch(
            prd_id="PRD-1", wanted_branch="feature/PRD-1", base="HEAD", prd_file="", adopt=False
        )
    )
    assert opened.base == head
    assert users.git("rev-parse", "HEAD", cwd=linked) == head
    assert users.git("status", "--porcelain", cwd=linked) == ""


def test_an_option_is_no_base(users: Users) -> None:
    with pytest.raises(GitRefused, match="no commit"):
        _open(users, "PRD-1", "feature/PRD-1", base="--all")

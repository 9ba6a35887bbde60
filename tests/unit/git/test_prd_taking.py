"""The branch's copy of the PRD file follows the document that was accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import git.cmd
import pytest

from prd_supervise.workers.git.commands import GitRefused

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.git.conftest import Driver, Users

PRD_BRANCH = "feature/PRD-1"
PRD_FILE = "tasks/prd.json"
ACCEPTED = '{"passes": false, "more": 1}\n'
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 99\n"


def _subjects(users: Users) -> list[str]:
    return users.git("log", "--format=%s", f"main..{PRD_BRANCH}").splitlines()


def _told(driver: Driver) -> list[tuple[str, str]]:
    return [(note.event, note.text) for note in driver.repository.take_notes()]


def test_a_document_that_has_changed_is_committed_on_the_branch(driver: Driver) -> None:
    users = driver.users
    before = users.files(PRD_BRANCH)
    taken = driver.take(ACCEPTED)
    assert users.head(PRD_BRANCH) == taken.commit
    assert users.blob(PRD_BRANCH, PRD_FILE).decode() == ACCEPTED
    assert _subjects(users) == ["prd-supervise: the PRD file as it was accepted"]
    assert users.git("diff", "--name-only", "main", PRD_BRANCH) == PRD_FILE
    assert users.files(PRD_BRANCH) == before
    assert _told(driver) == []


def test_a_document_that_the_branch_has_already_makes_no_commit(driver: Driver) -> None:
    head = driver.take(ACCEPTED).commit
    assert driver.take(ACCEPTED).commit == ""
    assert driver.users.head(PRD_BRANCH) == head


def test_a_document_that_the_branch_does_not_have_is_added(driver: Driver) -> None:
    driver.open(prd_file="untracked.txt")
    driver.take("new\n")
    assert driver.users.blob(PRD_BRANCH, "untracked.txt") == b"new\n"
    assert _subjects(driver.users) == ["prd-supervise: add untracked.txt"]


def test_the_document_takes_the_place_of_an_edit_by_hand_and_says_so(driver: Driver) -> None:
    users = driver.users
    driver.take(ACCEPTED)
    blob = users.git("hash-object", "-w", "--stdin", stdin="by hand\n")
    tree = users.git("mktree", stdin=f"100644 blob {blob}\tprd.json\n")
    root = users.git("mktree", stdin=f"040000 tree {tree}\ttasks\n")
    hand = users.git("commit-tree", root, "-p", PRD_BRANCH, "-m", "I know better")
    users.git("update-ref", f"refs/heads/{PRD_BRANCH}", hand)
    driver.take(ACCEPTED)
    assert users.blob(PRD_BRANCH, PRD_FILE).decode() == ACCEPTED
    (moved, _), (event, text) = _told(driver)
    assert moved == "branch_moved"
    assert event == "prd_file_replaced"
    assert f"changed by {hand[:7]}" in text
    assert "I know better" in text


def test_a_trial_that_is_under_way_is_tried_again(driver: Driver) -> None:
    tried = driver.trial(driver.work("US-1", new="x\n"))
    driver.take(ACCEPTED)
    assert driver.publish(tried).moved


def test_a_branch_that_moves_meanwhile_is_looked_at_again(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    users = driver.users
    other = users.git("commit-tree", "main^{tree}", "-p", "main", "-m", "a user's own")
    execute, moves = git.cmd.Git.execute, [other]

    def late(self: git.cmd.Git, command: list[str], **options: Any) -> Any:  # noqa: ANN401
        if "update-ref" in command and moves:
            users.git("branch", "--force", PRD_BRANCH, moves.pop())
        return execute(self, command, **options)

    monkeypatch.setattr(git.cmd.Git, "execute", late)
    taken = driver.take(ACCEPTED)
    assert users.head(f"{taken.commit}^") == other
    assert users.head(PRD_BRANCH) == taken.commit


def test_a_branch_that_the_user_looks_at_is_left_alone(driver: Driver, tmp_path: Path) -> None:
    looking = tmp_path / "looking"
    driver.users.git("worktree", "add", "--quiet", str(looking), PRD_BRANCH)
    with pytest.raises(GitRefused, match="checked out"):
        driver.take(ACCEPTED)
    assert driver.users.git("status", "--porcelain", cwd=looking) == ""


def test_line_ends_are_kept_as_the_user_s_attributes_say(users: Users, driver: Driver) -> None:
    users.put(".gitattributes", "*.json text=auto eol=crlf\n")
    driver.take('{"passes": true}\r\n')
    assert users.blob(PRD_BRANCH, PRD_FILE) == b'{"passes": true}\n'
    tried = driver.trial(driver.work("US-1", new="x\n"))
    driver.publish(tried, marked='{"passes": 1}\n')
    assert users.blob(PRD_BRANCH, PRD_FILE) == b'{"passes": 1}\n'


def test_line_ends_that_are_in_git_already_stay_there(users: Users, driver: Driver) -> None:
    driver.take('{"passes": true}\r\n')
    users.put(".gitattributes", "*.json text=auto eol=crlf\n")
    driver.take('{"passes": 2}\r\n')
    assert users.blob(PRD_BRANCH, PRD_FILE) == b'{"passes": 2}\r\n'


def test_a_user_who_is_strict_about_line_ends_does_not_stop_us(
    users: Users, driver: Driver
) -> None:
    users.git("config", "core.autocrlf", "input")
    users.git("config", "core.safecrlf", "true")
    users.seen = users.snapshot()
    driver.take('{"passes": true}\r\n')
    assert users.blob(PRD_BRANCH, PRD_FILE) == b'{"passes": true}\n'


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "latin-1"])
def test_any_encoding_is_taken_byte_for_byte(driver: Driver, encoding: str) -> None:
    data = '{"title": "größer"}\r\n'.encode(encoding)
    driver.take(data)
    assert driver.users.blob(PRD_BRANCH, PRD_FILE) == data
    tried = driver.trial(driver.work("US-1", new="x\n"))
    driver.publish(tried, marked=data + b" ")
    assert driver.users.blob(PRD_BRANCH, PRD_FILE) == data + b" "


def test_a_pointer_of_git_lfs_is_neither_marked_nor_replaced(users: Users, driver: Driver) -> None:
    driver.take(POINTER)
    tried = driver.trial(driver.work("US-1", new="x\n"))
    assert tried.prd_file is not None
    assert "Git LFS" in tried.prd_file.problem
    assert not tried.prd_file.path
    assert driver.take(ACCEPTED).commit == ""
    assert users.blob(PRD_BRANCH, PRD_FILE).decode() == POINTER


def test_a_copy_that_is_gone_costs_the_mark_and_not_the_merge(driver: Driver) -> None:
    tried = driver.trial(driver.work("US-1", new="x\n"))
    driver.publish(tried, marked="x")
    again = driver.trial(driver.work("US-2", newer="y\n"))
    driver.copies.joinpath("marked").unlink()
    published = driver.publish_copy(again, driver.copies / "marked")
    assert published.head == again.commit == driver.users.head(PRD_BRANCH)
    ((event, text),) = _told(driver)
    assert event == "not_marked"
    assert "US-2 is merged" in text


def test_a_disk_that_takes_no_copy_costs_the_mark_only(driver: Driver) -> None:
    driver.copies.write_text("a file where a folder has to be")
    tried = driver.trial(driver.work("US-1", new="x\n"))
    assert tried.prd_file is not None
    assert "cannot be written" in tried.prd_file.problem
    driver.copies.unlink()
    assert not driver.publish(tried).moved


def test_a_link_in_the_branch_becomes_the_file_that_was_accepted(
    users: Users, driver: Driver
) -> None:
    link = users.path / "linked.json"
    link.symlink_to(PRD_FILE)
    users.commit("linked.json")
    link.unlink()
    users.put("linked.json", ACCEPTED)
    users.git("branch", "-D", PRD_BRANCH)
    driver.repository = users.repository()
    driver.open(prd_file="linked.json")
    assert users.files(PRD_BRANCH)["linked.json"] == "100644"
    assert users.blob(PRD_BRANCH, "linked.json").decode() == ACCEPTED


def test_a_link_in_the_merge_is_not_marked(driver: Driver) -> None:
    prepared, worktree = driver.prepare("US-1")
    (worktree / "tasks/prd.json").unlink()
    (worktree / "tasks/prd.json").symlink_to("progress.txt")
    driver.open(prd_file="elsewhere")
    committed = driver.commit(prepared)
    driver.open()
    tried = driver.trial(committed)
    assert tried.prd_file is not None
    assert "symbolic link" in tried.prd_file.problem


@pytest.mark.parametrize(
    "name", ["a b,c.json", ":(top)x.json", "*[x]?.json", "-q.json", "ö\t.json"]
)
def test_odd_names_are_names(users: Users, driver: Driver, name: str) -> None:
    users.put(name, "first\n")
    users.git("branch", "-D", PRD_BRANCH)
    driver.repository = users.repository()
    driver.open(prd_file=name)
    assert users.files(PRD_BRANCH)[name] == "100644"
    driver.take(ACCEPTED)
    tried = driver.trial(driver.work("US-1", new="x\n"))
    driver.publish(tried, marked="marked\n")
    assert users.blob(PRD_BRANCH, name) == b"marked\n"


def test_a_file_that_git_ignores_is_not_kept_in_git(users: Users, driver: Driver) -> None:
    users.put("cache/prd.json", "secret\n")
    opened = driver.open(prd_file="cache/prd.json")
    assert driver.take(ACCEPTED).commit == ""
    assert users.head(PRD_BRANCH) == opened.head
    tried = driver.trial(driver.work("US-1", new="x\n"))
    assert tried.prd_file is None
    ((event, text),) = _told(driver)
    assert (event, text[:32]) == ("not_marked", "cache/prd.json is ignored by git")


def test_a_file_of_another_repository_is_not_kept_in_this_one(users: Users, driver: Driver) -> None:
    users.put("inner/prd.json", "its own\n")
    users.git("init", "--quiet", cwd=users.path / "inner")
    users.seen = users.snapshot()
    driver.open(prd_file="inner/prd.json")
    assert driver.take(ACCEPTED).commit == ""
    assert "another repository" in _told(driver)[0][1]


def test_a_file_of_a_submodule_is_not_kept_in_this_repository(users: Users, driver: Driver) -> None:
    inner = users.path / "inner"
    users.put("inner/prd.json", "its own\n")
    for words in (("init", "--quiet"), ("add", "."), ("commit", "--quiet", "-m", "inner")):
        users.git("-c", "user.name=U", "-c", "user.email=u@example.org", *words, cwd=inner)
    users.git("update-index", "--add", "--cacheinfo", f"160000,{_head(users, inner)},inner")
    users.git("commit", "--quiet", "-m", "a submodule")
    users.seen = users.snapshot()
    users.git("branch", "-D", PRD_BRANCH)
    driver.repository = users.repository()
    driver.open(prd_file="inner/prd.json")
    assert driver.take(ACCEPTED).commit == ""
    assert "which is a submodule in git" in _told(driver)[0][1]


def _head(users: Users, folder: Path) -> str:
    return users.git("rev-parse", "HEAD", cwd=folder)

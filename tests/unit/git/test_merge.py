from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import git.cmd
import pytest

from prd_supervise.workers.git.commands import GitRefused
from prd_supervise.workers.git.passing import passes
from prd_supervise.workers.messages.git import CheckOut
from prd_supervise.workers.messages.train import AssembleTrain, Car

if TYPE_CHECKING:
    from tests.unit.git.conftest import Driver, Tried

PRD_BRANCH = "feature/PRD-1"
HELPER = "\n\ndef helper(value):\n    return value\n"
APP = f"import abc\n\n\ndef main():\n    print(1)\n    print(abc)\n    return 1\n{HELPER}"
MARKED = '{"passes": true}\n'


def _copied(tried: Tried) -> bytes:
    """The PRD file of the merge, as the integrator has copied it."""
    assert tried.prd_file is not None
    return Path(tried.prd_file.path).read_bytes()


def test_a_trial_moves_no_branch(driver: Driver) -> None:
    users = driver.users
    committed = driver.work("US-1", new="x\n")
    tried = driver.trial(committed)
    assert tried.conflicts == ()
    assert users.head(PRD_BRANCH) == tried.onto == users.head("main")
    assert users.head("prd-supervise/PRD-1/US-1") == committed.head
    parents = users.git("log", "-1", "--format=%P", tried.commit).split()
    assert parents == [tried.onto, committed.head]
    message = users.git("log", "-1", "--format=%B", tried.commit)
    assert message.rstrip("\n") == "Merge US-1: A title\n\nPRD-Story: PRD-1/US-1"


def test_the_same_merge_made_again_has_the_same_tree(driver: Driver) -> None:
    committed = driver.work("US-1", new="x\n")
    trees = [driver.trial(committed).train.cars[0].tree for _ in range(2)]
    assert trees == [driver.users.head(f"{driver.trial(committed).commit}^{{tree}}")] * 2


def test_the_merged_tree_stands_in_the_prds_own_worktree(driver: Driver) -> None:
    tried = driver.trial(driver.work("US-1", new="x\n"))
    worktree = driver.check_out(tried.commit)
    assert worktree == driver.users.worktrees / "PRD-1"
    assert (worktree / "new.py").read_text() == "x\n"
    assert driver.users.git("rev-parse", "HEAD", cwd=worktree) == tried.commit
    assert driver.users.git("branch", "--show-current", cwd=worktree) == ""


def test_a_trial_tells_the_prd_file_of_the_merge(driver: Driver) -> None:
    assert _copied(driver.trial(driver.work("US-1", new="x\n"))) == b'{"passes": false}\n'
    driver.open(prd_file="nowhere.json")
    assert driver.trial(driver.work("US-2", new="x\n")).prd_file is None


def test_a_conflict_names_the_paths(driver: Driver) -> None:
    first = driver.work("US-1", 0, app="mine\n", new="x\n")
    second = driver.work("US-2", 1, app="yours\n", new="y\n")
    driver.publish(driver.trial(first))
    tried = driver.trial(second)
    assert (tried.commit, tried.conflicts) == ("", ("app.py", "new.py"))
    assert tried.prd_file is None


def test_a_conflict_in_an_odd_path_can_be_told_in_json(driver: Driver) -> None:
    heads = []
    for story_id, slot in (("US-1", 0), ("US-2", 1)):
        prepared, worktree = driver.prepare(story_id, slot=slot)
        with open(os.fsencode(worktree) + b"/odd\n\xff", "w") as file:  # noqa: PTH123
            file.write(story_id)
        heads.append(driver.commit(prepared))
    driver.publish(driver.trial(heads[0]))
    tried = driver.trial(heads[1])
    assert tried.conflicts == ("odd\n\\xff",)
    json.dumps(tried.conflicts).encode()


def test_a_removed_file_that_the_other_side_changed_conflicts(driver: Driver) -> None:
    changed = driver.work("US-1", 0, app="mine\n")
    prepared, worktree = driver.prepare("US-2", slot=1)
    (worktree / "app.py").unlink()
    removed = driver.commit(prepared)
    driver.publish(driver.trial(changed))
    assert driver.trial(removed).conflicts == ("app.py",)


def test_a_head_that_does_not_exist_is_no_conflict(driver: Driver) -> None:
    car = Car(story_id="US-1", title="t", head="0123456789" * 4, base="")
    with pytest.raises(GitRefused, match="merge-tree"):
        driver.repository.assemble(AssembleTrain(number=1, cars=(car,)))


def test_the_prds_own_worktree_is_swept_before_it_is_used_again(driver: Driver) -> None:
    worktree = driver.check_out(driver.users.head("main"))
    (worktree / "app.py").write_text("changed by a test\n")
    (worktree / "made").mkdir()
    driver.users.git("init", "--quiet", cwd=worktree / "made")
    (worktree / "cache").mkdir()
    (worktree / "cache/warm").write_text("x\n")
    (driver.users.path / ".git/worktrees/PRD-1/index.lock").touch()
    driver.check_out(driver.work("US-1", new="x\n").head)
    assert driver.users.git("status", "--porcelain", cwd=worktree) == ""
    assert not (worktree / "made").exists()
    assert (worktree / "cache/warm").exists()


def test_check_out_shows_a_commit_detached(driver: Driver) -> None:
    committed = driver.work("US-1", new="x\n")
    driver.check_out(driver.users.head("main"))
    request = CheckOut(story_id="US-1", attempt=1, commit=committed.head)
    checked_out = driver.repository.check_out(request)
    assert checked_out.commit == committed.head
    assert (Path(checked_out.worktree) / "new.py").exists()


def test_publish_moves_the_branch_to_the_merge(driver: Driver) -> None:
    tried = driver.trial(driver.work("US-1", new="x\n"))
    published = driver.publish(tried)
    assert not published.moved
    assert published.head == published.commit == tried.commit == driver.users.head(PRD_BRANCH)


def test_publish_marks_the_story_in_a_commit_of_its_own(driver: Driver) -> None:
    users = driver.users
    tried = driver.trial(driver.work("US-1", new="x\n"))
    published = driver.publish(tried, marked=MARKED)
    assert users.head(f"{published.head}^") == tried.commit
    assert users.show(PRD_BRANCH, "tasks/prd.json") == MARKED.strip()
    assert users.git("log", "-1", "--format=%s", PRD_BRANCH) == "prd-supervise: US-1 is done"
    changed = users.git("diff", "--name-only", tried.commit, published.head)
    assert changed == "tasks/prd.json"


def test_publish_keeps_every_byte_and_the_mode_of_the_prd_file(driver: Driver) -> None:
    users = driver.users
    prepared, worktree = driver.prepare("US-1")
    (worktree / ".gitattributes").write_text("* text eol=lf\n")
    (worktree / "tasks/prd.json").chmod(0o755)
    driver.open(prd_file="elsewhere")
    tried = driver.trial(driver.commit(prepared))
    driver.open()
    driver.publish(tried, marked="crlf\r\nno end")
    entry = users.git("ls-tree", PRD_BRANCH, "tasks/prd.json")
    assert entry.startswith("100755")
    assert users.git("cat-file", "-s", f"{PRD_BRANCH}:tasks/prd.json") == "12"


def test_publish_without_a_change_makes_no_commit(driver: Driver) -> None:
    tried = driver.trial(driver.work("US-1", new="x\n"))
    assert driver.publish(tried, marked=_copied(tried)).head == tried.commit


def test_publish_asked_again_changes_nothing(driver: Driver) -> None:
    tried = driver.trial(driver.work("US-1", new="x\n"))
    published = driver.publish(tried, marked=MARKED)
    assert driver.publish(tried, marked=MARKED) == published


def test_publish_onto_a_branch_that_moved_does_nothing(driver: Driver) -> None:
    first = driver.trial(driver.work("US-1", 0, new="x\n"))
    second = driver.trial(driver.work("US-2", 1, newer="y\n"))
    head = driver.publish(first).head
    published = driver.publish(second)
    assert published.moved
    assert published.head == head == driver.users.head(PRD_BRANCH)


def test_publish_loses_a_race_without_harm(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    users = driver.users
    tried = driver.trial(driver.work("US-1", new="x\n"))
    other = users.git("commit-tree", "main^{tree}", "-p", "main", "-m", "a user's own")
    execute = git.cmd.Git.execute

    def late(self: git.cmd.Git, command: list[str], **options: Any) -> Any:  # noqa: ANN401
        if "update-ref" in command:
            users.git("branch", "--force", PRD_BRANCH, other)
        return execute(self, command, **options)

    monkeypatch.setattr(git.cmd.Git, "execute", late)
    published = driver.publish(tried)
    assert published.moved
    assert published.head == other == users.head(PRD_BRANCH)


def test_a_merge_of_which_git_prune_took_an_object_is_not_published_and_can_be_asked_again(
    driver: Driver,
) -> None:
    before = driver.users.head(PRD_BRANCH)
    tried = driver.trial(driver.work("US-1", new="x\n"))
    tree = driver.users.git("rev-parse", f"{tried.commit}^{{tree}}")
    stored = driver.users.path / ".git/objects" / tree[:2] / tree[2:]
    taken = stored.rename(stored.with_name("taken"))
    with pytest.raises(GitRefused, match="objects were removed while") as refused:
        driver.publish(tried)
    assert passes(refused.value)
    assert driver.users.head(PRD_BRANCH) == before
    taken.rename(stored)
    assert driver.publish(tried).head == driver.users.head(PRD_BRANCH) == tried.commit


def test_publish_refuses_a_branch_that_the_user_looks_at(driver: Driver, tmp_path: Path) -> None:
    tried = driver.trial(driver.work("US-1", new="x\n"))
    looking = tmp_path / "looking"
    driver.users.git("worktree", "add", "--quiet", str(looking), PRD_BRANCH)
    with pytest.raises(GitRefused, match=r"feature/PRD-1 is checked out in .*/looking; switch"):
        driver.publish(tried)
    assert driver.users.git("status", "--porcelain", cwd=looking) == ""
    assert driver.users.head(PRD_BRANCH) == tried.onto


def test_a_merge_whose_conflict_was_resolved_is_doubted_like_a_clean_one(driver: Driver) -> None:
    """Both add an import at one place; one removes a function that the other begins to call."""
    driver.publish(driver.trial(driver.work("US-0", app=APP)))
    mine = APP.replace("import abc", "import abc\nimport json").replace("print(abc)", "helper(abc)")
    yours = APP.replace("import abc", "import abc\nimport os").replace(HELPER, "")
    first, second = driver.work("US-1", 0, app=mine), driver.work("US-2", 1, app=yours)
    driver.publish(driver.trial(first))
    (car,) = driver.assemble(second).cars
    assert [each.how for each in car.resolutions] == ["imports"]
    assert car.findings
    assert all(each.is_blocking and "helper" in each.text for each in car.findings)

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from prd_supervise.workers.git.commands import GitKilledError, GitRefused
from prd_supervise.workers.git.passing import passes
from prd_supervise.workers.git.repository import PrdRepository
from prd_supervise.workers.messages.git import GitFailed, OpenBranch


def test_a_shortage_of_the_system_passes() -> None:
    for number in (errno.ENOSPC, errno.EAGAIN, errno.EMFILE, errno.ENOMEM):
        assert passes(OSError(number, os.strerror(number)))
        assert passes(GitRefused(f"git update-ref: fatal: cannot: {os.strerror(number)}"))


@pytest.mark.parametrize(
    "text",
    [
        "fatal: Unable to create '/r/.git/index.lock': File exists.",
        "/r/.git/index.lock may be held by git 12 (commit); let it end, or end it",
        "error: cannot fork() for rev-parse",
        "error: could not lock config file .git/config: File exists",
        "feature/PRD-1 is checked out in /home/me/there; switch it to another branch",
        "git add: error: unable to write file x; fatal: No space left on device",
        "error: unable to write file /r/.git/objects/c9/d5: No such file or directory; fatal: x",
    ],
)
def test_what_somebody_else_is_at_passes(text: str) -> None:
    assert passes(GitRefused(text))
    assert passes(GitKilledError("git was killed"))


@pytest.mark.parametrize(
    "text",
    [
        "base 'nowhere' is no commit; a branch, a tag or a commit is allowed",
        "fatal: not a git repository",
        "branch 'x': this name and its numbered ones are taken; name another",
    ],
)
def test_what_a_person_has_to_mend_does_not_pass(text: str) -> None:
    assert not passes(GitRefused(text))
    assert not passes(OSError(errno.EACCES, os.strerror(errno.EACCES)))


def test_the_answer_to_a_request_says_so(tmp_path: Path) -> None:
    git = PrdRepository(tmp_path, tmp_path / "worktrees", "P", tmp_path / "lock")
    asked = OpenBranch(prd_id="P", wanted_branch="f", base="", prd_file="", adopt=False)
    answer = git.answer(asked)
    assert isinstance(answer, GitFailed)
    assert not answer.passes

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from prd_supervise.workers.git.repository import PrdRepository
from prd_supervise.workers.messages.git import CloseBranch, GitFailed, Told
from prd_supervise.workers.messages.rules import Rules, SecretRules, WorktreeRules
from tests.unit.git.conftest import Driver, Users

TOKEN = "tok-4f9aZq27bX"  # noqa: S105  made up


def repository(
    users: Users, *, copy: tuple[str, ...] = (".env",), files: tuple[str, ...] = ()
) -> PrdRepository:
    lock = users.path / ".git" / "prd-supervise.lock"
    rules = Rules(worktree=WorktreeRules(copy=copy), secrets=SecretRules(files=files))
    return PrdRepository(users.path, users.worktrees, "PRD-1", lock, rules=rules)


@pytest.fixture
def secret(driver: Driver) -> Driver:
    """A repository whose user has a token, which worktrees get."""
    driver.users.put(".env", f"API_TOKEN={TOKEN}\n")
    (driver.users.path / ".git/info/exclude").write_text("/.env\n")
    driver.users.seen = driver.users.snapshot()
    driver.repository = repository(driver.users)
    driver.open()
    return driver


def everything(users: Users) -> str:
    """All that refs and their logs hold."""
    listed = users.git("rev-list", "--objects", "--all", "--reflog").split("\n")
    names = "\n".join(line.split(" ")[0] for line in listed)
    return users.git("cat-file", "--batch", stdin=names + "\n")


def told(driver: Driver, event: str) -> list[str]:
    return [note.text for note in driver.repository.take_notes() if note.event == event]


def commit_as_agent(driver: Driver, worktree: Path, message: str = "mine") -> None:
    driver.users.git("add", "--all", "--force", cwd=worktree)
    driver.users.git("commit", "--quiet", "-m", message, cwd=worktree)


def test_a_copy_is_its_worktree_s_own_and_for_its_user_alone(secret: Driver) -> None:
    _, worktree = secret.prepare()
    copy = worktree / ".env"
    assert copy.read_text() == f"API_TOKEN={TOKEN}\n"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert copy.stat().st_ino != (secret.users.path / ".env").stat().st_ino


def test_other_secret_files_of_the_user_s_do_not_come_along(secret: Driver) -> None:
    secret.users.put(".env.local", "OTHER=value-of-mine\n")
    _, worktree = secret.prepare()
    assert not (worktree / ".env.local").exists()
    (secret.users.path / ".env.local").unlink()
    secret.users.seen = secret.users.snapshot()


def test_what_an_agent_committed_of_a_secret_file_becomes_a_commit_without_it(
    secret: Driver,
) -> None:
    prepared, worktree = secret.prepare()
    commit_as_agent(secret, worktree, "with the keys")
    (worktree / "work.py").write_text("work\n")
    commit_as_agent(secret, worktree, "the work")
    committed = secret.commit(prepared)
    assert committed.files == ("work.py",)
    assert secret.users.files(committed.head).keys() & {".env", "work.py"} == {"work.py"}
    assert secret.users.git("rev-list", "--count", f"{prepared.base}..{committed.head}") == "1"
    assert TOKEN not in everything(secret.users)
    assert (worktree / ".env").read_text() == f"API_TOKEN={TOKEN}\n"
    (text,) = told(secret, "secret_kept_out")
    assert '["!.env"]' in text
    assert secret.commit(prepared).head == committed.head


def test_a_secret_file_that_came_and_went_is_in_no_commit(secret: Driver) -> None:
    prepared, worktree = secret.prepare()
    (worktree / "work.py").write_text("work\n")
    (worktree / "deploy.key").write_text("an agent's own key\n")
    commit_as_agent(secret, worktree)
    secret.users.git("rm", "--quiet", "deploy.key", cwd=worktree)
    commit_as_agent(secret, worktree)
    committed = secret.commit(prepared)
    assert committed.files == ("work.py",)
    assert "an agent's own key" not in everything(secret.users)
    asides = list((secret.users.worktrees / "PRD-1.leftovers").iterdir())
    assert [aside.read_text() for aside in asides] == ["an agent's own key\n"]
    assert [stat.S_IMODE(aside.stat().st_mode) for aside in asides] == [0o600]


def test_what_the_user_committed_is_no_secret(secret: Driver) -> None:
    secret.users.put("certs/ca.pem", "public\n")
    base = secret.users.commit("certs/ca.pem")
    secret.repository = repository(secret.users)
    secret.users.git("update-ref", "refs/heads/feature/PRD-1", base)
    secret.open()
    prepared, worktree = secret.prepare("US-2")
    (worktree / "certs/ca.pem").write_text("public, and newer\n")
    committed = secret.commit(prepared)
    assert committed.files == ("certs/ca.pem",)
    assert secret.users.show(committed.head, "certs/ca.pem") == "public, and newer"


def test_nobody_inherits_a_secret(secret: Driver) -> None:
    prepared, worktree = secret.prepare()
    (worktree / "agent.key").write_text("mine\n")
    (worktree / "cache").mkdir()
    (worktree / "cache/lib.pem").write_text("of a library\n")
    (worktree / ".env").write_text(f"API_TOKEN={TOKEN}\nADDED=by-the-agent\n")
    size = (worktree / ".env").stat().st_size
    held = (worktree / ".env").open()
    secret.commit(prepared)
    _, again = secret.prepare("US-2")
    assert again == worktree
    assert held.read() == "\0" * size
    held.close()
    assert not (worktree / "agent.key").exists()
    assert (worktree / "cache/lib.pem").exists()
    assert (worktree / ".env").read_text() == f"API_TOKEN={TOKEN}\n"
    leftovers = secret.users.worktrees / "PRD-1.leftovers"
    kept = {aside.name: aside.read_text() for aside in leftovers.iterdir()}
    assert kept == {
        "PRD-1.0-.env": "API_TOKEN=[redacted:API_TOKEN]\nADDED=by-the-agent\n",
        "PRD-1.0-agent.key": "mine\n",
    }


def test_the_user_s_own_file_is_never_overwritten_through_a_link(secret: Driver) -> None:
    _, worktree = secret.prepare()
    (worktree / ".env").unlink()
    os.link(secret.users.path / ".env", worktree / ".env")
    secret.prepare("US-2")
    (worktree / ".env").unlink()
    (worktree / ".env").symlink_to(secret.users.path / ".env")
    secret.prepare("US-3")
    assert (secret.users.path / ".env").read_text() == f"API_TOKEN={TOKEN}\n"
    assert not (worktree / ".env").is_symlink()


def test_salvage_keeps_no_secret(secret: Driver) -> None:
    prepared, worktree = secret.prepare()
    commit_as_agent(secret, worktree, f"uses {TOKEN}")
    (worktree / "work.py").write_text(f"token = '{TOKEN}'\n")
    secret.users.git("checkout", "--quiet", "--orphan", "elsewhere", cwd=worktree)
    committed = secret.commit(prepared)
    assert "moved HEAD" in committed.problem
    secret.prepare("US-2")
    secret.users.git("update-ref", "-d", "refs/heads/prd-supervise/PRD-1/US-1")
    kept = secret.users.git("log", "--all", "--format=%B", "--patch", "--", "work.py")
    assert "token = '[redacted:API_TOKEN]'" in kept
    refs = secret.users.git("rev-list", "--objects", "--glob=refs/prd-supervise")
    names = "\n".join(line.split(" ")[0] for line in refs.split("\n"))
    assert TOKEN not in secret.users.git("cat-file", "--batch", stdin=names + "\n")


def test_what_an_agent_committed_and_reset_away_is_kept_without_its_secrets(
    secret: Driver,
) -> None:
    prepared, worktree = secret.prepare()
    commit_then_reset(secret, worktree)
    (worktree / "work.py").write_text("work\n")
    secret.commit(prepared)
    secret.prepare("US-2")
    assert secret.users.files(secret.users.salvaged()["US-1/1"]).keys() >= {"thrown.py"}
    held = everything(secret.users)
    assert "an agent's own key" not in held
    assert TOKEN not in held
    leftovers = secret.users.worktrees / "PRD-1.leftovers"
    assert [each.read_text() for each in leftovers.iterdir()] == ["an agent's own key\n"]


def test_a_worktree_that_stays_has_no_log_of_secrets(secret: Driver) -> None:
    prepared, worktree = secret.prepare(slot=1)
    commit_then_reset(secret, worktree)
    secret.commit(prepared)
    secret.repository.close_branch(CloseBranch(done=(), keep_slots=(1,)))
    assert worktree.is_dir()
    assert TOKEN not in everything(secret.users)
    assert "thrown.py" in secret.users.files(secret.users.salvaged()["US-1/1"])


def commit_then_reset(driver: Driver, worktree: Path) -> None:
    (worktree / "deploy.key").write_text("an agent's own key\n")
    (worktree / "thrown.py").write_text("thrown away\n")
    copy = (worktree / ".env").read_text()
    commit_as_agent(driver, worktree, "with the keys")
    driver.users.git("reset", "--quiet", "--hard", "HEAD~1", cwd=worktree)
    (worktree / ".env").write_text(copy)


def test_a_branch_that_an_agent_left_with_secrets_is_made_anew_at_once(secret: Driver) -> None:
    prepared, worktree = secret.prepare()
    (worktree / "work.py").write_text("work\n")
    commit_as_agent(secret, worktree, f"uses {TOKEN}")
    secret.users.git("checkout", "--quiet", "--orphan", "elsewhere", cwd=worktree)
    assert "moved HEAD" in secret.commit(prepared).problem
    assert secret.users.files("prd-supervise/PRD-1/US-1").keys() & {".env", "work.py"} == {
        "work.py"
    }
    assert TOKEN not in everything(secret.users)


def test_a_stash_is_kept_without_its_secrets_and_told_once(secret: Driver) -> None:
    prepared, worktree = secret.prepare()
    (worktree / "work.py").write_text(f"token = '{TOKEN}'\n")
    (worktree / "deploy.key").write_text("an agent's own key\n")
    secret.users.git("add", "--all", "--force", cwd=worktree)
    secret.users.git("stash", "push", "--quiet", cwd=worktree)
    secret.commit(prepared)
    secret.commit(prepared)
    assert len(told(secret, "stashed")) == 1
    kept = secret.users.salvaged()["US-1/1"]
    listed = secret.users.git("rev-list", "--objects", kept).split("\n")
    names = "\n".join(line.split(" ")[0] for line in listed)
    held = secret.users.git("cat-file", "--batch", stdin=names + "\n")
    assert TOKEN not in held
    assert "an agent's own key" not in held
    secret.users.git("stash", "drop", "--quiet")


def test_what_is_kept_out_is_told_once(secret: Driver) -> None:
    prepared, worktree = secret.prepare()
    (worktree / "deploy.key").write_text("an agent's own key\n")
    assert secret.commit(prepared).kept_out == ("deploy.key (it looks secret)",)
    assert secret.commit(prepared).kept_out == ("deploy.key (it looks secret)",)
    assert len(told(secret, "secret_kept_out")) == 1


def test_a_value_in_an_ordinary_file_gets_a_mark_and_is_told(secret: Driver) -> None:
    prepared, worktree = secret.prepare()
    (worktree / "config.py").write_text(f"token = '{TOKEN}'\n")
    committed = secret.commit(prepared)
    assert "config.py held the value of API_TOKEN" in committed.problem
    assert secret.users.show(committed.head, "config.py") == "token = '[redacted:API_TOKEN]'"
    assert TOKEN not in everything(secret.users)


def test_a_value_that_is_committed_already_is_no_secret(secret: Driver) -> None:
    secret.users.put("docs.md", f"The token of the sandbox is {TOKEN}.\n")
    base = secret.users.commit("docs.md")
    secret.users.git("update-ref", "refs/heads/feature/PRD-1", base)
    secret.repository = repository(secret.users)
    secret.open()
    prepared, worktree = secret.prepare("US-2")
    (worktree / "config.py").write_text(f"token = '{TOKEN}'\n")
    committed = secret.commit(prepared)
    assert committed.problem == ""
    assert secret.users.show(committed.head, "config.py") == f"token = '{TOKEN}'"


def test_a_file_that_looks_secret_can_be_allowed(driver: Driver) -> None:
    driver.repository = repository(driver.users, copy=(), files=("!tests/*.key",))
    driver.open()
    prepared, worktree = driver.prepare()
    (worktree / "tests").mkdir()
    (worktree / "tests/server.key").write_text("x\n")
    (worktree / "server.key").write_text("x\n")
    assert driver.commit(prepared).files == ("tests/server.key",)
    (text,) = told(driver, "secret_kept_out")
    assert text.startswith("US-1: server.key was kept out")


def test_what_an_integrator_says_has_no_value_and_no_credentials(secret: Driver) -> None:
    secret.prepare()
    failed = GitFailed(
        request="Commit",
        story_id="US-1",
        attempt=1,
        message=f"cannot read https://bot:word@host/{TOKEN}",
    )
    shown = secret.repository.shown(failed)
    assert shown.message == "cannot read https://***@host/[redacted:API_TOKEN]"
    note = secret.repository.shown(Told(event="told", text=f"a file called {TOKEN}"))
    assert note.text == "a file called [redacted:API_TOKEN]"

"""No secret is shown or committed, whatever an agent does with it."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

from tests.support.e2e_repo import HOLD, Repo, story, write
from tests.support.tree import Tree

TOKEN = "tok_4f9a/Zq+27bX-secret"  # noqa: S105  made up
OTHER = "variable-Value-77"
# Prints the token at once, in pieces, encoded, and as the last line of a failure.
TELL = r"""
. ./.env
echo "it is $API_TOKEN."
for part in tok_4f9a /Zq+27b X-secret; do printf %s "$part"; sleep 0.05; done; echo
printf %s "user:$API_TOKEN" | base64 -w0; echo
echo "$DEPLOY_KEY"
env >&2
"""
COMMIT = r"""
git add --force .env && git commit --quiet -m "the keys"
mkdir keys && cp .env keys/.env.local && git add --force keys && git commit --quiet -m "a copy"
echo work > US-1.txt
"""


def run(script: str) -> dict[str, list[str]]:
    return {"run": ["sh", "-ec", script]}


def traces(folder: Path, *values: str) -> list[str]:
    """The files below a folder that show a value, by name or content."""
    return [
        str(path)
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
        if any(value.encode() in path.read_bytes() or value in path.name for value in values)
    ]


def reachable(repo: Repo) -> bytes:
    """Every object that a ref or a log of one holds, one after the other."""
    listed = repo.git("rev-list", "--objects", "--all", "--reflog")
    names = "\n".join(line.split(" ")[0] for line in listed.splitlines()) + "\n"
    command = ["git", "cat-file", "--batch"]
    done = subprocess.run(
        command, cwd=repo.path, input=names.encode(), capture_output=True, check=True
    )
    return done.stdout


def prepared(repo: Repo, *stories: dict[str, object]) -> None:
    repo.put(".gitignore", ".env\n")
    repo.configure(
        agent={"secret_env": ["DEPLOY_KEY"]},
        worktree={"copy": [".env"]},
        restart={"max_attempts": 2},
    )
    repo.prd(*stories)
    repo.commit()
    repo.put(".env", f'API_TOKEN="{TOKEN}"\nLEVEL=debug\n')


def test_no_value_is_seen_or_committed_whatever_an_agent_does(repo: Repo, tree: Tree) -> None:
    steps = [run(TELL), run(COMMIT)]
    failing = [[run(TELL), write("other.txt", "x\n")], steps]
    check = '. ./.env; echo "verified with $API_TOKEN"; test -s US-1.txt'
    prepared(repo, story("US-1", replay=failing, verify=[check]))
    tree.env["DEPLOY_KEY"] = OTHER

    tree.begin().wait_exit(0)

    log = (tree.attempt("US-1", 1) / "agent.log").read_text()
    assert log.count("[redacted:API_TOKEN]") >= 3
    assert "[redacted:DEPLOY_KEY]" in log
    assert (
        "verified with [redacted:API_TOKEN]"
        in (tree.attempt("US-1", 2) / "verify.merged.log").read_text()
    )
    assert (
        "verified with [redacted:API_TOKEN]" in (tree.attempt("US-1", 2) / "prompt.md").read_text()
    )
    assert traces(repo.state, TOKEN, OTHER) == []
    shown = tree.run("status", "--json").out + tree.run("status").out + tree.run("events").out
    shown += tree.run("logs", "ALPHA/US-1").out
    assert TOKEN not in shown
    assert OTHER not in shown
    assert TOKEN.encode() not in reachable(repo)
    assert not repo.has("feature/ALPHA", ".env")
    assert repo.show("feature/ALPHA", "US-1.txt") == "work\n"
    kept_out = [event["text"] for event in tree.events("secret_kept_out")]
    assert any(".env was kept out" in text and "secret_files" in text for text in kept_out)


def test_a_value_in_an_ordinary_file_is_not_committed_and_the_next_attempt_is_told(
    repo: Repo, tree: Tree
) -> None:
    first = [
        run('. ./.env; echo "token = \'$API_TOKEN\'" > config.py; touch "of-$DEPLOY_KEY"'),
        run('. ./.env; git add -A; git commit --quiet -m "uses $API_TOKEN"; cp .env settings.txt'),
    ]
    second = [
        write("config.py", "import os\n"),
        {"delete": "settings.txt"},
        write("US-1.txt", "x\n"),
    ]
    prepared(repo, story("US-1", replay=[first, second]))
    tree.env["DEPLOY_KEY"] = OTHER

    tree.begin().wait_exit(0)

    (lost,) = tree.events("attempt_failed")
    assert "held the value of API_TOKEN" in lost["text"]
    assert lost["text"] in (tree.attempt("US-1", 2) / "prompt.md").read_text()
    objects = reachable(repo)
    assert TOKEN.encode() not in objects
    assert OTHER.encode() not in objects
    assert traces(repo.state, TOKEN, OTHER) == []
    assert repo.show("feature/ALPHA", "config.py") == "import os\n"


def test_the_copy_is_for_its_user_alone_and_goes_with_the_worktree(repo: Repo, tree: Tree) -> None:
    prepared(repo, story("US-1", HOLD, run(". ./.env; test -n $API_TOKEN; echo x > US-1.txt")))

    started = tree.begin()
    tree.wait(lambda: list(repo.state.glob("worktrees/ALPHA.*/.env")), "a copy")
    (copy,) = repo.state.glob("worktrees/ALPHA.*/.env")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    held = copy.open("rb")
    tree.go()
    started.wait_exit(0)

    assert not copy.exists()
    assert set(held.read()) == {0}
    held.close()
    assert (repo.path / ".env").read_text().startswith("API_TOKEN")


def test_a_key_that_a_story_makes_waits_for_a_person_unless_it_is_allowed(
    repo: Repo, tree: Tree
) -> None:
    steps = [write("tests/fixtures/server.key", "made for tests\n"), write("US-1.txt", "x\n")]
    prepared(repo, story("US-1", *steps))
    tree.begin().wait_exit(0)

    assert not repo.has("feature/ALPHA", "tests/fixtures/server.key")
    (told,) = tree.events("secret_kept_out")
    assert '["!tests/fixtures/server.key"]' in told["text"]
    (aside,) = (repo.state / "worktrees" / "ALPHA.leftovers").iterdir()
    assert aside.read_text() == "made for tests\n"
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600


def test_the_next_attempt_is_told_what_was_kept_out(repo: Repo, tree: Tree) -> None:
    first = [write("tests/server.key", "made for tests\n")]
    second = [write("US-1.txt", "x\n")]
    prepared(repo, story("US-1", replay=[first, second], verify=["test -s US-1.txt"]))
    tree.begin().wait_exit(0)

    (lost,) = tree.events("attempt_failed")
    assert "kept out of every commit: tests/server.key (it looks secret)" in lost["text"]
    assert lost["text"] in (tree.attempt("US-1", 2) / "prompt.md").read_text()
    assert len(tree.events("secret_kept_out")) == 1


def test_a_secret_looking_file_is_committed_once_it_is_allowed(repo: Repo, tree: Tree) -> None:
    steps = [write("tests/fixtures/server.key", "made for tests\n"), write("US-1.txt", "x\n")]
    repo.configure(worktree={"secret_files": ["!tests/fixtures/*.key"]})
    repo.prd(story("US-1", *steps))
    repo.commit()
    tree.begin().wait_exit(0)

    assert repo.show("feature/ALPHA", "tests/fixtures/server.key") == "made for tests\n"
    assert tree.events("secret_kept_out") == []


def test_credentials_in_the_url_of_a_remote_are_not_told(repo: Repo, tree: Tree) -> None:
    prepared(repo, story("US-1"))
    repo.git("remote", "add", "origin", "https://bot:hunter2pass@localhost:1/none.git")
    tree.begin().wait_exit(0)
    assert traces(repo.state, "hunter2pass") == []

"""No secret is shown or committed, whatever an agent does with it."""

from __future__ import annotations

import json
import stat
import subprocess
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.repository.checkout import find_checkout
from prd_supervise.supervisor.ui.dashboard.reading import Wanted, page_of
from prd_supervise.supervisor.ui.dashboard.seen import PageKind
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
SHOWN = (
    ("status",),
    ("status", "--json"),
    ("events",),
    ("events", "--child", "ALPHA/US-1"),
    ("events", "--child", "ALPHA/US-4"),
    ("events", "--child", "ALPHA"),
    ("logs", "ALPHA/US-1"),
    ("logs", "ALPHA/US-4"),
    ("report",),
    ("report", "--json"),
    ("salvage", "list"),
)
FORMS = (
    ("status", "ALPHA/US-1"),
    ("report", "--markdown"),
    ("report", "--html"),
    ("metrics",),
    ("metrics", "--json"),
)
# The user's own words: the PRD as it was accepted, and what the replay agent plays of it.
OWN = {"prd.json", "ALPHA.json", "ALPHA.document", "replay.json"}
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


def test_a_mark_is_explained_also_where_the_attempt_failed_for_something_else(
    repo: Repo, tree: Tree
) -> None:
    first = [run(". ./.env; echo $API_TOKEN > config.py; exit 3")]
    second = [write("config.py", "import os\n"), write("US-1.txt", "x\n")]
    prepared(repo, story("US-1", replay=[first, second]))

    tree.begin().wait_exit(0)

    (lost,) = tree.events("attempt_failed")
    assert lost["text"].startswith("the agent: ")
    told = (tree.attempt("US-1", 2) / "prompt.md").read_text()
    assert "config.py held the value of API_TOKEN" in told


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


def test_a_value_is_shown_nowhere_wherever_it_stood(repo: Repo, tree: Tree) -> None:
    """In a title, argv, output, a command line, a setup, a file's name, a message, a conflict."""
    say = f"echo to-out-{TOKEN}; echo to-err-{TOKEN} >&2"
    both = "printf 'def f():\\n    return %s\\n' {0} > both.py; echo {0} > {0}.txt"
    stories = [
        story(
            name,
            HOLD,
            {"run": ["sh", "-c", f'{say}; {both.format(name)}; : "$0"', TOKEN]},
            description=f"The token is {TOKEN}",
            verify=[f"{say}; test -s {name}.txt # {TOKEN}"],
        )
        for name in ("US-1", "US-2")
    ]
    named = [run(f"touch {OTHER}; git add -A; git commit -qm '{OTHER}'"), write("US-3.txt", "x\n")]
    red = f"echo red {TOKEN}; test -f later # {TOKEN}"
    last = story("US-4", write("US-4.txt", "x\n"), verify=[red], dependsOn=["US-3"])
    repo.put("both.py", "def f():\n    return 0\n")
    prepared(repo, *stories, story("US-3", replay=[named, [write("US-3.txt", "x\n")]]), last)
    repo.configure(
        agent={"secret_env": ["DEPLOY_KEY"]},
        worktree={"copy": [".env"], "setup": [f"{say} # {TOKEN}"]},
        restart={"max_attempts": 2},
        max_workers=2,
    )
    tree.env["DEPLOY_KEY"] = OTHER

    started = tree.begin()
    for name in ("US-1", "US-2"):
        tree.wait_event("attempt_started", story=name)
    tree.go()
    started.wait_exit(1)

    assert [event for event in tree.events("goes_again") if "both.py" in str(event["text"])]
    out = [tree.run(*words).out for words in SHOWN]
    assert [text for text in out if TOKEN in text or OTHER in text] == []
    assert [path for path in traces(repo.state, TOKEN, OTHER) if Path(path).name not in OWN] == []
    said = repo.git("log", "--all", "--format=%B%n%an")
    assert TOKEN not in said
    assert OTHER not in said


def test_a_value_in_a_title_or_in_what_a_landing_prints_is_not_shown(
    repo: Repo, tree: Tree
) -> None:
    """A title stands in commits and on every screen, and a report is handed on."""
    check = f"echo landing with {TOKEN}; test -s US-1.txt # {TOKEN}"
    prepared(repo, story("US-1", title=f"Use {TOKEN}", verify=[check]))
    document = json.loads((repo.path / "prd.json").read_text())
    document |= {"id": "ALPHA", "project": f"With {TOKEN}"}
    (repo.path / "prd.json").write_text(json.dumps(document))
    repo.configure(
        agent={"secret_env": ["DEPLOY_KEY"]},
        worktree={"copy": [".env"]},
        merge={"auto": True, "base": "develop"},
    )
    repo.commit()
    repo.git("branch", "develop")
    repo.seal()
    repo.disown("refs/heads/develop")

    tree.begin().wait_exit(0)

    assert repo.has("develop", "US-1.txt")
    assert "Use [redacted:API_TOKEN]" in repo.git("log", "--format=%s", "develop")
    logs = [path.read_text() for path in repo.state.rglob("verify.*.log")]
    assert len([text for text in logs if "landing with [redacted:API_TOKEN]" in text]) > 2
    assert [path for path in traces(repo.state, TOKEN) if Path(path).name not in OWN] == []
    assert TOKEN not in repo.git("log", "--all", "--format=%B")
    out = [tree.run(*words).out for words in (*SHOWN, *FORMS)]
    assert [text for text in out if TOKEN in text] == []
    assert len([text for text in out if "Use [redacted:API_TOKEN]" in text]) >= 5


def test_a_diff_is_looked_at_without_what_an_agent_has_just_put_into_a_file(
    repo: Repo, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = run('. ./.env; echo "token = $API_TOKEN; $DEPLOY_KEY" > config.py')
    prepared(repo, story("US-1", told, HOLD, {"delete": "config.py"}, write("US-1.txt", "x\n")))
    tree.env["DEPLOY_KEY"] = OTHER
    started = tree.begin()
    tree.wait(lambda: list(repo.state.glob("worktrees/ALPHA.*/config.py")), "the file")
    (prd,) = json.loads(tree.run("status", "--json").out)["prds"]
    wanted = Wanted(
        kind=PageKind.DIFF,
        prd="ALPHA",
        story="US-1",
        attempt=1,
        worktree=prd["stories"][0]["worktree"],
        branch=prd["branch"],
        base=prd["base"],
    )
    monkeypatch.setenv("DEPLOY_KEY", OTHER)  # as where the dashboard runs
    page = page_of(find_checkout(repo.path).layout(), wanted)
    assert "+token = [redacted:API_TOKEN]; [redacted:DEPLOY_KEY]" in page.lines
    monkeypatch.setenv("PRD_SUPERVISE_MAX_PRDS", "many")
    hidden = page_of(find_checkout(repo.path).layout(), wanted)
    assert "`prd-supervise check`" in hidden.note
    assert hidden.lines == ()
    tree.go()
    started.wait_exit(0)

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.e2e_repo import Repo, story
from tests.support.shell_at_pty import Shell
from tests.support.tree import COMMAND, Tree

# How each shell is started without anybody's settings, and told to complete.
SHELLS = {
    "bash": (("bash", "--norc", "--noprofile", "-i"), 'eval "$(prd-supervise completion bash)"'),
    "zsh": (
        ("zsh", "-f", "-i"),
        'autoload -U compinit; compinit -D -u; eval "$(prd-supervise completion zsh)"',
    ),
    "fish": (("fish", "--no-config", "-i"), "prd-supervise completion fish | source"),
}
READY = "ready to go"


@pytest.fixture(params=SHELLS)
def shell(
    request: pytest.FixtureRequest, repo: Repo, tree: Tree, tmp_path: Path
) -> Iterator[Shell]:
    """Each shell in a repository with two PRDs, told to complete."""
    argv, told = SHELLS[request.param]
    if shutil.which(argv[0]) is None:
        pytest.skip(f"{argv[0]} is not installed")
    repo.prd(story("US-1"), story("US-2"), id="ALPHA")
    repo.prd(story("B-1"), name="prds/active/BETA/prd.json", project=None)
    repo.commit()
    home = tmp_path / "shell-home"  # fish writes into it
    home.mkdir()
    env = tree.env | {
        "HOME": str(home),
        "PATH": f"{COMMAND.parent}:{tree.env['PATH']}",
        "TERM": "xterm",
        "COLUMNS": "80",
        "LINES": "24",
    }
    running = Shell(argv, repo.path, env)
    try:
        running.type(f'{told}; echo ready to" "go\n')
        running.wait(READY)
        yield running
    finally:
        running.end()


def completed(shell: Shell, typed: str, *expected: str) -> str:
    """Type it and a tab or two, see what is offered, and clear the line."""
    before = len(shell.shown)
    shell.type(f"{typed}\t\t")
    shown = shell.wait(*expected, after=before)
    shell.type("\x15")  # clears the line, once the shell has come to it
    return shown


def test_commands_options_agents_prds_and_stories_are_completed(shell: Shell) -> None:
    completed(shell, "prd-supervise sal", "salvage")
    completed(shell, "prd-supervise start --max-", "--max-prds", "--max-workers")
    completed(shell, "prd-supervise start --agent c", "claude", "codex", "command")
    completed(shell, "prd-supervise start ", "ALPHA", "BETA")
    completed(shell, "prd-supervise hold ALPHA/US-", "US-1", "US-2")
    completed(shell, "prd-supervise logs BETA/", "B-1")


def test_a_name_of_a_file_is_completed_where_no_id_begins_so(shell: Shell) -> None:
    completed(shell, "prd-supervise check prds/act", "BETA")
    completed(shell, "prd-supervise init --from prds/act", "BETA")


def test_a_word_behind_a_comma_is_completed_in_every_shell(shell: Shell) -> None:
    completed(shell, "prd-supervise events --type merged,train_", "train_red", "train_dissolved")


def ask(tree: Tree, line: str, *, cwd: Path | None = None, **env: str) -> list[str]:
    words = {
        "_PRD_SUPERVISE_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(line.split(" ")) - 1),
    }
    done = tree.run(env=words | env, cwd=cwd)
    assert done.err == ""
    return [word.partition(",")[2] for word in done.out.splitlines()]


def test_each_place_is_completed_with_what_it_takes(repo: Repo, tree: Tree) -> None:
    repo.configure(**{"agents.mine": {"kind": "claude"}})
    repo.prd(story("US-1"), id="ALPHA")
    repo.prd(story("B-1"), name="prds/active/BETA/prd.json", project=None)
    repo.commit()

    for line, words in (
        ("help sal", ["salvage"]),
        ("help salvage ", ["list", "show", "restore"]),
        ("events --type merged,base_", ["merged,base_red"]),
        ("events --prd ALPHA,", ["ALPHA,ALPHA", "ALPHA,BETA"]),
        ("events --story U", ["US-1"]),
        ("events --story US-1,", ["US-1,US-1", "US-1,B-1"]),
        ("events --child ", ["root", "ALPHA", "BETA"]),
        ("status B", ["BETA", "BETA/B-1"]),
        ("status U", ["US-1"]),
        ("hold U", []),
        ("reject ALPHA/", ["ALPHA/US-1"]),
        ("restart ", ["ALPHA", "BETA"]),
        ("release --agent m", ["mine"]),
        ("completion ", ["bash", "zsh", "fish"]),
    ):
        assert ask(tree, f"prd-supervise {line}") == words, line


def test_what_has_run_is_completed_without_its_file(repo: Repo, tree: Tree) -> None:
    path = repo.prd(story("US-1", noCode=True, replay=[]), id="GAMMA")
    repo.commit()
    tree.run("start", "--no-doctor")
    path.unlink()
    repo.seal()

    assert ask(tree, "prd-supervise hold GA") == ["GAMMA", "GAMMA/US-1"]
    assert ask(tree, "prd-supervise hold GAMMA/US") == ["GAMMA/US-1"]


def test_a_name_that_the_shell_would_obey_is_not_completed(repo: Repo, tree: Tree) -> None:
    names = ("mine", "$(id)", "`id`", "a b", "a\nplain,b", "\x1b[31m", "-rf")
    repo.put("prd-supervise.toml", "".join(f"[agents.{json.dumps(each)}]\n" for each in names))
    repo.commit()

    ours = ["aider", "claude", "codex", "command", "gemini", "mine", "opencode", "qwen", "replay"]
    assert ask(tree, "prd-supervise start --agent ") == ours


def test_nothing_is_said_where_nothing_is_known(repo: Repo, tree: Tree, tmp_path: Path) -> None:
    repo.put("prd.json", "{ broken")
    repo.put("prd-supervise.toml", "broken = [")
    repo.put(".prd-supervise/plans/X.json", "\0")
    repo.put("prds/active/y/prd.json", "[" * 100_000)
    repo.put("tasks/x.md", "# \x1b[31m\n" * 1000)
    repo.seal()
    plain = tmp_path / "plain"
    plain.mkdir()

    for cwd in (repo.path, plain):
        assert ask(tree, "prd-supervise hold ", cwd=cwd) == []
        assert ask(tree, "prd-supervise hold -C /no/such/folder X", cwd=cwd) == []
        assert "claude" in ask(tree, "prd-supervise start --agent ", cwd=cwd)
    assert ask(tree, "prd-supervise hold ", COMP_CWORD="x") == []
    assert ask(tree, "prd-supervise hold ", _PRD_SUPERVISE_COMPLETE="csh_complete") == []
    assert ask(tree, "prd-supervise hold ", PATH="/nowhere") == []


def test_titles_are_shown_beside_ids_and_obey_nobody(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1", title="a\x1b[31m title,\twith: all"), id="ALPHA")
    repo.commit()
    for shell, word, shown in (
        ("zsh", "2", "plain\nALPHA/US-1\n"),
        ("fish", "ALPHA/", "plain,ALPHA/US-1\t"),
    ):
        env = {"COMP_WORDS": "prd-supervise hold ALPHA/", "COMP_CWORD": word}
        done = tree.run(env=env | {"_PRD_SUPERVISE_COMPLETE": f"{shell}_complete"}, code=0)
        assert shown in done.out
        assert "title" in done.out
        assert "\x1b" not in done.out

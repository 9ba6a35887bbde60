from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.e2e_repo import Repo, story
from tests.support.tree import COMMAND, Tree
from tests.support.tree_run import Done


def refuse(repo: Repo, tree: Tree, *words: str, code: int) -> Done:
    """Run a command that must be refused, and change nothing."""
    refs = repo.refs()

    refused = tree.run(*(words or ("start",)), code=code)

    assert repo.refs() == refs
    assert not repo.state.exists()
    return refused


@pytest.mark.parametrize("command", ["start", "resume", "status", "stop"])
def test_a_folder_that_is_no_repository_is_refused(
    repo: Repo, tree: Tree, tmp_path: Path, command: str
) -> None:
    plain = tmp_path / "plain"
    plain.mkdir()

    refused = tree.run(command, cwd=plain, code=2)

    assert refused.lines == [
        f"{plain}: not a git repository; run `git init` and make a first commit"
    ]
    assert not list(plain.iterdir())
    assert "no such folder" in tree.run(command, "-C", str(plain / "x"), code=2).err
    assert not repo.state.exists()


@pytest.mark.parametrize("words", ["status", "doctor", "start -C ../repo"])
def test_a_folder_that_is_gone_is_refused(tree: Tree, tmp_path: Path, words: str) -> None:
    """A story's worktree, say, into which somebody went to look."""
    (tmp_path / "gone").mkdir()
    script = f'cd "$0/gone" && rmdir "$0/gone" && exec "$1" {words}'

    argv = ["sh", "-c", script, str(tmp_path), str(COMMAND)]
    done = subprocess.run(argv, env=tree.env, capture_output=True, text=True, check=False)

    told = "Error: the folder that you stand in is gone; `cd` to another one first\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)


@pytest.mark.parametrize("words", ["check", "start", "init -o", "status -C", "doctor -C"])
def test_a_name_that_the_system_does_not_take_is_told(repo: Repo, tree: Tree, words: str) -> None:
    repo.commit()

    refused = tree.run(*words.split(), "x" * 300, code=2)

    assert refused.err.endswith(": File name too long; take the right to it, or name another one\n")


def test_a_repository_without_a_commit_is_refused(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))

    refused = refuse(repo, tree, code=2)

    assert refused.lines == [f"{repo.path}: the repository has no commit yet; make a first one"]


def test_a_bare_repository_is_refused(repo: Repo, tree: Tree, tmp_path: Path) -> None:
    repo.commit()
    repo.git("clone", "-q", "--bare", str(repo.path), str(tmp_path / "bare.git"))

    refused = tree.run("start", cwd=tmp_path / "bare.git", code=2)

    assert "a bare repository has no checkout to work on; clone it" in refused.err


@pytest.mark.parametrize(
    ("agent", "place", "words"),
    [
        ({"command": ["./agent.sh"]}, "", "'./agent.sh' is no file in the repository; "),
        ({"command": ["no-such-agent-x"]}, "", "'no-such-agent-x' is not on PATH; "),
        ({"command": ["./README"]}, "", "'./README' is not executable; run chmod +x on it"),
        ({}, "", 'no agent is set; write use = "claude" under [agent]'),
    ],
)
def test_an_agent_that_cannot_be_run_is_refused_before_anything_starts(
    repo: Repo, tree: Tree, agent: dict[str, object], place: str, words: str
) -> None:
    repo.configure(agent={"use": "command", **agent})
    repo.prd(story("US-1", replay=None))
    repo.commit()

    refused = refuse(repo, tree, code=78)

    (line,) = refused.lines
    assert line.startswith(f"prd-supervise.toml{place}")
    assert words in line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "max_prd = 3\nmax_prds = 'three'\ngrace_s = -1\n[agent]\nuse = 'gpt'\n  timeouts = 3\n",
            (
                r":1:1: unknown key 'max_prd'; did you mean 'max_prds'\?",
                r":2:1: max_prds: 'three' was found; it should be .*integer",
                r":3:1: grace_s: -1 was found; it should be greater than 0",
                r":5:1: agent.use: 'gpt' is no agent; allowed are .*replay",
                r":6:3: unknown key 'agent.timeouts'; did you mean 'timeout_s'\?",
            ),
        ),
        ("x =\n", (r":1:\d: this is not TOML: .+; mend it here",)),
    ],
)
def test_each_defect_of_the_configuration_is_one_clear_line(
    repo: Repo, tree: Tree, text: str, expected: tuple[str, ...]
) -> None:
    repo.put("prd-supervise.toml", text)
    repo.prd(story("US-1"))
    repo.commit()

    refused = refuse(repo, tree, code=78)

    for line, words in zip(sorted(refused.lines), expected, strict=True):
        assert re.fullmatch(rf"prd-supervise\.toml{words}.*", line), line


def test_a_setting_from_the_environment_is_checked_as_well(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    tree.env |= {"PRD_SUPERVISE_MAX_PRDS": "many", "PRD_SUPERVISE_API_LIMITS": "3"}

    refused = refuse(repo, tree, code=78)

    assert len(refused.lines) == 2
    assert "PRD_SUPERVISE_MAX_PRDS: 'many' was found" in refused.err
    assert "did you mean 'PRD_SUPERVISE_API_LIMIT'?" in refused.err


def test_what_is_asked_wrongly_ends_with_2(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()

    for words in (
        ("begin",),
        ("start", "--max-prd", "3"),
        ("start", "--max-prds", "x"),
        ("start", "NOPE"),
        ("start", "no/such/prd.json"),
        ("resume", "NOPE"),
        ("status", "NOPE"),
        ("logs", "NOPE"),
        ("logs", "--since", "yesterday"),
        ("logs", "--stage", "coffee"),
        ("logs", "--attempt", "0"),
    ):
        assert refuse(repo, tree, *words, code=2).err


def test_a_number_out_of_bounds_on_the_command_line_is_refused(repo: Repo, tree: Tree) -> None:
    repo.prd(story("US-1"))
    repo.commit()

    refused = refuse(repo, tree, "start", "--max-prds", "0", code=78)

    assert refused.err.startswith("command line: max_prds: 0 was found; ")


@pytest.mark.parametrize("command", ["start", "resume"])
def test_inside_an_agent_nothing_is_started(repo: Repo, tree: Tree, command: str) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    tree.env["PRD_SUPERVISE_RUN"] = "0123456789abcdef"

    for words in ((command,), (command, "ALPHA")):
        refused = refuse(repo, tree, *words, code=2)
        assert "inside an agent of prd-supervise" in refused.err


def test_inside_an_agent_nothing_is_started_in_the_background_either(
    repo: Repo, tree: Tree
) -> None:
    repo.prd(story("US-1"))
    repo.commit()
    tree.env["PRD_SUPERVISE_RUN"] = "0123456789abcdef"

    refused = refuse(repo, tree, "start", "--detach", code=2)

    assert "inside an agent of prd-supervise" in refused.err


def test_without_any_prd_there_is_nothing_to_do(repo: Repo, tree: Tree) -> None:
    repo.commit()

    assert "nothing to do" in refuse(repo, tree, code=0).err


def test_help_and_version_need_no_repository(tree: Tree, tmp_path: Path) -> None:
    for words in (("--help",), ("--version",), ("start", "-h")):
        assert tree.run(*words, cwd=tmp_path, code=0).out


def test_a_place_where_no_worktree_can_be_made_is_refused(repo: Repo, tree: Tree) -> None:
    repo.configure(worktree={"root": "a-file/wt"})
    repo.prd(story("US-1"))
    repo.put("a-file", "x\n")
    repo.commit()

    refused = refuse(repo, tree, code=78)

    assert "worktree.root: 'a-file/wt': " in refused.err
    assert refused.err.endswith("a-file is no folder; name another one, or move it away\n")

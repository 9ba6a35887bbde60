from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from prd_supervise.workers.agents import replay
from prd_supervise.workers.agents.base import AgentRun
from prd_supervise.workers.agents.start import prepare
from prd_supervise.workers.messages.agents import AgentSpec

PLAY_S_MAX = 60.0


@pytest.fixture
def worktree(tmp_path: Path) -> Path:
    path = tmp_path / "worktree"
    path.mkdir()
    return path


def play(
    worktree: Path, *script: object, attempt: int = 1, session: str = "", agent: str = "replay"
) -> tuple[int, str]:
    spec = AgentSpec(name=agent, kind="replay", script=json.dumps(script))
    run = AgentRun(
        worktree=str(worktree), attempt_dir=str(worktree.parent), prompt_file="", session=session
    )
    done = subprocess.run(
        prepare(replay, spec, run),
        cwd=worktree,
        env={**os.environ, "PRD_SUPERVISE_ATTEMPT": str(attempt)},
        capture_output=True,
        text=True,
        timeout=PLAY_S_MAX,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout


def test_files_are_written_appended_changed_and_deleted(worktree: Path) -> None:
    code, said = play(
        worktree,
        {"write": {"path": "src/a.py", "text": "one\nthree"}},
        {"insert": {"path": "src/a.py", "after": "one", "text": "two"}},
        {"insert": {"path": "src/a.py", "after": "three", "text": "four\n"}},
        {"append": {"path": "src/a.py", "text": "five\n"}},
        {"replace": {"path": "src/a.py", "old": "f", "new": "F"}},
        {"write": {"path": "b", "text": ""}},
        {"delete": "b"},
        {"sleep_s": 0},
        {"say": "done"},
    )
    assert (code, said) == (0, "done\n")
    assert (worktree / "src/a.py").read_text() == "one\ntwo\nthree\nFour\nFive\n"
    assert not (worktree / "b").exists()


def test_every_attempt_plays_its_own_list(worktree: Path) -> None:
    script = ([{"exit": 5}], [{"say": "better"}])
    assert play(worktree, *script) == (5, "")
    assert play(worktree, *script, attempt=2) == (0, "better\n")
    assert play(worktree, *script, attempt=9) == (0, "better\n")


@pytest.mark.parametrize(("value", "number"), [(True, signal.SIGKILL), ("SIGSEGV", 11)])
def test_a_crash_is_a_real_one_and_leaves_no_core(
    worktree: Path, value: object, number: int
) -> None:
    assert play(worktree, {"say": "now"}, {"crash": value}, {"say": "no"}) == (-number, "now\n")
    assert list(worktree.iterdir()) == []


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ({"delete": "a"}, "step 1 (delete): [Errno 2] No such file"),
        ({"replace": {"path": "f", "old": "y", "new": ""}}, "f does not hold 'y'"),
        ({"insert": {"path": "f", "after": "x", "text": ""}}, "f has no line 'x'"),
        ({"run": ["false", "-x"]}, "'false -x' ended with 1"),
        ({"run": ["no-such-command"]}, "step 1 (run): [Errno 2]"),
        ({"write": {"path": "out/x", "text": ""}}, "out/x leads out of the worktree"),
        ({"write": {"path": "link", "text": ""}}, "link leads out of the worktree"),
    ],
)
def test_a_step_that_cannot_be_played_ends_the_run(worktree: Path, step: object, text: str) -> None:
    (worktree / "f").write_text("text")
    (worktree / "out").symlink_to(worktree.parent)
    (worktree / "link").symlink_to(worktree.parent / "file")
    code, said = play(worktree, step, {"say": "not reached"})
    assert code == 1
    assert text in said
    assert said.count("\n") == 1


def test_a_script_with_defects_is_not_begun(worktree: Path) -> None:
    code, said = play(worktree, {"say": "no"}, {"fly": 1})
    assert code == 64
    assert said.startswith("replay: script[1]: 'fly' is not one of ")


def test_a_commit_needs_no_identity(worktree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"):
        monkeypatch.setenv(name, "/dev/null")
    subprocess.run(["git", "init", "-q", str(worktree)], check=True)
    assert play(worktree, {"write": {"path": "a", "text": "x"}}, {"commit": "-m: US-1"}) == (0, "")
    shown = subprocess.run(
        ["git", "log", "--format=%s", "--name-only"],
        cwd=worktree,
        check=True,
        capture_output=True,
        text=True,
    )
    assert shown.stdout.split("\n") == ["-m: US-1", "", "a", ""]


def test_the_player_needs_nothing_but_its_own_folder(
    worktree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = worktree.parent / "site-packages/prd_supervise/workers"
    shutil.copytree(Path(replay.__file__).parent, workers / "agents")
    monkeypatch.setattr(replay, "__file__", str(workers / "agents/replay.py"))
    assert play(worktree, {"say": "alone"}) == (0, "alone\n")


def test_steps_may_depend_on_the_run(worktree: Path) -> None:
    script = {
        "if": {
            "agent": "second",
            "resumed": True,
            "then": [{"say": "goes on"}, {"exit": 3}],
            "else": [{"say": "begins"}],
        }
    }
    then = {"say": "after it"}
    assert play(worktree, script, then) == (0, "begins\nafter it\n")
    assert play(worktree, script, then, agent="second") == (0, "begins\nafter it\n")
    assert play(worktree, script, then, session="s-1") == (0, "begins\nafter it\n")
    assert play(worktree, script, then, session="s-1", agent="second") == (3, "goes on\n")


def test_steps_may_depend_on_a_file_anywhere(worktree: Path) -> None:
    lifted = str(worktree.parent / "lifted")
    script = (
        {"if": {"missing": lifted, "then": [{"fail": {"kind": "transient"}}]}},
        {"until": {"exists": lifted}},
        {"say": "done"},
    )
    code, said = play(worktree, *script)
    assert (code, said.count("\n")) == (1, 1)
    Path(lifted).touch()
    assert play(worktree, *script) == (0, "done\n")


def test_a_failing_step_of_a_branch_is_named_with_its_place(worktree: Path) -> None:
    code, said = play(worktree, {"say": "a"}, {"if": {"then": [{"delete": "x"}]}}, {"say": "b"})
    assert code == 1
    assert said.startswith("a\nreplay: step 2.1 (delete): ")
    assert said.count("\n") == 2


@pytest.mark.parametrize(
    ("step", "code"),
    [
        ({"limit": {}}, 1),
        ({"limit": {"exit": 0}}, 0),
        ({"limit": {"stays": True}}, 7),
        ({"limit": {"warning": 0.9}}, 7),
        ({"fail": {"kind": "auth", "exit": 144}}, 144),
        ({"fail": {"kind": "auth", "stays": True}}, 7),
        ({"session": "s"}, 7),
        ({"answer": "done"}, 7),
    ],
)
def test_an_end_ends_the_run_unless_it_stays(worktree: Path, step: object, code: int) -> None:
    assert play(worktree, step, {"exit": 7})[0] == code

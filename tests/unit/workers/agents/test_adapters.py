from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from prd_supervise.workers.agents import replay
from prd_supervise.workers.agents.base import AgentRun, UnknownAgentError
from prd_supervise.workers.agents.registry import AGENT_NAMES, adapter_for
from prd_supervise.workers.agents.start import prepare
from prd_supervise.workers.messages.agents import AgentSpec


def run_in(folder: Path) -> AgentRun:
    return AgentRun(worktree="/w", attempt_dir=str(folder), prompt_file="/p")


def test_a_command_is_run_as_it_stands(tmp_path: Path) -> None:
    spec = AgentSpec(name="command", command=("./agent.sh", "-x"))
    assert prepare(adapter_for("command"), spec, run_in(tmp_path)) == ("./agent.sh", "-x")
    assert list(tmp_path.iterdir()) == []


def test_a_script_is_written_for_the_player_alone(tmp_path: Path) -> None:
    spec = AgentSpec(name="replay", script=json.dumps([]))
    argv = prepare(adapter_for("replay"), spec, run_in(tmp_path))
    script = tmp_path / "replay.json"
    assert argv[-2] == str(script)
    assert script.read_text() == "[]"
    assert script.stat().st_mode & 0o777 == 0o600


def test_an_unknown_agent_is_told_with_those_that_there_are() -> None:
    names = "aider, claude, codex, command, gemini, opencode, qwen, replay"
    assert ", ".join(AGENT_NAMES) == names
    with pytest.raises(UnknownAgentError, match=rf"^agent 'hal' is not one of {names}$"):
        adapter_for("hal")


def test_the_result_of_a_command_is_the_text_of_the_configuration(tmp_path: Path) -> None:
    spec = AgentSpec(name="command", result="<promise>COMPLETE</promise>")
    listener = adapter_for("command").listener(spec, run_in(tmp_path))
    assert listener.feed("so: <promise>COMPLETE</promise>.")
    assert not listener.feed("<promise>")
    silent = adapter_for("command").listener(AgentSpec(name="command"), run_in(tmp_path))
    assert not silent.feed("anything")


def test_the_result_of_a_script_is_its_step_of_that_name(tmp_path: Path) -> None:
    script = [{"say": "replay: no result: "}, {"result": "all done"}]
    spec = AgentSpec(name="replay", script=json.dumps(script))
    argv = prepare(adapter_for("replay"), spec, run_in(tmp_path))
    said = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    listener = replay.listener(spec, run_in(tmp_path))
    assert [bool(listener.feed(line)) for line in said.splitlines()] == [False, True]

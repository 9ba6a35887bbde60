from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.supervisor.ui.doctor.agent_hints import without_sandbox
from prd_supervise.supervisor.ui.doctor.words import Level
from prd_supervise.workers.agents.base import Traits
from prd_supervise.workers.messages.agents import AgentSpec

TRAITS = Traits(sandbox=("bwrap", "socat"))


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def put(folder: Path, name: str) -> None:
    (folder / name).write_text("#!/bin/sh\n")
    (folder / name).chmod(0o755)


def test_what_its_sandbox_lacks_is_told_with_how_to_get_it(programs: Path) -> None:
    put(programs, "socat")

    line = without_sandbox(AgentSpec(name="work", kind="claude"), TRAITS)

    assert line is not None
    assert line.level is Level.WARN
    assert "work has no sandbox without bwrap, " in line.text
    assert line.advice.startswith("`apt install bubblewrap` or its like; yolo = true under [agents")


def test_nothing_is_told_of_one_that_is_whole_or_not_wanted_or_of_no_program(
    programs: Path,
) -> None:
    assert without_sandbox(AgentSpec(name="claude", is_yolo=True), TRAITS) is None
    assert without_sandbox(AgentSpec(name="codex"), Traits()) is None
    put(programs, "socat")
    put(programs, "bwrap")
    assert without_sandbox(AgentSpec(name="claude"), TRAITS) is None

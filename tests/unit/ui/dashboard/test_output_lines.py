from __future__ import annotations

import os
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.status.document import StatusDocument
from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.supervisor.ui.dashboard.output_lines import OutputLines
from tests.support.dashboard_night import prd, story


def layout_in(folder: Path) -> Layout:
    return Layout(
        repository=folder, common_dir=folder, state_dir=folder, worktrees=folder / "worktrees"
    )


@pytest.mark.parametrize(
    ("state", "line"), [("running", "the agent says this"), ("verifying", "1 passed")]
)
def test_while_an_agent_runs_its_own_last_line_is_shown_and_not_that_of_the_base(
    tmp_path: Path, state: str, line: str
) -> None:
    layout = layout_in(tmp_path)
    attempt = layout.attempt("P", "S", 1)
    attempt.mkdir(parents=True)
    (attempt / "agent.log").write_text("the agent says this\n\n")
    (attempt / "verify.log").write_text("1 passed\n")
    os.utime(attempt / "agent.log", (1, 1))
    document = StatusDocument(prds=(prd("P", "active", story("S", state, worktree="/w")),))
    assert OutputLines(layout).of(document) == {("P", "S"): line}


def test_an_agent_that_has_said_nothing_yet_leaves_the_line_to_who_has(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    attempt = layout.attempt("P", "S", 1)
    attempt.mkdir(parents=True)
    (attempt / "verify.log").write_text("$ make test\n")
    (attempt / "agent.log").write_text("")
    os.utime(attempt / "agent.log", (1, 1))
    document = StatusDocument(prds=(prd("P", "active", story("S", "running", worktree="/w")),))
    assert OutputLines(layout).of(document) == {("P", "S"): "$ make test"}


def test_an_agent_that_has_said_nothing_for_minutes_is_said_to_be_silent(tmp_path: Path) -> None:
    layout = layout_in(tmp_path)
    attempt = layout.attempt("P", "S", 1)
    attempt.mkdir(parents=True)
    (attempt / "agent.log").write_text("thinking\n")
    os.utime(attempt / "agent.log", (1000, 1000))
    prds = (prd("P", "active", story("S", "running", worktree="/w")),)
    lines = OutputLines(layout)
    told = [lines.of(StatusDocument(prds=prds, at=at)) for at in (1059.0, 1061.0, 1779.0)]
    assert [each["P", "S"] for each in told] == [
        "thinking",
        "silent 1 minute: thinking",
        "silent 12 minutes: thinking",
    ]

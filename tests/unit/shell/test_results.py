from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.supervisor.shell.storage.results import (
    NO_RUNS,
    RESULT_BYTES_MAX,
    runs_of,
)

RUN = {
    "commit": "c",
    "commands": [{"command": "make test", "exit_code": 0, "duration_s": 1.5}],
}


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(
        repository=tmp_path, common_dir=tmp_path, state_dir=tmp_path, worktrees=tmp_path / "w"
    )


def result(layout: Layout) -> Path:
    folder = layout.attempt("P", "A", 2)
    folder.mkdir(parents=True)
    return folder / "result.json"


def test_verify_commands_are_read_of_what_the_worker_wrote(layout: Layout) -> None:
    document = {"merged_run": RUN, "story_run": None, "of_a_newer_version": 1}
    result(layout).write_text(json.dumps(document), encoding="utf-8")
    found = runs_of(layout, "P", "A", 2)
    assert (found.base, found.story) == (None, None)
    assert found.merged is not None
    assert found.merged.is_green
    assert runs_of(layout, "P", "A", 0) == runs_of(layout, "P", "A", 1) == NO_RUNS


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"\xff", b'{"merged_run": 7}', b"{}" + b" " * RESULT_BYTES_MAX]
)
def test_what_cannot_be_read_is_no_evidence(layout: Layout, text: bytes) -> None:
    result(layout).write_bytes(text)
    assert runs_of(layout, "P", "A", 2) == NO_RUNS


def test_a_pipe_or_a_folder_in_its_place_keeps_nobody_waiting(layout: Layout) -> None:
    path = result(layout)
    os.mkfifo(path)
    assert runs_of(layout, "P", "A", 2) == NO_RUNS
    path.unlink()
    path.mkdir()
    assert runs_of(layout, "P", "A", 2) == NO_RUNS

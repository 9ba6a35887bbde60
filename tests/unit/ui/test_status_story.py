from __future__ import annotations

import os
from pathlib import Path

from prd_supervise.supervisor.core.prd.records import AttemptBegun
from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.supervisor.shell.storage.recollection import KINDS
from prd_supervise.supervisor.shell.storage.store import Store
from prd_supervise.supervisor.ui.status.evidence import AttemptDetail, StoryDetail, with_evidence
from prd_supervise.supervisor.ui.status.hints import hints
from prd_supervise.supervisor.ui.status.story import FILES_MAX, commands_for, story_rows
from tests.support.status_documents import NOW, a_document, a_prd, a_story

FAILURE = {
    "type": "agent_failed",
    "message": "the agent: exited with 3",
    "recovery_hints": (
        "split the story",
        "`prd-supervise logs PRD-001/A` shows what was printed",
        "it is given up: after mending, `prd-supervise retry PRD-001/A`",
    ),
}


def shown(*attempts: AttemptDetail) -> list[str]:
    story = a_story("A", "failed", reason="given up", failure=FAILURE)
    detail = StoryDetail(at=NOW, prd_id="PRD-001", branch="b", story=story, attempts=attempts)
    return ["".join(span.text for span in row).rstrip() for row in story_rows(detail, 100, {})]


def test_what_to_type_is_what_can_be_answered_just_now() -> None:
    detail = StoryDetail(at=NOW, prd_id="PRD-001", branch="b", story=a_story("A", "failed"))
    assert commands_for(detail, root_serves=True) == [
        "`prd-supervise retry PRD-001/A` gives it a new start"
    ]
    assert commands_for(detail, root_serves=False) == [
        "`prd-supervise resume PRD-001 --retry` gives it a new start"
    ]
    hints = [row for row in shown() if "to do" in row]
    assert hints == ["  to do     split the story"], "commands stand below, once"


def test_a_retry_is_written_out_as_long_as_it_can_be_typed() -> None:
    def command(*prds: tuple[str, int], root_serves: bool = True) -> str:
        parts = (
            a_prd(*(a_story(f"S{at}", "failed") for at in range(count)), id=prd_id)
            for prd_id, count in prds
        )
        told = hints(a_document(*parts), root_serves=root_serves)
        (line,) = (line for line in told if line.endswith("a new start"))
        return line.split("`")[1]

    assert command(("P", 1)) == "prd-supervise retry P/S0"
    assert command(("P", 2), ("Q", 1)) == "prd-supervise retry P/S0 P/S1 Q/S0"
    assert command(("P", 2), ("Q", 2)) == "prd-supervise retry P Q"
    assert command(*((f"P{at}", 1) for at in range(4))) == "prd-supervise retry PRD/STORY"
    assert command(("P", 1), root_serves=False) == "prd-supervise resume --retry"


def test_an_attempt_names_some_of_the_files_that_it_changed() -> None:
    def work(*files: str) -> list[str]:
        rows = shown(AttemptDetail(attempt=1, result="lost", head="5f067e5223aa", files=files))
        return [row for row in rows if row.startswith("  work ")]

    assert work() == ["  work      5f067e5223, nothing changed"]
    assert work("a.py") == ["  work      5f067e5223, 1 file: a.py"]
    (many,) = work(*(f"{at}.py" for at in range(FILES_MAX + 2)))
    assert many.endswith(f"{FILES_MAX - 1}.py and 2 more")


def test_a_pipe_in_place_of_a_result_keeps_nobody_waiting(tmp_path: Path) -> None:
    layout = Layout(
        repository=tmp_path, common_dir=tmp_path, state_dir=tmp_path, worktrees=tmp_path / "w"
    )
    store = Store(layout.prd("P"), KINDS)
    store.append(AttemptBegun(story_id="A", attempt=1, slot=1), at=NOW - 60)
    store.flush()
    store.close()
    folder = layout.attempt("P", "A", 1)
    folder.mkdir(parents=True)
    os.mkfifo(folder / "result.json")
    detail = StoryDetail(at=NOW, prd_id="P", branch="b", story=a_story("A", "failed"))
    (attempt,) = with_evidence(layout, detail).attempts
    assert (attempt.began_at, attempt.logs) == (NOW - 60, ("result.json",))

from __future__ import annotations

from pathlib import Path

from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.supervisor.ui.dashboard.pages import opened_at
from prd_supervise.supervisor.ui.dashboard.reading import page_of, wanted_of
from prd_supervise.supervisor.ui.dashboard.seen import Page, PageKind
from tests.support.status_documents import a_document, a_prd, a_story

EVIDENCE = "verified on the merged tree by `make test`"
DOCUMENT = a_document(
    a_prd(
        a_story("A", "done", evidence=EVIDENCE, worktree="/w"),
        a_story("B", "failed"),
        id="P",
        reasons=("B: 3 attempts failed",),
    )
)


def page(tmp_path: Path, kind: PageKind, story: str = "") -> Page:
    wanted = wanted_of(DOCUMENT, opened_at(("P", story), kind))
    layout = Layout(
        repository=tmp_path,
        common_dir=tmp_path / ".git",
        state_dir=tmp_path / "state",
        worktrees=tmp_path / "w",
    )
    return page_of(layout, wanted)


def test_the_evidence_of_a_prd_is_that_of_its_stories(tmp_path: Path) -> None:
    lines = page(tmp_path, PageKind.EVIDENCE).lines
    assert lines == ("B: 3 attempts failed", f"A: {EVIDENCE}")
    assert page(tmp_path, PageKind.EVIDENCE, "A").note == "nothing is decided yet"


def test_a_page_that_only_stories_have_says_so(tmp_path: Path) -> None:
    assert page(tmp_path, PageKind.LOG).note.startswith("a log is a story's")
    assert page(tmp_path, PageKind.PROMPT).note == "a prompt is a story's"
    assert page(tmp_path, PageKind.LOG, "A").note == "nothing was printed yet"


def test_a_page_knows_whose_it_is_and_of_one_that_is_gone_nothing() -> None:
    known = wanted_of(DOCUMENT, opened_at(("P", "A"), PageKind.DIFF))
    assert (known.worktree, known.branch, known.reasons) == ("/w", "feature/PRD-001", ())
    gone = wanted_of(DOCUMENT, opened_at(("Q", "A"), PageKind.DIFF))
    assert (gone.prd, gone.story, gone.branch) == ("Q", "A", "")

from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.shell.status.document import RootStatus, StatusDocument
from prd_supervise.supervisor.shell.storage.layout import Layout
from prd_supervise.supervisor.ui.looking import Look
from prd_supervise.supervisor.ui.looks.rows import Style
from prd_supervise.supervisor.ui.status.shown import Shown
from tests.support.status_documents import NOW, a_document, a_prd, a_story

DOCUMENT = a_document(a_prd(a_story("US-1", "failed"), id="P"))


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(
        repository=tmp_path, common_dir=tmp_path, state_dir=tmp_path, worktrees=tmp_path / "w"
    )


def told(layout: Layout, document: StatusDocument) -> str:
    shown = Shown(layout, document, "P/US-1")
    look = Look(document=document, taken_at=NOW, is_live=True)
    return "\n".join(shown.lines(look, 100, Style(has_colour=False)))


def test_what_is_to_be_typed_next_fits_whether_a_root_takes_orders(layout: Layout) -> None:
    assert "`prd-supervise retry P/US-1` gives it a new start" in told(layout, DOCUMENT)
    ended = replace(DOCUMENT, root=RootStatus())
    assert "`prd-supervise resume P --retry` gives it a new start" in told(layout, ended)

from __future__ import annotations

import re
from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.defect import Defect
from prd_supervise.supervisor.prd.mark import mark_done
from prd_supervise.supervisor.prd.model import Plan
from prd_supervise.supervisor.prd.read import read_file
from prd_supervise.supervisor.prd.tamper import tampering


def read_plan(path: Path, *, base_branch: str = "") -> tuple[Plan | None, tuple[Defect, ...]]:
    reading = read_file(path, base_branch=base_branch)
    return next(iter(reading.plans), None), reading.errors


# Beside the checkout, or above it.
PLACES = [parent / "shared" / "prd-corpus" for parent in Path(__file__).resolve().parents]
CORPUS = next((place for place in PLACES if place.is_dir()), PLACES[-1])
INDEX = CORPUS / "INDEX.tsv"
READ_YET = (
    *("ralph-stories", "ralph-tasks", "ralph-userStories", "claude-loop", "array-steps"),
    *("feature-list", "phases-json", "taskmaster-tagged"),
)

pytestmark = pytest.mark.skipif(not INDEX.exists(), reason="the corpus of real PRDs is not here")


def rows() -> list[tuple[str, str, str]]:
    if not INDEX.exists():
        return []
    lines = INDEX.read_text(encoding="utf-8").splitlines()[1:]
    return [(cells[0], cells[1], cells[4]) for cells in (line.split("\t") for line in lines)]


@pytest.mark.parametrize(("name", "form", "remark"), rows())
def test_a_real_file_is_read_or_clearly_refused(name: str, form: str, remark: str) -> None:
    plan, defects = read_plan(CORPUS / name)
    if form in READ_YET:
        count = re.match(r"n=(\d+)", remark)
        assert defects == ()
        assert plan is not None
        assert count is not None
        assert len(plan.stories) == int(count.group(1))
    else:
        assert plan is None
        assert len(defects) == 1


@pytest.mark.parametrize("name", [name for name, form, _ in rows() if form in READ_YET])
def test_a_real_file_is_marked_without_any_other_change(name: str) -> None:
    text = (CORPUS / name).read_bytes()
    plan, _ = read_plan(CORPUS / name)
    assert plan is not None
    for story in plan.stories:
        marked = mark_done(text, story.story_id, plan.part)
        assert (marked is None) == story.is_done
        if marked is not None:
            assert tampering(text, marked, plan.part) == ()
            assert abs(len(marked) - len(text)) < 60

from __future__ import annotations

import re
from pathlib import Path

import pytest

from prd_supervise.supervisor.prd.documents.document import Document
from prd_supervise.supervisor.prd.documents.markdown_document import MarkdownDocument
from prd_supervise.supervisor.prd.mark import mark_done
from prd_supervise.supervisor.prd.read import read_file
from prd_supervise.supervisor.prd.tamper import tampering

PLACES = [folder / "shared" / "prd-corpus" for folder in Path(__file__).resolve().parents[4:]]
CORPUS = next((place for place in PLACES if place.exists()), PLACES[0])
INDEX = CORPUS / "INDEX.tsv"
# The index counts what stands in blocks of code, too: it is an example there, and no story.
IN_CODE = {"md-checklist-011.md": 6, "md-stories-022.md": 2, "md-stories-026.md": 5}

pytestmark = pytest.mark.skipif(not INDEX.exists(), reason="the corpus of real PRDs is not here")


def counts() -> list[tuple[str, int]]:
    if not INDEX.exists():
        return []
    rows = [line.split("\t") for line in INDEX.read_text(encoding="utf-8").splitlines()[1:]]
    return [
        (row[0], _count(row[4]) - IN_CODE.get(row[0], 0)) for row in rows if row[0][:3] == "md-"
    ]


def _count(remark: str) -> int:
    found = re.match(r"n=(\d+)|(\d+) checkboxes, no story headings", remark)
    return int(found.group(1) or found.group(2)) if found else 0


def parsed(name: str) -> Document:
    return MarkdownDocument((CORPUS / name).read_bytes().decode("utf-8-sig"))


@pytest.mark.parametrize(("name", "count"), counts())
def test_a_real_text_is_read_with_the_stories_that_it_has(name: str, count: int) -> None:
    value = parsed(name).value
    assert isinstance(value, dict)
    found = value.get("userStories", [])
    assert len(found) == count
    if name.startswith("md-stories"):
        assert all(story["id"] and story["title"] for story in found)
        assert all(story["acceptanceCriteria"] for story in found)


@pytest.mark.parametrize("name", [name for name, count in counts() if not count])
def test_a_real_text_without_stories_is_refused_with_a_place(name: str) -> None:
    reading = read_file(CORPUS / name)
    assert reading.plans == ()
    assert [defect.line > 0 for defect in reading.errors] == [True]


@pytest.mark.parametrize(
    ("name", "count"), [each for each in counts() if "stories" in each[0] and each[1]]
)
def test_a_real_text_is_marked_without_any_other_change(name: str, count: int) -> None:
    data = (CORPUS / name).read_bytes()
    stories = [story for plan in read_file(CORPUS / name).plans for story in plan.stories]
    assert len(stories) == count
    for story in (stories[0], stories[count // 2], stories[-1]):
        marked = mark_done(data, story.story_id)
        assert marked is not None
        assert tampering(data, marked) == ()
        assert len(marked) - len(data) in {0, len("[x] ")}

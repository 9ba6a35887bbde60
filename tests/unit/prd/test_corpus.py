from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from prd_supervise.supervisor.prd.mark import mark_done
from prd_supervise.supervisor.prd.read import read_file
from prd_supervise.supervisor.prd.tamper import tampering

# Beside the checkout, or above it.
PLACES = [parent / "shared" / "prd-corpus" for parent in Path(__file__).resolve().parents]
CORPUS = next((place for place in PLACES if place.is_dir()), PLACES[-1])
INDEX = CORPUS / "INDEX.tsv"
pytestmark = pytest.mark.skipif(not INDEX.exists(), reason="the corpus of real PRDs is not here")


def rows() -> list[tuple[str, str]]:
    """The JSON files, and what the index says of them."""
    if not INDEX.exists():
        return []
    lines = (line.split("\t") for line in INDEX.read_text(encoding="utf-8").splitlines()[1:])
    return [(cells[0], cells[4]) for cells in lines if cells[0].endswith(".json")]


def records(document: Any) -> list[dict[str, Any]]:  # noqa: ANN401  any JSON
    """The stories of a real file, by its own shape."""
    if isinstance(document, list):
        return document
    if "phases" in document:
        return [task for phase in document["phases"] for task in phase["tasks"]]
    if "master" in document:
        return list(document["master"]["tasks"])
    return next(
        document[key] for key in ("userStories", "stories", "tasks", "features") if key in document
    )


def is_marked(record: dict[str, Any]) -> bool:
    return record.get("passes", record.get("status") in {"done", "completed"}) is True


@pytest.mark.parametrize(("name", "remark"), rows())
def test_a_real_file_is_read_with_all_its_stories(name: str, remark: str) -> None:
    reading = read_file(CORPUS / name)
    assert (reading.errors, reading.loose) == ((), ())
    (plan,) = reading.plans
    counted = re.match(r"n=(\d+)", remark)
    assert counted is not None
    assert len(plan.stories) == int(counted.group(1))
    written = records(json.loads((CORPUS / name).read_text(encoding="utf-8-sig")))
    assert [story.is_done for story in plan.stories] == [is_marked(each) for each in written]
    if "without id" not in remark:
        assert [story.story_id for story in plan.stories] == [str(each["id"]) for each in written]


@pytest.mark.parametrize("name", [name for name, _ in rows()])
def test_a_real_file_is_marked_without_any_other_change(name: str) -> None:
    text = (CORPUS / name).read_bytes()
    (plan,) = read_file(CORPUS / name).plans
    for story in plan.stories:
        marked = mark_done(text, story.story_id, plan.part)
        assert (marked is None) == story.is_done
        if marked is not None:
            assert tampering(text, marked, plan.part) == ()
            assert abs(len(marked) - len(text)) < 60


def test_real_gates_are_run_and_sentences_are_not() -> None:
    (audit,) = read_file(CORPUS / "ralph-stories-031.json").plans
    assert audit.verify is not None
    assert len(audit.verify) == 2
    (shop,) = read_file(CORPUS / "ralph-tasks-035.json").plans
    assert all(story.verify for story in shop.stories)
    (example,) = read_file(CORPUS / "ralph-stories-033.json").plans
    assert [story.verify for story in example.stories] == [None]

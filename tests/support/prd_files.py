"""PRD files of a test: written, and read again."""

from __future__ import annotations

import json
from pathlib import Path

from prd_supervise.supervisor.prd.defect import Severity
from prd_supervise.supervisor.prd.model import Plan, PlannedStory
from prd_supervise.supervisor.prd.read import Reading, read_file


def written(folder: Path, document: object, *, name: str = "prd.json") -> Path:
    """A document as a file: as JSON, or as it is if it is a text or bytes."""
    path = folder / name
    if isinstance(document, bytes):
        path.write_bytes(document)
    else:
        text = document if isinstance(document, str) else json.dumps(document, indent=2)
        path.write_text(text, encoding="utf-8")
    return path


def read(folder: Path, document: object, *, name: str = "prd.json") -> Reading:
    """Write a document, and read it."""
    return read_file(written(folder, document, name=name))


def plan_of(folder: Path, document: object) -> Plan:
    """The only PRD of a document without errors."""
    reading = read(folder, document)
    assert reading.errors == ()
    (plan,) = reading.plans
    return plan


def story_of(folder: Path, **keys: object) -> PlannedStory:
    """A story with these keys, alone in its PRD."""
    return plan_of(folder, {"stories": [{"id": "A", "title": "t", **keys}]}).stories[0]


def remarks_of(folder: Path, document: object) -> list[str]:
    """All that is said of a document, with its severity."""
    return [f"{each.severity.value}: {each.message}" for each in read(folder, document).defects]


def warnings_of(folder: Path, **keys: object) -> list[str]:
    """The warnings of a story with these keys; errors there must be none."""
    reading = read(folder, {"stories": [{"id": "A", "title": "t", **keys}]})
    assert reading.errors == ()
    return [each.message for each in reading.defects if each.severity is Severity.WARNING]

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from prd_supervise.supervisor.ui.status.schemas import schemas
from tests.support.status_documents import a_document, a_prd, a_story

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schema"


def problems(document: object) -> list[str]:
    schema = json.loads((FOLDER / "status.schema.json").read_text(encoding="utf-8"))
    return [error.message for error in Draft202012Validator(schema).iter_errors(document)]


@pytest.mark.parametrize("name", schemas())
def test_the_schema_is_made_of_the_types(name: str) -> None:
    expected = schemas()[name]
    assert (FOLDER / name).read_text(encoding="utf-8") == expected, (
        "made of other types; `python -m prd_supervise.supervisor.ui.status.schemas docs/schema`"
    )
    Draft202012Validator.check_schema(json.loads(expected))


def test_a_document_with_everything_keeps_to_it() -> None:
    usage = {"memory_bytes": 1, "cpu_percent": 1.0, "processes": 1}
    failure = {"type": "verify_failed", "message": "red", "recovery_hints": ["mend it"]}
    story = a_story("A", "failed", usage=usage, failure=failure, since=1.0, held=True)
    agents = [{"agent": "a", "account": "b", "state": "parked", "until": 1.0}]
    document = msgspec.to_builtins(a_document(a_prd(story), agents=agents, rest_s=1.0))
    assert problems(json.loads(json.dumps(document))) == []


def test_what_is_missing_or_of_another_type_is_refused() -> None:
    whole: dict[str, Any] = json.loads(msgspec.json.encode(a_document(a_prd(a_story("A", "done")))))
    assert problems(whole) == []
    for member in whole:
        assert problems({key: value for key, value in whole.items() if key != member}) != []
    assert problems(whole | {"prds": [whole["prds"][0] | {"state": 1}]}) != []
    assert problems(whole | {"new": 1}) == [], "what nobody knows yet is no fault"

"""What stands in a state has a number: nobody changes one without the other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from prd_supervise.supervisor.shell.storage.migrations.registered import STATE
from tests.support.state_kinds import broken, kinds_now, unnoted
from tests.support.state_samples import SAMPLES

NOTED = SAMPLES / str(STATE) / "kinds.json"
NOTE = "`make kinds` notes them"
NEW_NUMBER = (
    "journals outlive a version: keep what is there, or add a migration to "
    f"supervisor/shell/storage/migrations/ that makes state {STATE + 1} (docs/versions.md)"
)


def noted() -> dict[str, Any]:
    found = json.loads(NOTED.read_text())
    assert isinstance(found, dict)
    return found


def test_whatever_this_state_has_held_is_read_by_this_version() -> None:
    assert broken(noted(), kinds_now()) == [], NEW_NUMBER


def test_every_kind_and_field_is_noted() -> None:
    assert unnoted(noted(), kinds_now()) == [], NOTE


A: dict[str, dict[str, Any]] = {
    "A": {
        "type": "object",
        "properties": {"id": {"type": "string"}, "by": {"type": "string"}},
        "required": ["id"],
    },
    "E": {"enum": ["one", "two"]},
}


@pytest.mark.parametrize(
    ("kind", "now", "what"),
    [
        ("A", None, "A is gone"),
        ("A", {"properties": {"id": {"type": "string"}}}, "A.by is gone"),
        (
            "A",
            {"properties": {"id": {"type": "integer"}, "by": {"type": "string"}}},
            "A.id is of another type: {'type': 'integer'}, it was {'type': 'string'}",
        ),
        ("A", A["A"] | {"required": ["id", "by"]}, "A.by has no default"),
        ("E", {"enum": ["one", "three"]}, "E has no 'two' any more"),
    ],
)
def test_what_breaks_a_state_is_named(kind: str, now: Any, what: str) -> None:  # noqa: ANN401
    changed = A | {kind: now} if now is not None else {"E": A["E"]}
    assert broken(A, changed) == [what]


def test_what_breaks_nothing_is_only_to_be_noted() -> None:
    wider = {"id": {"anyOf": [{"type": "null"}, {"type": "string"}]}, "by": {"type": "string"}}
    fields = wider | {"new": {"type": "integer"}}
    now = {"A": A["A"] | {"properties": fields}, "E": {"enum": ["one", "two", "three"]}, "B": {}}
    assert broken(A, now) == []
    assert unnoted(A, now) == ["A.new", "B"]

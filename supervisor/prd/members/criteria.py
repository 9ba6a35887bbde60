"""The acceptance criteria of a story, as texts, as objects, or as the steps of a test."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ..names import clean_text
from .fields import Member, Record, items

CRITERIA = (
    *("acceptanceCriteria", "acceptance", "criteria", "successCriteria", "completionCriteria"),
    *("definitionOfDone", "doneWhen"),
)
# Words of many uses: what is no text in them says nothing of acceptance.
LOOSE = ("verification", "validation", "requirements", "testRequirements", "tests", "test")
# What a tester does, where there are no criteria; else it is told beside them.
STEPS = ("steps", "testSteps", "verificationSteps")

# What stands before a criterion's own command, for the agent and for who checks the PRD.
TEST_COMMAND = "test command"

_TEXTS = ("text", "description", "criterion", "criteria", "title", "name", "assertion", "then")
_COMMANDS = ("testCommand", "command", "cmd")
_ALLOWED = "a text, or an object with a 'text' or 'description',"


class Criteria(Struct, frozen=True, kw_only=True):
    """What has to hold, each once and in its order; `steps` are those of a story that has both."""

    criteria: tuple[str, ...]
    steps: tuple[str, ...] = ()


def read_criteria(record: Record) -> Criteria:
    """Read the criteria; without any, the steps of the story's test."""
    found = tuple(dict.fromkeys((*_strict(record), *_texts(record, LOOSE))))
    steps = tuple(dict.fromkeys(_texts(record, STEPS)))
    return Criteria(criteria=found, steps=steps) if found else Criteria(criteria=steps)


def criterion_text(value: object) -> str | None:
    """What an acceptance criterion says, with its test command; None if it says nothing."""
    if isinstance(value, str):
        return clean_text(value).strip()
    if not isinstance(value, dict):
        return None
    text = _first(value, _TEXTS)
    if isinstance(value.get("given"), str) and isinstance(value.get("when"), str):
        text = f"Given {value['given']}, when {value['when']}, then {text}"
    command = _first(value, _COMMANDS)
    if text and command:
        text = f"{text} ({TEST_COMMAND}: `{command}`)"
    return clean_text(text or command).strip() or None


def _strict(record: Record) -> Iterator[str]:
    for member in record.find_all(CRITERIA):
        for item in items(member):
            text = criterion_text(item.value)
            if text is None:
                record.refuse(item, _ALLOWED)
            elif text:
                yield text


def _texts(record: Record, names: tuple[str, ...]) -> Iterator[str]:
    for member in record.find_all(names):
        for item in _assertions(record, member):
            text = criterion_text(item.value)
            if text:
                yield text


def _assertions(record: Record, member: Member) -> Iterator[Member]:
    inner = record.inner(member)
    listed = None if inner is None else inner.find(("assertions",))
    yield from items(member if listed is None else listed)


def _first(members: dict[str, object], names: tuple[str, ...]) -> str:
    values = (members.get(name) for name in names)
    return next((value.strip() for value in values if isinstance(value, str) and value.strip()), "")

"""The acceptance criteria of a story, as texts, as objects, or as the steps of a test."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from ....policies.values import replace
from ..names import clean_text
from .commands import runnable
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
TEST_COMMANDS = ("testCommand", "test_command", "verifyCommand", "command", "cmd")
_ALLOWED = "a text, or an object with a 'text' or 'description',"


class Criteria(Struct, frozen=True, kw_only=True):
    """What has to hold, each once and in its order; `steps` are those of a story that has both."""

    criteria: tuple[str, ...]
    steps: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()  # that show that one of the criteria holds


def read_criteria(record: Record) -> Criteria:
    """Read the criteria; without any, the steps of the story's test."""
    found = tuple(dict.fromkeys((*_strict(record), *_texts(record, LOOSE))))
    steps = tuple(dict.fromkeys(_texts(record, STEPS)))
    told = Criteria(criteria=found, steps=steps) if found else Criteria(criteria=steps)
    return replace(told, commands=_commands(record))


def _commands(record: Record) -> tuple[str, ...]:
    """The test commands of criteria, each once; a sentence in their place is only told."""
    said = (
        _first(item.value, TEST_COMMANDS)
        for member in record.find_all((*CRITERIA, *LOOSE))
        for item in _assertions(record, member)
        if isinstance(item.value, dict)
    )
    return tuple(
        dict.fromkeys(
            command for text in said if (command := runnable(text, is_known=False)) is not None
        )
    )


def criterion_text(value: object) -> str | None:
    """What an acceptance criterion says, with its test command; None if it says nothing."""
    if isinstance(value, str):
        return clean_text(value).strip()
    if not isinstance(value, dict):
        return None
    text = _first(value, _TEXTS)
    if isinstance(value.get("given"), str) and isinstance(value.get("when"), str):
        text = f"Given {value['given']}, when {value['when']}, then {text}"
    command = _first(value, TEST_COMMANDS).strip("`").strip()
    if text and command and text != command:
        text = f"{text}{tested_by(command)}"
    return clean_text(text or command).strip() or None


def tested_by(command: str) -> str:
    """What stands behind a criterion that has a test command of its own."""
    return f" ({TEST_COMMAND}: `{command}`)"


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

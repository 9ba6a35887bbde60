"""Verify commands and quality gates: what is run, and what is only text for the agent.

A sentence that is run as a command makes every story of a night red. So what does not look like a
command stays text, and the person is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from ..defect import Severity, quoted
from ..names import clean_text
from .fields import Member, Record, items
from .programs import COMMON, ENGLISH, PROSE, USUAL_ARGUMENTS

# Our own words: what stands there is run as it stands.
VERIFY = ("verify", "verifyCommands")
# Words of others for commands; some people write sentences there.
COMMANDS = (
    *("verifyCommand", "verificationCommand", "verificationCommands", "verificationCmd"),
    *("testCommand", "testCommands", "qualityCommands", "qualityCommand", "qualityCheck"),
    *("checkCommand", "checkCommands", "validationCommand", "validationCommands", "testCmd"),
)
# Gates of a PRD, most of them sentences.
GATES = ("qualityGates", "gates", "qualityChecks")

_INNER = ("command", "cmd", "run", "commands")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=\S*")
_PROGRAM = re.compile(r"[a-z0-9_][a-z0-9_.+-]*")
_SCRIPT = re.compile(
    r"(?:\.{0,2}/|(?:scripts?|bin|tools?|hack|ci|node_modules|\.?venv|vendor|tests?)/)\S+"
    r"|\S+\.(?:sh|py|js|ts|rb|pl)"
)
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\$\([^()]*\)")


class Commands(Struct, frozen=True, kw_only=True):
    """What verifies a story. `run` is None where nothing is said of it."""

    run: tuple[str, ...] | None = None
    prose: tuple[str, ...] = ()


def read_commands(record: Record) -> Commands:
    """The commands of a story or a PRD: ours first, else those of others."""
    own = record.find(VERIFY)
    if own is not None:
        return Commands(run=_own(record, own))
    found = [item for member in record.find_all(COMMANDS) for item in _texts(record, member)]
    return _sorted(record, found, is_known=False)


def read_gates(record: Record) -> Commands:
    """The quality gates of a PRD; they are run only where no commands are given."""
    found = [item for member in record.find_all(GATES) for item in _texts(record, member)]
    if record.find((*VERIFY, *COMMANDS)) is not None:
        return Commands(prose=tuple(str(item.value) for item in found))
    return _sorted(record, found, is_known=True)


def looks_runnable(text: str, *, is_known: bool = True) -> bool:
    """Say whether a shell would know what to do with it; with `is_known` only if we are sure."""
    line = _QUOTED.sub(" q ", text.strip())
    words = line.split()
    while words and (_ASSIGNMENT.fullmatch(words[0]) or words[0] in {"!", "("}):
        words.pop(0)
    if not words or any(word.casefold().strip(".,;:") in PROSE for word in words):
        return False
    if len(words) > 1 and line.endswith(".") and not line.endswith((" .", "..", "/.")):
        return False
    program = words[0].lstrip("(")
    argument = words[1] if len(words) > 1 else ""
    if program in ENGLISH and is_known:
        return argument in USUAL_ARGUMENTS or not argument.isalpha()
    if program == "test":
        return argument.startswith(("-", "!", "q", "$"))
    if program in COMMON or _SCRIPT.fullmatch(program):
        return True
    return not is_known and _PROGRAM.fullmatch(program) is not None and bool(argument)


def runnable(text: str, *, is_known: bool) -> str | None:
    """The command that a text is, perhaps marked as code; None where it is none."""
    command = text.strip().strip("`").strip()
    is_one = _can_be_given(command) and looks_runnable(command, is_known=is_known)
    return command if is_one else None


def _own(record: Record, member: Member) -> tuple[str, ...] | None:
    if not isinstance(member.value, (str, list, dict)):
        record.refuse(member, "a command or a list of commands")
        return None
    if not isinstance(member.value, (list, dict)) and not str(member.value).strip():
        return None
    found: list[str] = []
    for item in _values(record, member):
        if not isinstance(item.value, str):
            record.refuse(item, "a command as text")
        elif not _can_be_given(item.value):
            record.refuse(item, "a command that a shell can be given")
        elif item.value.strip():
            found.append(item.value)
    return tuple(found)


def _sorted(record: Record, found: list[Member], *, is_known: bool) -> Commands:
    run: dict[str, None] = {}
    prose: list[str] = []
    for item in found:
        text = str(item.value).strip()
        command = runnable(text, is_known=is_known)
        if command is not None:
            run[command] = None
        else:
            prose.append(clean_text(text))
            record.findings.add(
                item.where,
                f"{item.key} has {quoted(text)}, which is not taken for a command; the agent is "
                "told of it, put what is to be run into 'verify'",
                severity=Severity.HINT,
            )
    return Commands(run=tuple(run) or None, prose=tuple(prose))


def _texts(record: Record, member: Member) -> Iterator[Member]:
    for item in _values(record, member):
        if isinstance(item.value, str) and item.value.strip():
            yield item


def _values(record: Record, member: Member) -> Iterator[Member]:
    """The commands of a text, of a list, of `{name: command}`, and of `{command: ...}` in them."""
    for item in _named(record, member):
        inner = record.inner(item)
        told = None if inner is None else inner.find(_INNER)
        yield from items(item if told is None else told)


def _named(record: Record, member: Member) -> Iterator[Member]:
    inner = record.inner(member)
    if inner is None or inner.find(_INNER) is not None:
        yield from items(member)
        return
    for key, value in inner.members.items():
        yield Member(key=f"{member.key}.{key}", value=value, where=(*member.where, key))


def _can_be_given(command: str) -> bool:
    return "\0" not in command and clean_text(command) == command

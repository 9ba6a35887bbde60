"""One user story of the Ralph family: its keys, their other names, and what they mean."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..defect import quoted
from ..documents.document import JsonPath, UnreadableError
from ..documents.json_document import JsonDocument
from ..documents.text import read_text
from ..model import PlannedStory
from ..names import SAFE_NAME_RULE, clean_text, clean_title, is_safe_name
from .draft import StoryDraft
from .fields import Member, Record, identifier

VERIFY = ("verify", "verifyCommands", "verify_commands", "testCommand", "quality_commands")
CRITERIA = ("acceptanceCriteria", "acceptance_criteria", "acceptance", "criteria")
DEPENDS = ("dependsOn", "dependencies", "blockedBy", "depends_on", "deps")
DONE_FLAGS = ("passes", "passed", "completed", "complete")
NO_CODE = ("noCode", "no_code")
_DONE_WORDS = {"done", "completed", "complete", "passed", "pass"}
_SKIPPED_WORDS = {"cancelled", "canceled", "superseded", "deferred", "wontfix", "skipped"}
_NOTHING = {"", "-", "none"}

# Behind every priority that is written, and still a number that any format can hold.
RANK_ABSENT = 1_000_000_000.0
_RANKS = {"critical": 0.0, "high": 1.0, "medium": 2.0, "low": 3.0}
_RANK_TEXT = re.compile(r"p?(\d{1,9}(?:\.\d{1,9})?)")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadStory:
    """A story as it was read; its dependencies still stand as they were written."""

    story: PlannedStory
    where: JsonPath
    id_where: JsonPath
    depends_where: Mapping[str, JsonPath]


def read_story(draft: StoryDraft, *, folder: Path | None = None) -> ReadStory:
    """Read one story; a replay script is looked for from `folder`, where one is given."""
    record = draft.record
    depends = dict(_dependencies(record))
    description = record.text(("description",))
    status = record.text(("status",)).casefold()
    flag = record.flag(DONE_FLAGS)
    is_done = status in _DONE_WORDS if flag is None else flag
    story = PlannedStory(
        story_id=_story_id(record),
        title=_title(record, description),
        description=description,
        criteria=tuple(_criteria(record)),
        rank=_rank(record),
        depends_on=tuple(depends),
        verify=record.commands(VERIFY),
        no_code=record.flag(NO_CODE) is True,
        is_done=is_done,
        is_skipped=not is_done and status in _SKIPPED_WORDS,
        agent=record.text(("agent",)),
        replay="" if folder is None else _replay(record, folder),
        group=draft.group,
    )
    return ReadStory(
        story=story, where=record.where, id_where=(*record.where, "id"), depends_where=depends
    )


def done_member(members: Mapping[str, object]) -> tuple[str, bool | str]:
    """The member that marks a story as done, by the rule of `read_story`, and its value then."""
    flags = [name for name in DONE_FLAGS if name in members]
    if flags:  # the reader goes by the first flag that is not null
        return next((name for name in flags if members[name] is not None), flags[0]), True
    return ("status", "done") if "status" in members else ("passes", True)


def _story_id(record: Record) -> str:
    member = record.find(("id",))
    if member is None:
        record.findings.add(record.where, 'the story has no id; give it one, such as "US-001"')
        return ""
    story_id = identifier(member.value)
    if story_id is None:
        record.refuse(member, "a text or a number")
    elif not is_safe_name(story_id):
        record.findings.add(
            member.where, f"id {quoted(story_id)} is no safe name; {SAFE_NAME_RULE}"
        )
    return story_id or ""


def _title(record: Record, description: str) -> str:
    member = record.find(("title",))
    if member is not None and not isinstance(member.value, str):
        record.refuse(member, "a text")
        return ""
    # Task lists often have a description alone.
    first_line = next(iter(description.splitlines()), "")
    title = clean_title(record.text(("title",)) or first_line)
    if not title:
        record.findings.add(record.where, "the story has no title; say in one line what it is for")
    return title


def _criteria(record: Record) -> Iterator[str]:
    member = record.find(CRITERIA)
    if member is None:
        return
    values = member.value if isinstance(member.value, list) else [member.value]
    for at, value in enumerate(values):
        text = criterion_text(value)
        if text is None:
            where = (*member.where, at) if values is member.value else member.where
            item = Member(key=member.key, value=value, where=where)
            record.refuse(item, "a text, or an object with a 'text' or 'description',")
        elif text:
            yield text


def criterion_text(value: object) -> str | None:
    """What an acceptance criterion says, with its test command; None if it says nothing."""
    if isinstance(value, dict):
        text = next((value[name] for name in ("text", "description") if value.get(name)), None)
        command = value.get("testCommand") or None
        if isinstance(text, str) and isinstance(command, str):
            text = f"{text.strip()} (`{command.strip()}`)"
        value = command if text is None else text
    return clean_text(value).strip() if isinstance(value, str) else None


def _rank(record: Record) -> float:
    member = record.find(("priority",))
    match member.value if member is not None else None:
        case None:
            return RANK_ABSENT
        case int() | float() as number if not isinstance(number, bool):
            return float(max(-RANK_ABSENT, min(number, RANK_ABSENT)))
        case str() as text:
            word = text.strip().casefold()
            found = _RANK_TEXT.fullmatch(word)
            rank = float(found.group(1)) if found else _RANKS.get(word)
            if rank is not None:
                return rank
    if member is not None:
        record.refuse(member, "a number, or one of critical, high, medium and low,")
    return RANK_ABSENT


def _dependencies(record: Record) -> Iterator[tuple[str, JsonPath]]:
    for member in record.find_all(DEPENDS):
        if isinstance(member.value, dict):
            inner = Record(member.value, where=member.where, findings=record.findings)
            for nested in inner.find_all(DEPENDS):
                yield from _named(record, nested)
        else:
            yield from _named(record, member)


def _named(record: Record, member: Member) -> Iterator[tuple[str, JsonPath]]:
    if isinstance(member.value, list):
        items = [
            Member(key=member.key, value=value, where=(*member.where, at))
            for at, value in enumerate(member.value)
        ]
    elif isinstance(member.value, str):
        parts = member.value.split(",")
        items = [Member(key=member.key, value=part, where=member.where) for part in parts]
    else:
        items = [member]
    for item in items:
        name = identifier(item.value)
        if name is None:
            record.refuse(item, "the id of a story, or a list of such ids,")
        elif name.strip().casefold() not in _NOTHING:
            yield name.strip(), item.where


def _replay(record: Record, folder: Path) -> str:
    member = record.find(("replay",))
    if member is None:
        return ""
    if isinstance(member.value, (dict, list)):
        return _compact(record, member, member.value)
    if not isinstance(member.value, str):
        record.refuse(member, "a JSON script or the path of a file with one")
        return ""
    try:
        script = JsonDocument(read_text(folder / member.value)).value
    except UnreadableError as error:
        place = f":{error.line}:{error.column}" if error.line else ""
        message = f"replay script {quoted(member.value)}{place}: {error.message}"
        record.findings.add(member.where, message)
        return ""
    return _compact(record, member, script)


def _compact(record: Record, member: Member, script: object) -> str:
    try:
        return json.dumps(script, separators=(",", ":"), allow_nan=False)
    except (RecursionError, ValueError):
        record.findings.add(
            member.where,
            "the replay script is nested too deeply or holds an endless number; make it simpler",
        )
        return ""

"""The replay agent's script of a story: written inline, or in a file of its own."""

from __future__ import annotations

import json
from pathlib import Path

from ..defect import quoted
from ..documents.document import UnreadableError
from ..documents.json_document import JsonDocument
from ..documents.text import read_text
from .fields import Member, Record

REPLAY = ("replay",)


def read_replay(record: Record, folder: Path) -> str:
    """The script as JSON text; a path is looked for from `folder`. Empty if there is none."""
    member = record.find(REPLAY)
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

"""The front matter of a Markdown text: YAML between two lines of dashes at its top."""

from __future__ import annotations

import json
import re

import yaml
from msgspec import Struct, field

from ..document import Place, Remark
from .blocks import Lines, place

LINES_MAX = 200
CHARS_MAX = 20_000
# What other tools call a member of ours.
_OURS = {"branch": "branchName"}
_ALIAS = re.compile(r"(?m)(?:^|[\s\[{,:])[&*]\w")


class Front(Struct, kw_only=True):
    """What it says, the place of each key, and the line behind it; `line` is 0 if there is none."""

    line: int = 0
    members: dict[str, object] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)


def read_front(lines: Lines) -> Front:
    """Read it; what cannot be read is told, for a PRD would miss it."""
    end = _end(lines)
    if not end:
        return Front()
    front = Front(line=end + 1)
    text = "\n".join(lines[at] for at in range(1, end))
    try:
        found = _value(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = place(mark.line + 1, mark.column) if mark else place(0, 0)
        message = f"the front matter is not YAML: {error.problem}; mend it here"
        front.remarks.append(Remark(place=where, message=message, is_error=True))
        return front
    except (yaml.YAMLError, RecursionError, ValueError, TypeError):
        message = "the front matter cannot be read; write plain keys with short values"
        front.remarks.append(Remark(place=place(0, 0), message=message, is_error=True))
        return front
    for key, value in found.items():
        name = _OURS.get(key, key)
        front.members[name] = value
        written = re.search(rf"(?m)^[\"']?{re.escape(key)}[\"']?\s*:", text)
        front.places[name] = place(text.count("\n", 0, written.start()) + 1 if written else 0, 0)
    return front


def _end(lines: Lines) -> int:
    """The line that closes it; 0 if there is none."""
    if lines[0].rstrip() != "---":
        return 0
    for at in range(1, min(len(lines), LINES_MAX)):
        if lines[at].rstrip() in {"---", "..."}:
            return at
    return 0


def _value(text: str) -> dict[str, object]:
    """The keys and values in JSON's types. Raises YAMLError, ValueError and their like."""
    if len(text) > CHARS_MAX or _ALIAS.search(text):
        raise ValueError("too long, or with aliases, which can grow without bound")
    found = yaml.safe_load(text)
    if not isinstance(found, dict):
        return {}
    # A date becomes a text, and a key that is none an error.
    value: dict[str, object] = json.loads(json.dumps(found, default=str, allow_nan=False))
    return value

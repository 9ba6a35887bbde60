"""Edits of a YAML text, in its own layout."""

from __future__ import annotations

import json
import re

from .document import Edit
from .yaml_nodes import Node

_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t]*)*")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z_-]*")
_BLANKS_BEFORE = 200


def replaced(text: str, node: Node, value: bool | str) -> Edit | None:  # noqa: FBT001  a value
    """The value of a node becomes another one; an anchor stays. None for a block of its own."""
    if node.is_alias or node.style in {"{", "["}:
        return Edit(start=node.start, end=node.end, text=_written(value, ""))
    if node.inside is not None:
        return None
    found = _PROPERTIES.match(text, node.start, node.end)
    start = found.end() if found else node.start
    old = text[start : node.end].rstrip()
    written = _written(value, old)
    if not old and text[start - 1 : start].strip():
        written = f" {written}"  # an empty value stands right behind its colon or dash
    return Edit(start=start, end=start + len(old), text=written)


def added(text: str, node: Node, key: str, value: bool | str) -> Edit | None:  # noqa: FBT001  a value
    """A mapping gets a new member. None where there is no member to stand beside."""
    if not isinstance(node.inside, dict) or node.first < 0:
        return None
    own = [each for each in node.inside.values() if not each.is_merged]
    if node.style:
        return _in_flow(text, own, key, value)
    line_start = text.rfind("\n", 0, node.first) + 1
    if text[line_start : node.first].strip(" -\t"):
        return None
    indent = " " * (node.first - line_start)
    written = f"{_name(text, node.first, key)}: {_written(value, '')}"
    for member in reversed(own):
        end = _end_of_line(text, member)
        if end is not None:
            return Edit(start=end, end=end, text=f"{_newline(text, end)}{indent}{written}")
    after = f"{written}{_newline(text, node.first)}{indent}"
    return Edit(start=node.first, end=node.first, text=after)


def _in_flow(text: str, own: list[Node], key: str, value: bool | str) -> Edit | None:  # noqa: FBT001  a value
    if not own:
        return None
    last = max(own, key=lambda each: each.name)
    near = text[max(0, last.name - _BLANKS_BEFORE) : last.name]
    lead = near[len(near.rstrip(" \t\r\n")) :]
    if len(own) == 1 and not lead:
        lead = " "  # behind the bracket there is often no blank, behind a comma there is
    written = f",{lead}{_name(text, last.name, key)}: {_written(value, '')}"
    return Edit(start=last.end, end=last.end, text=written)


def _end_of_line(text: str, member: Node) -> int | None:
    """The end of the line of a member that is on one line; None for the others."""
    is_block = member.style in {"|", ">"} or (member.inside is not None and not member.style)
    if is_block and not member.is_alias:
        return None
    if "\n" in text[member.name : member.end]:
        return None
    newline = text.find("\n", member.end)
    end = len(text) if newline < 0 else newline
    rest = text[member.end : end]
    if rest.strip() and not rest.lstrip().startswith("#"):
        return None
    return end - 1 if rest.endswith("\r") else end


def _newline(text: str, near: int) -> str:
    at = text.find("\n", near)
    at = text.find("\n") if at < 0 else at
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"


def _name(text: str, at: int, key: str) -> str:
    """A name in the quotes of the one that stands at `at`."""
    return json.dumps(key) if text[at] == '"' else f"'{key}'" if text[at] == "'" else key


def _written(value: bool | str, old: str) -> str:  # noqa: FBT001  a value
    """A value in the style of the one that was there."""
    if isinstance(value, bool):
        word = "true" if value else "false"
        return next((cased for cased in (word.title(), word.upper()) if _alike(cased, old)), word)
    if old.startswith(("'", '"')):
        return f"{old[0]}{value}{old[0]}"
    return value if _PLAIN.fullmatch(value) else json.dumps(value)


def _alike(cased: str, old: str) -> bool:
    return old in {"False", "True"} if cased.istitle() else old in {"FALSE", "TRUE"}

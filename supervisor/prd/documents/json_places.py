"""Where the members and items of a JSON text stand."""

from __future__ import annotations

import json
import re

from msgspec import Struct

_BLANKS = re.compile(r"[ \t\n\r]*")
# The library itself reads over what is not asked for: nothing is faster, and nothing agrees more
# with what gave the value.
_SCANNER = json.JSONDecoder(strict=True)


class Child(Struct, frozen=True, kw_only=True):
    """A value in a container, from `start` to `end` (exclusive).

    `lead` is where the container's bracket or the comma before it ends; `name` is where its name
    begins and `name_end` where that ends, or the value's start for an item of a list.
    """

    key: str | int
    lead: int
    name: int
    name_end: int
    start: int
    end: int


def children(text: str, start: int) -> tuple[Child, ...]:
    """What stands in the container that begins at `start`, in its order; nothing in a scalar.

    The text has to be sound: it has been read before.
    """
    if text[start] not in "{[":
        return ()
    found: list[Child] = []
    lead = start + 1
    at = after_blanks(text, lead)
    if text[at] in "}]":
        return ()
    while True:
        child = _member(text, lead, at) if text[start] == "{" else _item(text, lead, at, len(found))
        found.append(child)
        at = after_blanks(text, child.end)
        if text[at] != ",":
            return tuple(found)
        lead = at + 1
        at = after_blanks(text, lead)


def after_blanks(text: str, start: int) -> int:
    """The offset of the next character that is no blank."""
    found = _BLANKS.match(text, start)
    return found.end() if found else start


def _member(text: str, lead: int, at: int) -> Child:
    key, name_end = _SCANNER.raw_decode(text, at)
    start = after_blanks(text, after_blanks(text, name_end) + 1)
    _, end = _SCANNER.raw_decode(text, start)
    return Child(key=key, lead=lead, name=at, name_end=name_end, start=start, end=end)


def _item(text: str, lead: int, at: int, position: int) -> Child:
    _, end = _SCANNER.raw_decode(text, at)
    return Child(key=position, lead=lead, name=at, name_end=at, start=at, end=end)

"""One line of an agent's output as JSON, and what stands in it; no line and no value raises."""

from __future__ import annotations

import json
import math

import msgspec

LINE_CHARS_MAX = 1 << 20  # what is longer is not looked into

Json = dict[str, object]


def json_object(line: str) -> Json | None:
    """Read the object that ends this line, where one does: warnings may stand before it."""
    begin = line.find("{")
    if begin < 0 or len(line) > LINE_CHARS_MAX:
        return None
    # Only what reaches to the end: in a line that was cut, an object within is somebody's data.
    found = _decoded(line[begin:].strip())
    return found if isinstance(found, dict) else None


def _decoded(text: str) -> object:
    if not text.endswith("}"):
        return None
    try:
        return msgspec.json.decode(text)
    except (ValueError, RecursionError):
        pass
    # node writes half of a character pair as it stands, which is no UTF-8, and numbers of any size
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def at(value: object, *path: str) -> object:
    """Go down these members; None where one of them is not there."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def text_at(value: object, *path: str) -> str:
    """Give the text there, without halves of characters; empty where there is none."""
    found = at(value, *path)
    return found.encode("utf-8", "replace").decode() if isinstance(found, str) else ""


def number_at(value: object, *path: str) -> float | None:
    """Give the number there, if it is one that can be reckoned with."""
    found = at(value, *path)
    if isinstance(found, bool) or not isinstance(found, int | float):
        return None
    try:
        number = float(found)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def count_at(value: object, *path: str) -> int:
    """Give the count there: a whole number that is not negative; else 0."""
    number = number_at(value, *path)
    return int(number) if number is not None and 0 < number < 2**53 else 0


def is_true_at(value: object, *path: str) -> bool:
    """Say whether `true` stands there."""
    return at(value, *path) is True


def objects_at(value: object, *path: str) -> tuple[Json, ...]:
    """Give the objects of the list there, in order."""
    found = at(value, *path)
    return (
        tuple(each for each in found if isinstance(each, dict)) if isinstance(found, list) else ()
    )


def texts_at(value: object, *path: str) -> tuple[str, ...]:
    """Give the texts of the list there, in order."""
    found = at(value, *path)
    if not isinstance(found, list):
        return ()
    return tuple(text_at({"text": each}, "text") for each in found if isinstance(each, str))

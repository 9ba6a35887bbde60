"""How urgent a story is: its priority as a number or a word; the lowest rank comes first."""

from __future__ import annotations

import re

from .fields import Record

PRIORITY = ("priority", "prio")

# Behind every priority that is written, and still a number that any format can hold.
RANK_ABSENT = 1_000_000_000.0
WORDS = {
    "critical": 0.0,
    "highest": 0.0,
    "urgent": 0.0,
    "blocker": 0.0,
    "must": 0.0,
    "high": 1.0,
    "should": 1.0,
    "medium": 2.0,
    "normal": 2.0,
    "moderate": 2.0,
    "could": 2.0,
    "low": 3.0,
    "minor": 3.0,
    "lowest": 4.0,
    "trivial": 4.0,
}
_NUMBER = re.compile(r"[p#]?(\d{1,9}(?:\.\d{1,9})?)\b")
_WORD = re.compile(r"[a-z]+")


def read_rank(record: Record) -> float:
    """Read the priority; one that is not understood counts as absent, with a warning."""
    member = record.find(PRIORITY)
    if member is None:
        return RANK_ABSENT
    rank = _rank(member.value)
    if rank is None:
        record.warn(
            member,
            "it counts as absent; a number, P0 to P4, or one of "
            "critical, high, medium, low and lowest is allowed",
        )
        return RANK_ABSENT
    return rank


def _rank(value: object) -> float | None:
    match value:
        case bool():
            return None
        case int() | float():
            # A number that is none (YAML knows it) is no rank: it sorts nowhere.
            is_number = value == value  # noqa: PLR0124
            return float(max(-RANK_ABSENT, min(value, RANK_ABSENT))) if is_number else None
        case str():
            text = value.strip().casefold()
            number = _NUMBER.match(text)
            if number is not None:
                return float(number.group(1))
            word = _WORD.match(text)
            return RANK_ABSENT if not text else WORDS.get(word.group()) if word else None
        case _:
            return None

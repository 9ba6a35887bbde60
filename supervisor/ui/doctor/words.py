"""What doctor says: a line a subject, with what was found and what to do about it."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct


class Level(Enum):
    """How bad it is: a warning may cost something, with a failure nothing can be run."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Line(Struct, frozen=True):
    """One thing that was looked at, of a group; without `advice` nothing is to be done."""

    level: Level
    subject: str
    text: str
    advice: str = ""
    group: str = ""


def ok(subject: str, text: str) -> Line:
    """Nothing to be done."""
    return Line(Level.OK, subject, text)


def warn(subject: str, text: str, advice: str) -> Line:
    """Something that may cost time or work."""
    return Line(Level.WARN, subject, text, advice)


def fail(subject: str, text: str, advice: str) -> Line:
    """Something without which nothing can be run."""
    return Line(Level.FAIL, subject, text, advice)

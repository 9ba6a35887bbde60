"""Days and times of day as programs write them for people, as values."""

from __future__ import annotations

import re

from msgspec import Struct


class Day(Struct, frozen=True):
    """A day of the calendar; the year may be left open (0)."""

    year: int
    month: int
    day: int


class NamedDay(Struct, frozen=True):
    """The next day of this name; Monday is 0."""

    weekday: int


class Clock(Struct, frozen=True):
    """A time of day."""

    hour: int = 0
    minute: int = 0
    second: int = 0


class Told(Struct, frozen=True):
    """What a program said; without a day the next such time is meant."""

    day: Day | NamedDay | None
    clock: Clock
    zone: str  # empty: that of the machine


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_MONTH = rf"(?P<month%s>{'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_YEAR = r"(?:,? (?P<year%s>20\d\d)(?!\d))?"
_DAY = "|".join(
    (
        rf"(?:{_MONTH % 1} (?P<day1>\d{{1,2}})(?:st|nd|rd|th)?(?!\d){_YEAR % 1})",
        rf"(?:(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? {_MONTH % 2}{_YEAR % 2})",
        r"(?:(?P<year3>20\d\d)-(?P<month3>\d\d)-(?P<day3>\d\d))",
    )
)
_WEEKDAY = rf"(?:(?P<weekday>{'|'.join(_WEEKDAYS)})[a-z]{{0,6}},?)"
_HALF = r"(?P<hour1>\d{1,2})(?::(?P<minute1>\d\d))?(?::(?P<second1>\d\d))? ?(?P<half>[ap])\.?m\b"
_WHOLE = r"(?P<hour2>\d{1,2}):(?P<minute2>\d\d)(?::(?P<second2>\d\d)(?:\.\d{1,9})?)?"
_ZONE = (
    r" ?\(?(?P<zone>Z\b|(?:UTC|GMT)?[+-]\d{1,2}(?::?\d\d)?\b"
    r"|[A-Za-z]{2,20}(?:/[A-Za-z0-9_+\-]{1,30}){1,2}|UTC|GMT|(?<=\()[A-Za-z]{2,5}(?=\)))"
)
_TOLD = re.compile(
    r"\b(?:resets?|resetting|try again|retry|available|renews?|until|back)\b[ :]{0,2}"
    r"(?:again |at |on |after |by |from ){0,2}"
    rf"(?=\S)(?:{_WEEKDAY}?(?P<gap> ?)(?:at )?(?:{_DAY})?(?:,? at |, | |T)?)"
    rf"(?:{_HALF}|{_WHOLE})?(?:{_ZONE})?",
    re.IGNORECASE,
)


def told_in(words: str) -> Told | None:
    """Find the first day or time that stands where the end of a limit is told."""
    for found in _TOLD.finditer(words):
        told = _told(found.groupdict())
        if told is not None:
            return told
    return None


def _told(found: dict[str, str | None]) -> Told | None:
    clock, day = _clock(found), _day(found) or _named_day(found["weekday"])
    if clock is None and day is None:
        return None
    return Told(day, clock or Clock(), _zone(found["zone"] or ""))


def _clock(found: dict[str, str | None]) -> Clock | None:
    if found["half"]:
        hour = int(found["hour1"] or 0)
        if not 1 <= hour <= 12:  # noqa: PLR2004  the hours of half a day
            return None
        hour = hour % 12 + (12 if found["half"].lower() == "p" else 0)
        clock = Clock(hour, int(found["minute1"] or 0), int(found["second1"] or 0))
    elif found["hour2"]:
        clock = Clock(int(found["hour2"]), int(found["minute2"] or 0), int(found["second2"] or 0))
    else:
        return None
    return clock if clock.hour < 24 and clock.minute < 60 and clock.second < 60 else None  # noqa: PLR2004


def _day(found: dict[str, str | None]) -> Day | None:
    for form in ("1", "2", "3"):
        month, day = found[f"month{form}"], found[f"day{form}"]
        if month and day:
            number = int(month) if month.isdigit() else _MONTHS.index(month.lower()) + 1
            return Day(int(found[f"year{form}"] or 0), number, int(day))
    return None


def _named_day(name: str | None) -> NamedDay | None:
    return NamedDay(_WEEKDAYS.index(name.lower())) if name else None


def _zone(name: str) -> str:
    return "UTC" if name.upper() in {"Z", "GMT"} else name

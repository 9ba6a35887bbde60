"""When a limit is lifted, read from the words or figures with which a program tells it.

A moment that nobody can mean (long past, or further away than any limit lasts) is none; then, and
where a zone is not known, the answer is None, and whoever waits has to choose the time himself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from email.utils import parsedate_to_datetime

from .told_times import Clock, Day, NamedDay, Told, told_in
from .zones import zone_named

AHEAD_S_MAX = 35 * 86400.0  # the longest limits are a month's
BEHIND_S_MAX = 900.0  # told late: it has just been lifted
_READ_CHARS = 1000
_MILLISECONDS = 10**11  # an epoch above this counts them

_EPOCH = re.compile(r"(?<![\d.])(\d{13}|\d{10})(?![\d.])")
_SECONDS = re.compile(
    r"(?:retry[-_ ]?after|resets?[-_ ]in[-_ ]seconds)[\"':= ]{1,4}(\d{1,7}(?:\.\d{1,9})?)(?![\w:])",
    re.IGNORECASE,
)
_UNIT = r"milliseconds?|ms|weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s"
_PART = rf"(\d{{1,9}}(?:\.\d{{1,9}})?) ?({_UNIT})(?![a-z])"
_DURATION = re.compile(
    r"\b(?:(?:try|retry|resets?|available|wait|renews?)\b.{0,30}?\b(?:in|after|for)|wait) "
    rf"((?:{_PART}(?:,? and |, | )?){{1,6}})",
    re.IGNORECASE,
)
_PARTS = re.compile(_PART, re.IGNORECASE)
_UNIT_S = {"w": 604800.0, "d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}


def reset_told(
    text: str,
    *,
    now_s: float,
    zone: tzinfo,
    zone_of: Callable[[str], tzinfo | None] = zone_named,
) -> float | None:
    """Find the moment (epoch) in the words of a program that tells times in `zone`."""
    words = _plain(text)
    for find in (_epochs, _durations):
        moment = next((each for each in find(words, now_s) if _is_likely(each, now_s)), None)
        if moment is not None:
            return moment
    told = told_in(words)
    if told is None:
        return None
    there = zone_of(told.zone) if told.zone else zone
    return None if there is None else _next(told, there, now_s)


def reset_at(number: float | None, *, now_s: float) -> float | None:
    """Take the moment from a figure: seconds or milliseconds of the epoch."""
    if number is None:
        return None
    moment = number / 1000 if number > _MILLISECONDS else number
    return moment if _is_likely(moment, now_s) else None


def retry_after(header: str, *, now_s: float) -> float | None:
    """Take the moment from the value of a Retry-After header: seconds, or a date of HTTP."""
    value = header.strip()[:_READ_CHARS]
    if re.fullmatch(r"[0-9]{1,9}(?:\.[0-9]{1,9})?", value):
        moment = now_s + float(value)
    else:
        try:
            moment = parsedate_to_datetime(value).timestamp()
        except (ValueError, OverflowError, TypeError, IndexError):
            return None
    return moment if _is_likely(moment, now_s) else None


def _plain(text: str) -> str:
    """Fold blanks, also the narrow ones before PM, and the dots between the parts of a message."""
    cut = text[:_READ_CHARS].replace("\u00b7", " ").replace("\u2219", " ").replace("\u2022", " ")
    return " ".join(cut.split())


def _is_likely(moment: float, now_s: float) -> bool:
    return now_s - BEHIND_S_MAX <= moment <= now_s + AHEAD_S_MAX


def _epochs(words: str, _now_s: float) -> Iterator[float]:
    for found in _EPOCH.finditer(words):
        number = int(found[1])
        yield number / 1000 if number > _MILLISECONDS else float(number)


def _durations(words: str, now_s: float) -> Iterator[float]:
    for found in _SECONDS.finditer(words):
        yield now_s + float(found[1])
    for found in _DURATION.finditer(words):
        yield now_s + sum(_seconds(*part.groups()) for part in _PARTS.finditer(found[1]))


def _seconds(amount: str, unit: str) -> float:
    name = unit.lower()
    return float(amount) * (0.001 if name.startswith(("ms", "mil")) else _UNIT_S[name[0]])


def _next(told: Told, zone: tzinfo, now_s: float) -> float | None:
    """Find the first such moment that has not long passed."""
    today = datetime.fromtimestamp(now_s, UTC).astimezone(zone).date()
    likely = (
        moment
        for day in _days(told.day, today)
        for moment in _moments(day, told.clock, zone)
        if _is_likely(moment, now_s)
    )
    return next(likely, None)


def _days(day: Day | NamedDay | None, today: date) -> Iterator[date]:
    """The days that may be meant, in order."""
    match day:
        case None:
            yield from (today + timedelta(days=ahead) for ahead in (-1, 0, 1))
        case NamedDay():
            week = (today + timedelta(days=ahead) for ahead in range(8))
            yield from (each for each in week if each.weekday() == day.weekday)
        case Day():
            years = (day.year,) if day.year else (today.year - 1, today.year, today.year + 1)
            for year in years:
                try:
                    yield date(year, day.month, day.day)
                except ValueError:  # the 29th of February, in most years
                    continue


def _moments(day: date, clock: Clock, zone: tzinfo) -> Iterator[float]:
    """Where the clock is put back it shows a time twice; one that it leaves out is the next."""
    for fold in (0, 1):
        at = time(clock.hour, clock.minute, clock.second, fold=fold)
        yield datetime.combine(day, at, zone).timestamp()

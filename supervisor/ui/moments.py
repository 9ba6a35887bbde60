"""Moments as people say them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

from .errors import UsageError

_AGO = re.compile(r"(\d{1,9})([smhd])")
_CLOCK = re.compile(r"\d{2}:\d{2}(?::\d{2})?")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment(text: str, option: str = "--since", *, is_to_come: bool = False) -> datetime:
    """A time as people say it: `10m` is ten minutes ago; else a date, a time, or both.

    A time alone is the last one that was, or the next one where it is to come.
    """
    try:
        return _moment(text.strip(), is_to_come=is_to_come)
    except (ValueError, OverflowError):
        examples = "write 10m, 2h, 1d, 22:30, or 2026-11-20T22:30"
        raise UsageError(f"{option} {text!r}: this is no time; {examples}") from None


def _moment(text: str, *, is_to_come: bool) -> datetime:
    now = datetime.now(UTC)
    if ago := _AGO.fullmatch(text):
        return now - timedelta(**{_UNITS[ago.group(2)]: int(ago.group(1))})
    if not _CLOCK.fullmatch(text):
        return datetime.fromisoformat(text).astimezone()
    today = datetime.combine(now.astimezone().date(), time.fromisoformat(text)).astimezone()
    if is_to_come and today < now:
        return today + timedelta(days=1)
    return today - timedelta(days=1) if today > now and not is_to_come else today

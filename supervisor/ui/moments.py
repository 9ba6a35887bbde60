"""Moments as people say them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from .errors import UsageError

_AGO = re.compile(r"(\d{1,9})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def moment(text: str, option: str = "--since") -> datetime:
    """A time as people say it: `10m` is ten minutes ago; else a date, or a date and time."""
    try:
        if ago := _AGO.fullmatch(text.strip()):
            return datetime.now(UTC) - timedelta(**{_UNITS[ago.group(2)]: int(ago.group(1))})
        return datetime.fromisoformat(text.strip()).astimezone()
    except (ValueError, OverflowError):
        message = f"{option} {text!r}: this is no time; write 10m, 2h, 1d, or 2026-11-20T22:30"
        raise UsageError(message) from None

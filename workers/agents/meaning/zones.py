"""The time zones of this machine."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from datetime import UTC, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

_LOCALTIME = Path("/etc/localtime")
_OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d\d)?", re.IGNORECASE)


def local_zone() -> tzinfo:
    """Give the zone in which programs here tell the time; UTC where none is set."""
    name = os.environ.get("TZ", "").removeprefix(":")
    named = zone_named(name) if name else None
    if named is not None:
        return named
    with suppress(OSError, ValueError), _LOCALTIME.open("rb") as file:
        return ZoneInfo.from_file(file, key="localtime")
    return UTC


def zone_named(name: str) -> tzinfo | None:
    """Find a zone by its name, such as Europe/Vilnius; None: it is not known here.

    Where a machine has no zone data at all, only UTC is known.
    """
    if name.upper() in {"UTC", "GMT", "Z"}:
        return UTC
    offset = _OFFSET.fullmatch(name)
    if offset:
        return _fixed(offset[1], int(offset[2]), int(offset[3] or 0))
    # A name becomes a path: ZoneInfo refuses what leads out, and a folder is no zone.
    with suppress(OSError, ValueError, KeyError):
        return ZoneInfo(name)
    return None


def _fixed(sign: str, hours: int, minutes: int) -> tzinfo | None:
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if sign == "-" else offset) if offset < timedelta(days=1) else None

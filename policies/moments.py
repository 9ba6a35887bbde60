"""A moment of the wall clock as people say it; arithmetic alone, for decisions read no clock."""

from __future__ import annotations

_NEAR_S = 120.0
_DAY_S = 86_400
_MONTHS = ("Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb")


def moment_text(at_s: float, *, now_s: float, zone_s: float = 0.0) -> str:
    """`22:33`; with the seconds where it is near, with the day where it is not today.

    `zone_s` is how far local clocks are ahead of UTC.
    """
    day, second = divmod(int(at_s + zone_s), _DAY_S)
    clock = f"{second // 3600:02}:{second // 60 % 60:02}"
    if abs(at_s - now_s) < _NEAR_S:
        clock += f":{second % 60:02}"
    return clock if day == int(now_s + zone_s) // _DAY_S else f"{_date(day)}, {clock}"


def _date(day: int) -> str:
    """Month and day of a day since 1970-01-01, by years that begin in March: `Nov 23`."""
    of_era = (day + 719_468) % 146_097  # 400 years
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    return f"{_MONTHS[month]} {of_year - (153 * month + 2) // 5 + 1}"

"""Spans and moments of time as people say them."""

from __future__ import annotations

import time

from ....policies.moments import moment_text

_MINUTE_S, _HOUR_S = 60, 3600
_DAY_S = 24 * _HOUR_S
_TENTHS_BELOW_S, _SECONDS_BELOW_S = 10, 10 * _MINUTE_S
_STEPS_S = ((10 * 60, 60), (_HOUR_S, 5 * 60), (10 * _HOUR_S, 10 * 60), (_DAY_S, _HOUR_S))


def duration(seconds: float) -> str:
    """What something took: `9.9s`, `1m05s`, `27h46m`."""
    tenths = round(seconds, 1)  # as the JSON documents round
    if tenths < _MINUTE_S:
        return f"{tenths:.1f}s"
    whole = round(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}h{minutes:02}m" if hours else f"{minutes}m{whole % 60:02}s"


def elapsed(seconds: float) -> str:
    """For how long something has been so: `9s`, `1m05s`, `1h12m`, `3d04h`."""
    whole = max(0, int(seconds))
    if whole < _MINUTE_S:
        return f"{whole}s"
    if whole < _HOUR_S:
        return f"{whole // 60}m{whole % 60:02}s"
    if whole < _DAY_S:
        return f"{whole // _HOUR_S}h{whole // 60 % 60:02}m"
    return f"{whole // _DAY_S}d{whole % _DAY_S // _HOUR_S:02}h"


def spoken(seconds: float) -> str:
    """The same in a sentence: `6 h 12 min`, `12 min`, `1 min 34 s`, `48 s`, `9.9 s`."""
    whole = round(seconds)
    if whole < _MINUTE_S:
        return f"{seconds:.1f} s" if seconds < _TENTHS_BELOW_S else f"{whole} s"
    if whole < _SECONDS_BELOW_S:
        text = _hours_and_minutes(whole)
        return f"{text} {whole % _MINUTE_S} s" if whole % _MINUTE_S else text
    return _hours_and_minutes(round(seconds / _MINUTE_S) * _MINUTE_S)


def rest_text(seconds: float) -> str:
    """An estimate is no measurement: `under 1 min`, `about 1 h 20 min`, `about 2 days`."""
    if seconds < _MINUTE_S:
        return "under 1 min"
    for below_s, step_s in _STEPS_S:
        whole = round(seconds / step_s) * step_s
        if seconds < below_s and whole < _DAY_S:
            return f"about {_hours_and_minutes(whole)}"
    days = max(1, round(seconds / _DAY_S))
    return f"about {days} day" + ("" if days == 1 else "s")


def moment(at: float, now: float, zone_s: float | None = None) -> str:
    """A moment as what waits for it says it; by local clocks, where no zone is given."""
    if zone_s is None:
        zone_s = float(time.localtime(at).tm_gmtoff)
    return moment_text(at, now_s=now, zone_s=zone_s)


def _hours_and_minutes(whole: int) -> str:
    hours, minutes = whole // _HOUR_S, whole // 60 % 60
    return " ".join([f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes))

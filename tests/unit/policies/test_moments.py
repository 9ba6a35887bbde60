"""Moments as people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.policies.moments import moment_text

NOON = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ahead", "text"),
    [
        (timedelta(seconds=30), "12:00:30"),
        (timedelta(hours=5, minutes=3), "17:03"),
        (timedelta(days=2), "Nov 23, 12:00"),
        (timedelta(hours=12), "Nov 22, 00:00"),
    ],
)
def test_a_moment_is_told_as_shortly_as_it_can_be(ahead: timedelta, text: str) -> None:
    at_s, now_s = (NOON + ahead).timestamp(), NOON.timestamp()
    assert moment_text(at_s, now_s=now_s) == text


def test_the_day_is_that_of_local_clocks() -> None:
    now_s = NOON.timestamp()
    assert moment_text(now_s + 11.5 * 3600, now_s=now_s, zone_s=3600.0) == "Nov 22, 00:30"


@given(st.integers(0, 4_000_000_000), st.sampled_from([-34_200, -3600, 0, 3600, 20_700, 45_900]))
def test_dates_are_those_of_the_calendar(at_s: int, zone_s: int) -> None:
    at = datetime.fromtimestamp(at_s, timezone(timedelta(seconds=zone_s)))
    told = moment_text(float(at_s), now_s=at_s + 200_000.0, zone_s=float(zone_s))
    assert told == f"{at:%b} {at.day}, {at:%H:%M}"

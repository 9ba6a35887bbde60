from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from prd_supervise.workers.agents.meaning.zones import local_zone, zone_named

DAY = datetime(2026, 11, 20)  # noqa: DTZ001  the clock on the wall


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("UTC", 0),
        ("utc", 0),
        ("Europe/Vilnius", 2),
        ("America/New_York", -5),
        ("UTC+2", 2),
        ("GMT-03:30", -3.5),
        ("+0530", 5.5),
    ],
)
def test_a_zone_is_known_by_its_name_or_its_offset(name: str, hours: float) -> None:
    zone = zone_named(name)
    assert zone is not None
    assert zone.utcoffset(DAY) == timedelta(hours=hours)


@pytest.mark.parametrize(
    "name",
    ["", "Mars/Olympus", "America", "../../etc/passwd", "/etc/passwd", "a\0b", "+99:00", "\ud800"],
)
def test_what_is_no_zone_is_none(name: str) -> None:
    assert zone_named(name) is None


def test_the_zone_here_is_the_one_that_programs_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", ":Asia/Tokyo")
    assert local_zone().utcoffset(DAY) == timedelta(hours=9)


@pytest.mark.parametrize("name", ["", "Mars/Olympus"])
def test_without_such_a_word_it_is_the_machines(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv("TZ", raising=False)
    machines = local_zone().utcoffset(DAY)
    monkeypatch.setenv("TZ", name)
    assert local_zone().utcoffset(DAY) == machines is not None

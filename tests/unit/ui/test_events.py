from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from prd_supervise.supervisor.ui.errors import UsageError
from prd_supervise.supervisor.ui.moments import moment


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("30s", timedelta(seconds=30)),
        ("10m", timedelta(minutes=10)),
        (" 2h ", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
    ],
)
def test_a_time_can_be_so_long_ago(text: str, ago: timedelta) -> None:
    before = datetime.now(UTC)
    found = moment(text)
    assert before - ago <= found <= datetime.now(UTC) - ago


def test_a_time_can_be_a_date_with_or_without_a_zone() -> None:
    assert moment("2026-11-20T22:30:00+00:00") == datetime(2026, 11, 20, 22, 30, tzinfo=UTC)
    assert moment("2026-11-20").tzinfo is not None
    assert moment("2026-11-20 22:30").date().isoformat() == "2026-11-20"


def test_a_time_of_day_is_the_last_one_or_the_next_one() -> None:
    day = timedelta(days=1, hours=1)  # the longest, where clocks are put back
    for text in ("00:00", "07:30", "23:59:59"):
        before = datetime.now(UTC)
        last, to_come = moment(text), moment(text, is_to_come=True)
        after = datetime.now(UTC)
        assert before - day < last <= after
        assert before <= to_come < after + day


@pytest.mark.parametrize(
    "text", ["yesterday", "25:00", "10", "10 m", "-5m", "", "2026-13-01", "999999999d"]
)
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    with pytest.raises(UsageError, match="this is no time; write 10m"):
        moment(text)

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.workers.agents.meaning.resets import (
    AHEAD_S_MAX,
    BEHIND_S_MAX,
    reset_at,
    reset_told,
    retry_after,
)

NOW = datetime(2026, 11, 20, 21, 33, 20, tzinfo=UTC)
NOW_S = NOW.timestamp()
NEW_YORK = ZoneInfo("America/New_York")


def told(text: str, *, now: datetime = NOW, zone: tzinfo = UTC) -> str:
    moment = reset_told(text, now_s=now.timestamp(), zone=zone)
    return "" if moment is None else f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("You've hit your 5-hour limit · resets 10:33pm (UTC)", "2026-11-20 22:33:00"),
        ("You've hit your session limit · resets 11:13pm (UTC)", "2026-11-20 23:13:00"),
        ("You've hit your weekly limit · resets Nov 23, 10:13pm (UTC)", "2026-11-23 22:13:00"),
        ("You've hit your limit · resets 5pm (Europe/Vilnius)", "2026-11-21 15:00:00"),
        ("resets Nov 23 at 4pm (America/Recife)", "2026-11-23 19:00:00"),
        ("Your limit will reset at 7pm (Asia/Tokyo).", "2026-11-21 10:00:00"),
        ("You're out of extra usage · resets 9pm", "2026-11-21 21:00:00"),
        ("5-hour limit reached \u2219 resets 2am", "2026-11-21 02:00:00"),
        ("credits or try again at 10:31 PM.", "2026-11-20 22:31:00"),
        ("or try again at 10:31\u202fPM.", "2026-11-20 22:31:00"),
        ("try again at Nov 23rd, 2026 10:13 PM.", "2026-11-23 22:13:00"),
        ("try again at Dec 1st, 2026 12:05 AM.", "2026-12-01 00:05:00"),
        ("try again in 2 days 17 hours 14 minutes.", "2026-11-23 14:47:20"),
        ("Please try again in 1s. Visit https://example.com", "2026-11-20 21:33:21"),
        ("Please retry in 41.5s.", "2026-11-20 21:34:01"),
        ("Your quota will reset after 5s.", "2026-11-20 21:33:25"),
        ("Your quota will reset after 18h2m3s.", "2026-11-21 15:35:23"),
        ("resets in 3 hours and 5 minutes", "2026-11-21 00:38:20"),
        ("wait 30 seconds", "2026-11-20 21:33:50"),
        ("Claude AI usage limit reached|1795214013", "2026-11-20 22:33:33"),
        ("Claude AI usage limit reached|1795214013000", "2026-11-20 22:33:33"),
        ("retry-after: 3600", "2026-11-20 22:33:20"),
        ('"resets_in_seconds": 3600, "plan_type"', "2026-11-20 22:33:20"),
        ("resets at 2026-11-23T22:13:00Z", "2026-11-23 22:13:00"),
        ("resets 2026-11-23 22:13", "2026-11-23 22:13:00"),
        ("resets Monday 9am", "2026-11-23 09:00:00"),
        ("resets Mon, Nov 23, 9am", "2026-11-23 09:00:00"),
        ("resets 23 November 2026 at 3am", "2026-11-23 03:00:00"),
        ("resets Nov 23", "2026-11-23 00:00:00"),
        ("resets 3am (UTC+2)", "2026-11-21 01:00:00"),
        ("resets 3am -03:30", "2026-11-21 06:30:00"),
    ],
)
def test_the_moment_is_found_in_what_programs_say(text: str, moment: str) -> None:
    assert told(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "You've hit your limit",
        "Please try again later.",
        "resets soon",
        "resets 25pm",
        "resets 0am",
        "try again at 13:99",
        "resets Feb 30 at 4pm",
        "resets 10pm (Mars/Olympus)",
        "resets 10pm (PST)",  # a name that several zones share
        "resets Apr 23 at 4pm (America/Recife)",  # five months away
        "try again at Jul 23rd, 2026 4:15 AM",  # long past
        "try again in 400 days",
        "Claude AI usage limit reached|1760000400",
        "Claude AI usage limit reached|99999999999999999999",
        "API Error: 529 Overloaded. 10:30 is a time, and Nov 23 is a day",
    ],
)
def test_what_tells_no_moment_or_an_absurd_one_tells_none(text: str) -> None:
    assert told(text) == ""


def test_a_time_without_zone_is_that_of_the_machine() -> None:
    assert told("resets 10:33pm", zone=NEW_YORK) == "2026-11-21 03:33:00"


def test_a_time_that_has_just_passed_is_not_that_of_tomorrow() -> None:
    assert told("resets 9:25pm (UTC)") == "2026-11-20 21:25:00"
    assert told("resets 9:10pm (UTC)") == "2026-11-21 21:10:00"


def test_the_day_of_a_time_is_the_one_of_its_zone() -> None:
    late = datetime(2026, 11, 20, 23, 50, tzinfo=UTC)
    assert told("resets 9am (Asia/Tokyo)", now=late) == "2026-11-21 00:00:00"


def test_a_day_without_year_may_be_one_of_the_next() -> None:
    assert (
        told("resets Jan 2, 3pm", now=datetime(2026, 12, 30, tzinfo=UTC)) == "2027-01-02 15:00:00"
    )


def test_a_day_that_is_not_there_every_year_is_no_fault() -> None:
    assert told("resets Feb 29", now=datetime(2027, 2, 20, tzinfo=UTC)) == ""
    assert told("resets Feb 29", now=datetime(2028, 2, 20, tzinfo=UTC)) == "2028-02-29 00:00:00"


def test_a_time_that_the_clock_leaves_out_comes_with_the_next_one() -> None:
    before = datetime(2026, 3, 8, 6, 0, tzinfo=UTC)  # 1 am; at 2 it is 3
    assert told("resets 2:30am", now=before, zone=NEW_YORK) == "2026-03-08 07:30:00"


def test_a_time_that_the_clock_shows_twice_is_the_one_that_is_ahead() -> None:
    first = datetime(2026, 11, 1, 5, 20, tzinfo=UTC)  # 1:20 am, for the first time
    assert told("resets 1:30am", now=first, zone=NEW_YORK) == "2026-11-01 05:30:00"
    second = datetime(2026, 11, 1, 6, 20, tzinfo=UTC)
    assert told("resets 1:30am", now=second, zone=NEW_YORK) == "2026-11-01 06:30:00"


def test_a_machine_without_zone_data_knows_no_named_zone() -> None:
    text = "resets 5pm (Europe/Vilnius)"
    assert reset_told(text, now_s=NOW_S, zone=UTC, zone_of=lambda _name: None) is None


@pytest.mark.parametrize(
    ("header", "after_s"), [("12", 12), ("1.5", 1.5), ("Fri, 20 Nov 2026 21:43:20 GMT", 600)]
)
def test_a_header_tells_seconds_or_a_date(header: str, after_s: float) -> None:
    assert retry_after(header, now_s=NOW_S) == NOW_S + after_s


@pytest.mark.parametrize("header", ["", "soon", "-5", "Fri, 99 Nov", "1e9", "9" * 400])
def test_a_header_that_tells_nothing_likely_is_none(header: str) -> None:
    assert retry_after(header, now_s=NOW_S) is None


@given(st.floats(allow_nan=False), st.floats(0, 4e9))
def test_a_figure_is_a_moment_only_where_a_limit_can_end(number: float, now_s: float) -> None:
    moment = reset_at(number, now_s=now_s)
    assert moment is None or now_s - BEHIND_S_MAX <= moment <= now_s + AHEAD_S_MAX


@given(st.integers(0, 24 * 60 - 16), st.sampled_from(["UTC", "Asia/Tokyo", "America/St_Johns"]))
def test_a_time_of_day_is_found_whichever_it_is(minutes: int, zone: str) -> None:
    moment = (NOW + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone)).replace(second=0)
    clock = f"{moment:%I:%M%p}".lstrip("0").lower()
    found = reset_told(f"limit · resets {clock} ({zone})", now_s=NOW_S, zone=UTC)
    assert found == moment.timestamp()


@given(st.integers(0, 34 * 24 * 60), st.booleans())
def test_a_date_is_found_whichever_it_is(minutes: int, has_year: bool) -> None:  # noqa: FBT001
    moment = (NOW + timedelta(minutes=minutes)).replace(second=0)
    year = f", {moment:%Y}" if has_year else ""
    text = f"try again at {moment:%b %d}{year} {moment:%I:%M %p}."
    assert reset_told(text, now_s=NOW_S, zone=UTC) == moment.timestamp()


WORDS = [
    "resets",
    "try again",
    "in",
    "at",
    "2 days",
    "10:33pm",
    "Nov 23",
    "(UTC)",
    "|",
    "5s",
    "T",
    "·",
]


@given(
    st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=40).map(" ".join),
    st.floats(0, 8e9),
)
def test_no_words_raise_and_no_moment_is_absurd(text: str, now_s: float) -> None:
    moment = reset_told(text, now_s=now_s, zone=NEW_YORK)
    assert moment is None or now_s - BEHIND_S_MAX <= moment <= now_s + AHEAD_S_MAX

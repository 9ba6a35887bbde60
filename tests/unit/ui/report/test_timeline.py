from __future__ import annotations

import pytest

from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.prd.agents.review_records import ReviewBegan
from prd_supervise.supervisor.core.prd.records import (
    AgentBegan,
    AgentOver,
    AttemptBegun,
    AttemptLost,
    StoryDone,
    StoryGivenUp,
    VerifyOver,
)
from prd_supervise.supervisor.ui.looks.columns import cells
from prd_supervise.supervisor.ui.looks.rows import Row, Style, Tone
from prd_supervise.supervisor.ui.report.attempts import End, Work, attempts_of
from prd_supervise.supervisor.ui.report.axis import axis_of, ticks_of
from prd_supervise.supervisor.ui.report.gantt import LANES_MAX, gantt, lanes_of
from prd_supervise.supervisor.ui.report.svg import BARS_MAX, PIECES_MAX, timeline
from tests.support.report_night import BEGAN, attempt, hostile, large, line, night, part, report

SPANS = ((0.0, 1000.0),)
STYLE = Style(has_colour=False)
OVER = Outcome(kind=OutcomeKind.NORMAL, detail="", duration_s=50.0)


def begun(number: int = 1, slot: int = 2, story_id: str = "A") -> AttemptBegun:
    return AttemptBegun(story_id=story_id, attempt=number, slot=slot)


def agent(number: int = 1) -> AgentBegan:
    return AgentBegan(story_id="A", attempt=number, pid=1, start_ticks=1, agent="claude")


LOST = AttemptLost(story_id="A", attempt=1, reason="no")


def texts(rows: list[Row]) -> list[str]:
    return ["".join(span.text for span in row).rstrip() for row in rows]


# --- attempts -----------------------------------------------------------------------------------


def test_an_attempt_has_the_times_in_which_something_of_it_was_at_work() -> None:
    verify = VerifyOver(story_id="A", attempt=1, stage="story", took_s=20.0, is_green=True)
    records = [
        (begun(), 10.0),
        (agent(), 20.0),
        (replace(verify, stage="base"), 30.0),  # beside the agent
        (AgentOver(story_id="A", attempt=1, outcome=OVER), 70.0),
        (replace(verify, setup_s=5.0), 100.0),
        (ReviewBegan(story_id="A", attempt=1, head="h", agent="codex"), 110.0),
        (StoryDone(story_id="A", attempt=1, commit="c", evidence=""), 150.0),
    ]
    (found,) = attempts_of(records, SPANS)["A"]
    assert (found.place, found.began, found.ended, found.end) == (2, 10.0, 150.0, End.MERGED)
    assert [(each.work, each.began, each.ended) for each in found.pieces] == [
        (Work.AGENT, 20.0, 70.0),
        (Work.VERIFY, 75.0, 100.0),
        (Work.REVIEW, 110.0, 150.0),
    ]


@pytest.mark.parametrize(
    ("record", "end"),
    [
        (LOST, End.LOST),
        (replace(LOST, counts=False, is_fresh=True), End.AGAIN),
        (replace(LOST, counts=False, type="over_limit"), End.AGAIN),
        (replace(LOST, counts=False, keeps_claim=True), End.STOPPED),
        (replace(LOST, counts=False, type="stopped"), End.STOPPED),
        (StoryGivenUp(story_id="A", reason="no"), End.LOST),
    ],
)
def test_an_attempt_ends_as_its_record_says(record: object, end: End) -> None:
    (found,) = attempts_of([(begun(), 10.0), (record, 20.0)], SPANS)["A"]
    assert (found.end, found.ended) == (end, 20.0)


def test_a_train_s_verify_is_a_piece_of_each_story_in_it() -> None:
    merged = VerifyOver(
        story_id="A", attempt=1, stage="merged", took_s=30.0, is_green=True, stories=("A", "B")
    )
    records = [(begun(), 1.0), (begun(story_id="B"), 1.0), (merged, 40.0)]
    found = attempts_of(records, SPANS)
    assert [found[name][0].pieces[0].ended for name in "AB"] == [40.0, 40.0]


def test_what_is_at_work_lasts_until_now_and_what_nobody_ended_until_its_prd_did() -> None:
    (found,) = attempts_of([(begun(), 10.0), (agent(), 20.0)], ((0.0, 60.0),))["A"]
    assert (found.end, found.ended, found.pieces[0].ended) == (End.OPEN, 60.0, 60.0)
    # Its loss was noted by the next supervisor, an hour later.
    records = [(begun(), 10.0), (agent(), 20.0), (replace(LOST, counts=False), 3600.0)]
    (found,) = attempts_of(records, ((0.0, 60.0), (3590.0, 4000.0)))["A"]
    assert (found.ended, found.pieces[0].ended) == (60.0, 60.0)


def test_a_clock_that_was_set_back_makes_nothing_negative() -> None:
    records = [
        (begun(), 100.0),
        (agent(), 90.0),
        (AgentOver(story_id="A", attempt=1, outcome=OVER), 80.0),
        (LOST, 70.0),
    ]
    (found,) = attempts_of(records, ((60.0, 110.0),))["A"]
    assert found.ended == found.began
    assert all(each.ended >= each.began for each in found.pieces)


# --- the axis -----------------------------------------------------------------------------------


def test_hours_in_which_nobody_worked_take_no_room() -> None:
    day = 86_400.0
    axis = axis_of([(0.0, 3600.0), (day, day + 3600.0)])
    assert axis.place(0.0) == 0.0
    assert axis.place(day + 3600.0) == pytest.approx(1.0)
    assert axis.place(3600.0) == axis.place(day / 2) == pytest.approx(0.4925)
    assert axis.place(day) == pytest.approx(0.5075)
    assert list(axis.breaks) == [pytest.approx(0.5)]


def test_a_short_pause_is_as_long_as_it_was() -> None:
    axis = axis_of([(0.0, 100.0), (102.0, 200.0)])
    assert axis.breaks == ()
    assert axis.place(101.0) == pytest.approx(101 / 200)


def test_a_month_of_short_runs_has_a_bounded_number_of_pauses() -> None:
    axis = axis_of([(at * 3600.0, at * 3600.0 + 1.0) for at in range(700)])
    assert len(axis.parts) <= 21
    places = [axis.place(at * 3600.0) for at in range(700)]
    assert places == sorted(places)
    assert 0.0 <= places[0] < places[-1] <= 1.0


def test_round_moments_are_named_by_local_clocks() -> None:
    axis = axis_of([(BEGAN, BEGAN + 4 * 3600)])
    ticks = ticks_of(axis, count_max=5, zone_s=3600.0)
    assert [each.text for each in ticks] == ["00:00", "01:00", "02:00", "03:00"]
    assert ticks[0].at == pytest.approx(50 / 240)
    seconds = ticks_of(axis_of([(BEGAN, BEGAN + 9)]), count_max=3, zone_s=0.0)
    assert [each.text for each in seconds] == ["22:10:00", "22:10:05"]
    assert ticks_of(axis_of([]), count_max=3, zone_s=0.0) == ()


# --- in text ------------------------------------------------------------------------------------

NIGHT = """\
shop 1  US-001████▒▒▒✓US-003████████▒▒▒▒░✓
     2  ████▒✗ US-002███▒▒░✓
pay 1                               PAY-1██▒▒✗ PAY-1██▒▒↻ PAY-1███▒▒✗ PAY-1██▒▒✗
    2                   PAY-3██████▒▒▒░PAY-4█████▒▒▒✓
                   23:00         00:00          01:00         02:00
        █ agent  ▒ verify, review  ░ waits  ✓ merged  ✗ lost  ↻ again"""


def test_the_picture_of_a_night() -> None:
    assert "\n".join(texts(gantt(night(), width=80, style=STYLE))) == NIGHT


def test_a_bar_that_follows_at_once_leaves_how_the_one_before_ended() -> None:
    """In whatever cell they meet."""
    for ended in range(1000, 1100, 7):
        one = line("A", "", [attempt(1, 1, BEGAN, ended, End.MERGED)], "done")
        two = line("B", "", [attempt(1, 1, BEGAN + ended, 2100 - ended, End.LOST)], "failed")
        found = report(part("P", "", [one, two], "failed"))
        (row, *_) = texts(gantt(found, width=60, style=STYLE))
        assert (row.count("✓"), row.count("✗")) == (1, 1), row


@pytest.mark.parametrize("width", [*range(1, 60), 80, 200])
def test_it_fits_at_any_width_in_ascii_too(width: int) -> None:
    for found in (night(), hostile()):
        for style in (STYLE, Style(has_colour=False, is_ascii=True)):
            rows = texts(gantt(found, width=width, style=style))
            assert all(cells(each) <= width for each in rows)
            assert not style.is_ascii or all(each.isascii() for each in rows)


def test_colours_say_nothing_that_the_marks_do_not() -> None:
    marks = {Tone.GOOD: "✓", Tone.BAD: "✗", Tone.WARN: "↻"}
    spans = [span for row in gantt(night(), width=200, style=Style())[:4] for span in row]
    for tone, mark in marks.items():
        bars = [span.text for span in spans if span.tone is tone]
        assert bars
        assert all(text.endswith(mark) for text in bars)


def test_more_places_than_anybody_looks_at_are_a_number() -> None:
    rows = texts(gantt(large(), width=80, style=STYLE))
    assert rows[LANES_MAX] == f"and {150 - LANES_MAX} more places"
    assert len(rows) == LANES_MAX + 3


def test_where_nothing_was_tried_there_is_no_picture() -> None:
    nothing = report(part("P", "p", [line("A", "a", [], "waiting")], "active"))
    assert gantt(nothing, width=80, style=STYLE) == []
    assert timeline(nothing, zone_s=0.0) is None


def test_each_place_has_its_attempts_in_order() -> None:
    lanes = lanes_of(night().prds)
    assert [(each.prd_id, each.place) for each in lanes] == [
        ("shop", 1),
        ("shop", 2),
        ("pay", 1),
        ("pay", 2),
    ]
    begins = [[each.began for _, each in lane.bars] for lane in lanes]
    assert begins == [sorted(each) for each in begins]


# --- as a picture -------------------------------------------------------------------------------


def test_the_picture_has_a_bar_an_attempt_and_says_of_each_what_it_was() -> None:
    picture = timeline(night(), zone_s=0.0)
    assert picture is not None
    bars = [each for each in picture.iter("g") if str(each.get("class")).startswith("bar")]
    assert len(bars) == 10
    titles = [each.findtext("title") for each in bars]
    assert "shop/US-002, attempt 1, claude: lost after 24m00s: `make test` exited with 2" in titles
    for each in bars:
        rects = [(float(r.get("x", 0)), float(r.get("width", 0))) for r in each.iter("rect")]
        (left, width), *pieces = rects
        assert all(left - 0.2 <= x and x + w <= left + width + 0.2 for x, w in pieces)
    assert picture.findtext("desc", "").startswith("4 of 7 stories")


def test_a_picture_of_a_very_long_night_has_bounds() -> None:
    tries = [attempt(n, 1, BEGAN + 20 * n, 15, End.AGAIN) for n in range(1, BARS_MAX + 500)]
    picture = timeline(
        report(part("P", "p", [line("A", "a", tries, "failed")], "failed")), zone_s=0
    )
    assert picture is not None
    assert sum(1 for _ in picture.iter("g")) == BARS_MAX
    assert sum(1 for _ in picture.iter("rect")) <= BARS_MAX + PIECES_MAX

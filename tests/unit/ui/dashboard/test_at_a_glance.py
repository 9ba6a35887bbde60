"""What a person has to know first: what is wrong, what to do, and how much of it is known."""

from __future__ import annotations

import pytest

from prd_supervise.policies.approval import EVERYTHING_WAITS
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.shell.status.document import (
    AgentStatus,
    RootStatus,
    StatusDocument,
)
from prd_supervise.supervisor.ui.dashboard.banner import banner
from prd_supervise.supervisor.ui.dashboard.seen import Seen
from prd_supervise.supervisor.ui.dashboard.sharing import Want, shared, window
from prd_supervise.supervisor.ui.dashboard.trouble_rows import trouble_rows
from prd_supervise.supervisor.ui.dashboard.troubles import in_short, troubles
from prd_supervise.supervisor.ui.looks.bars import meter
from prd_supervise.supervisor.ui.looks.rows import Size, Style, Tone
from prd_supervise.supervisor.ui.looks.states import state_of
from prd_supervise.supervisor.ui.words.times import elapsed
from tests.support.dashboard_night import (
    NIGHT,
    NOW,
    PAYMENT,
    ROOT,
    SEARCH,
    SEEN,
    Viewer,
    gone,
    prd,
    story,
)


def told(seen: Seen) -> str:
    span = banner(seen)
    return "" if span is None else span.text


def test_what_wants_a_person_is_told_worst_first() -> None:
    full = replace(NIGHT, root=replace(ROOT, state="storage full", note="the disk is full"))
    assert [(each.what, each.why) for each in troubles(full)] == [
        ("root", "nothing new starts: the disk is full"),
        ("PRD-002/US-004", "waits for approval: Invoice PDF"),
        ("gemini", "no start: its login is refused (401)"),
        (
            "PRD-001/US-011",
            "failed: 3 attempts failed, the last one: `make test` exited with 1",
        ),
    ]


def test_a_prd_that_failed_as_a_whole_is_told_once() -> None:
    whole = prd("P", "failed", reasons=("its base is gone",))
    by_story = prd("Q", "failed", story("S", "failed"), reasons=("S: 3 attempts",))
    found = troubles(StatusDocument(prds=(whole, by_story)))
    assert [(each.what, each.why) for each in found] == [
        ("P", "failed: its base is gone"),
        ("Q/S", "failed"),
    ]


def test_a_budget_is_told_of_its_prd_and_not_of_each_story_again() -> None:
    poor = story("S", "waiting", budget_used="$2")
    both = prd("P", "active", poor, budget_used="$9")
    one = prd("Q", "active", poor)
    assert [each.what for each in troubles(StatusDocument(prds=(both, one)))] == ["P", "Q/S"]


def test_what_is_too_much_is_told_in_a_row_a_prd_and_kind() -> None:
    waiting = [story(f"US-{n}", "waiting for approval", awaits="merge") for n in range(5)]
    failed = [story(f"US-{n}", "failed") for n in range(5, 8)]
    two = [prd(f"P-{n}", "active", *waiting, *failed) for n in (1, 2)]
    found = troubles(StatusDocument(root=ROOT, prds=tuple(two)))
    assert len(found) == 16
    assert [(each.what, each.why) for each in in_short(found, 6)] == [
        ("P-1", "5 stories wait for approval: US-0, US-1, US-2, US-3, US-4"),
        ("P-2", "5 stories wait for approval: US-0, US-1, US-2, US-3, US-4"),
        ("P-1", "3 stories failed: US-5, US-6, US-7"),
        ("P-2", "3 stories failed: US-5, US-6, US-7"),
    ]
    assert in_short(found, 16) == found
    (row, *_) = trouble_rows(found, 40, 6, Style(has_colour=False))
    assert "".join(span.text for span in row) == "? P-1  5 stories wait for approval: US-…"


def test_agents_stay_rows_of_their_own_even_where_their_names_are_alike() -> None:
    shut = AgentStatus(agent="a", account="x", state="closed", why="its login is refused")
    found = troubles(StatusDocument(root=ROOT, agents=(shut, replace(shut, account="y"))))
    assert len(in_short(found, 1)) == len(found) == 2


def test_a_prd_that_only_waits_for_people_says_so() -> None:
    idle = prd("P", "active", story("S", "waiting", awaits="merge"), story("T", "waiting"))
    assert state_of(idle) == "waiting for approval"
    assert state_of(PAYMENT) == "running", "something of it is at work"


def test_that_everything_waits_is_counted_once() -> None:
    asks = prd("P", "active", story("S", "waiting", awaits="merge"))
    document = StatusDocument(root=replace(ROOT, note=EVERYTHING_WAITS), prds=(asks,))
    assert [each.what for each in troubles(document)] == ["P/S"]


def test_a_prd_that_could_not_land_is_told_with_what_to_type() -> None:
    kept = prd("P", "completed", landed="not landed: main has moved on")
    (found,) = troubles(StatusDocument(root=ROOT, prds=(SEARCH, kept)))
    assert found.why == "all is done, but not landed: main has moved on"
    assert found.cure == "prd-supervise start P"


def test_no_key_is_offered_where_no_root_could_hear_it() -> None:
    assert all(not each.cure for each in troubles(replace(NIGHT, root=RootStatus())))
    assert "hold" not in Viewer(gone(SEARCH, prd("P", "interrupted"))).lines[-1]


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        (SEEN, ""),
        (
            replace(SEEN, is_live=False, problem="no answer within 2 s", now=NOW + 61),
            "no answer within 2 s; what stands here is 1m01s old, and orders have to wait",
        ),
        (
            replace(SEEN, document=replace(NIGHT, schema_version=7)),
            (
                "root speaks status version 7, this command 1: what it does not know is not "
                "shown; install the version that root has"
            ),
        ),
        (
            replace(SEEN, document=replace(NIGHT, root=replace(ROOT, state="stopping"))),
            "root is stopping: work in hand may finish within its grace, nothing new begins",
        ),
        (
            gone(prd("P", "stopped"), SEARCH),
            "root does not run, and 1 PRD is not finished: `prd-supervise resume` goes on",
        ),
        (
            gone(prd("P", "failed"), SEARCH),
            (
                "ended: 1 completed, 1 failed; `prd-supervise report` says how it went, "
                "`prd-supervise resume --retry` gives what failed a new start"
            ),
        ),
        (
            gone(SEARCH, prd("P", "completed", branch="feature/P")),
            (
                "ended: everything is done; `git merge feature/PRD-003` takes the work, and so on "
                "for 2 PRDs, `prd-supervise report` says how it went"
            ),
        ),
        (
            gone(replace(SEARCH, landed="landed in main")),
            (
                "ended: everything is done; the work has landed, "
                "`prd-supervise report` says how it went"
            ),
        ),
        (
            gone(),
            "nothing has been run here yet: `prd-supervise start` runs the PRDs that it finds",
        ),
    ],
)
def test_one_sentence_says_what_is_to_be_known_first(seen: Seen, text: str) -> None:
    assert told(seen) == text


def test_nothing_goes_on_that_nobody_knows_of() -> None:
    old = replace(SEEN, now=NOW + 3600, is_live=False)
    assert "4m12s" in Viewer(old).text
    assert "1h04m" not in Viewer(old).text


def test_times_are_those_of_local_clocks() -> None:
    text = Viewer(replace(SEEN, zone_s=-3600.0)).text
    assert "02:12:44" in text
    assert "02:12:41  PRD-002/US-004" in text


def test_no_key_is_named_for_what_is_held_where_no_root_hears_it() -> None:
    held = prd("P", "interrupted", held=True)
    assert "u releases it" in Viewer(replace(SEEN, document=replace(NIGHT, prds=(held,)))).text
    assert "u releases it" not in Viewer(gone(held)).text


def test_one_row_has_the_most_important() -> None:
    def row(*keys: str) -> str:
        return Viewer(size=Size(columns=60, rows=1)).press(*keys).text

    assert row().startswith("running 2h05m  3 want you  15/39 done")
    assert row("l").startswith("● PRD-001  running, 8/12 done")
    assert row("s") == "y yes  n no"
    assert row("/", "a").startswith("/a_")


def test_rows_that_a_short_list_leaves_tell_what_wants_a_person() -> None:
    rows = Viewer(size=Size(columns=40, rows=9)).text.splitlines()
    begin = ["? PRD-002/US", "! gemini  no", "! PRD-001/US", "> ▸ ● PRD-00"]
    assert [row[:12] for row in rows[1:5]] == begin


def test_limits_are_told_with_the_time_they_lift() -> None:
    agents = (
        AgentStatus(agent="a", account="a", state="parked", why="its limit", until=NOW + 90_000),
        AgentStatus(agent="b", account="b", state="strained", utilization=0.93),
        AgentStatus(agent="c", account="c", state="trial", why="it is overloaded"),
    )
    seen = replace(SEEN, document=replace(NIGHT, agents=agents), zone_s=7200.0)
    text = Viewer(seen, Size(columns=100, rows=40)).text
    assert "a  no start until Nov 22, 06:12 (in 1d01h): its limit" in text
    assert "b  93% of its limit is used, fewer run at once" in text
    assert "c  one start is tried, the others follow when its model answers: it is over" in text


def test_states_are_told_apart_without_colour() -> None:
    states = ["done", "failed", "running", "waiting", "held", "backing off", "skipped"]
    stories = [story(f"US-{place}", state) for place, state in enumerate(states)]
    seen = replace(SEEN, document=replace(NIGHT, prds=(prd("P", "active", *stories),)))
    for style in (Style(has_colour=False), Style(is_ascii=True)):
        viewer = Viewer(seen, Size(columns=80, rows=40), style)
        marks = {
            line.lstrip("> ").split()[0]
            for line in viewer.lines
            if line.lstrip("> ")[2:].startswith("US-")
        }
        assert len(marks) == len(states)


@pytest.mark.parametrize(
    ("counts", "total", "bar"),
    [
        ((0, 0, 0), 0, "....."),
        ((5, 0, 0), 5, "#####"),
        ((99, 0, 0), 100, "####."),
        ((1, 0, 0), 100, "#...."),
        ((0, 1, 1), 100, "x=..."),
        ((50, 50, 0), 100, "##xx."),
        ((9, 9, 9), 3, "##xx="),
    ],
)
def test_a_bar_shows_what_there_is_one_of_and_is_full_only_when_all_is_done(
    counts: tuple[int, int, int], total: int, bar: str
) -> None:
    spans = meter(counts, total, 5, Style(is_ascii=True))
    assert "".join(span.text for span in spans) == bar


def test_rows_go_to_who_needs_them_most_and_then_round() -> None:
    wants = [Want(2, 4, 9), Want(1, 2, 2), Want(3, 3, 8)]
    assert shared(0, wants) == [0, 0, 0]
    assert shared(2, wants) == [2, 0, 0]
    assert shared(3, wants) == [2, 1, 0]
    assert shared(6, wants) == [2, 1, 3]
    assert shared(9, wants) == [4, 2, 3]
    assert shared(11, wants) == [5, 2, 4]
    assert shared(99, wants) == [9, 2, 8]


def test_the_cursor_is_in_the_window() -> None:
    assert [window(10, row, 4) for row in (0, 2, 5, 9)] == [0, 0, 3, 6]
    assert window(3, 2, 10) == 0


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-1, "0s"), (59.9, "59s"), (60, "1m00s"), (7500, "2h05m"), (90_000, "1d01h")],
)
def test_amounts_of_time_are_short(seconds: float, text: str) -> None:
    assert elapsed(seconds) == text


def test_a_prd_in_which_nothing_can_go_on_is_said_to_wait() -> None:
    why = "waits for claude until 05:00, its limit"
    parked = prd("P", "active", story("S", "waiting", reason=why), note=why)
    assert state_of(parked) == "waiting"
    assert state_of(replace(parked, held=True)) == "held"
    assert state_of(replace(parked, stories=(story("S", "running"),))) == "running"
    assert state_of(replace(parked, note="")) == "running", "it has just begun"


def test_the_reason_of_a_whole_prd_is_not_told_again_of_each_story() -> None:
    why = "waits for claude until 05:00, its limit"
    parked = prd("P", "active", story("S", "waiting", reason=why), note=why)
    viewer = Viewer(replace(SEEN, document=replace(NIGHT, prds=(parked,), agents=())))
    told = [line for line in viewer.lines if "waits for claude" in line]
    assert len(told) == 2, "in its row, and at the bottom"
    assert "Title of S" in viewer.text


def test_what_is_being_stopped_says_so_whatever_else_it_is() -> None:
    ending = prd("P", "active", story("S", "running"), stopping=True, held=True)
    assert state_of(ending) == "stopping"
    assert state_of(replace(ending, awaits="prd")) == "stopping"


def test_the_number_of_an_attempt_is_whole_however_large() -> None:
    many = prd("P", "active", story("S", "running", attempt=120), story("T", "running", attempt=2))
    text = Viewer(replace(SEEN, document=replace(NIGHT, prds=(many,)))).text
    assert ("  #120  " in text, "  #2    " in text) == (True, True)


def test_a_long_word_for_a_state_takes_no_room_from_the_titles() -> None:
    asked = prd("P", "active", story("S", "waiting", awaits="merge"))
    viewer = Viewer(replace(SEEN, document=replace(NIGHT, prds=(asked, SEARCH))))
    assert "approval?" in viewer.text
    assert "Title of P" in viewer.text


def test_an_approval_is_told_on_a_phone_with_its_title() -> None:
    viewer = Viewer(size=Size(columns=40, rows=30))
    assert "? PRD-002/US-004  approval? Invoice PDF" in viewer.text


def test_one_row_for_what_wants_a_person_has_the_worst_of_it() -> None:
    viewer = Viewer(size=Size(columns=40, rows=12))
    heading = next(at for at, line in enumerate(viewer.lines) if line.startswith("Wants you 3"))
    assert viewer.lines[heading + 1].startswith("? PRD-002/US-004")


def test_the_bar_under_the_cursor_looks_as_it_does_in_every_row() -> None:
    screens = (Viewer().rows, Viewer().press("j").rows)
    rows = [next(row for row in each if "8/12" in str(row)) for each in screens]
    bars = [[span for span in row if set(span.text) <= set("█x▒░")] for row in rows]
    assert bars[0] == bars[1]
    assert len(bars[0]) > 2
    assert {span.tone for span in rows[0]} > {Tone.SELECTED, Tone.GOOD}

from __future__ import annotations

import re

import pytest

from prd_supervise.policies.values import replace
from prd_supervise.supervisor.shell.status.document import PrdStatus
from prd_supervise.supervisor.ui.dashboard.chosen import Region
from prd_supervise.supervisor.ui.dashboard.entries import entry_under
from prd_supervise.supervisor.ui.dashboard.keys import Key
from prd_supervise.supervisor.ui.dashboard.pressing import TYPED_MAX
from prd_supervise.supervisor.ui.dashboard.seen import Page, PageKind, Seen, StoryName
from prd_supervise.supervisor.ui.dashboard.wishes import OpenPage, Order, Quit, Verb
from prd_supervise.supervisor.ui.looks.rows import Size
from tests.support.dashboard_night import (
    EVENTS,
    LOGIN,
    MAIL,
    NIGHT,
    PAYMENT,
    SEARCH,
    SEEN,
    Viewer,
    prd,
    story,
)


def under(viewer: Viewer) -> StoryName | None:
    entry = entry_under(viewer.seen, viewer.chosen)
    return entry.name if entry is not None else None


def with_prds(*prds: PrdStatus) -> Seen:
    return replace(SEEN, document=replace(NIGHT, prds=prds))


def test_the_cursor_goes_down_and_up_and_stops_at_the_ends() -> None:
    viewer = Viewer()
    assert under(viewer) == ("PRD-001", "")
    assert under(viewer.press("j", Key.DOWN)) == ("PRD-004", "")
    assert under(viewer.press("k")) == ("PRD-002", "")
    assert under(viewer.press("G", "j")) == ("PRD-003", "")
    assert under(viewer.press("g", Key.UP)) == ("PRD-001", "")
    assert under(viewer.press(Key.PAGE_DOWN)) == ("PRD-003", "")


def test_what_goes_on_or_went_wrong_stands_above_what_waits_or_is_over() -> None:
    states = ["completed", "queued", "stopped", "active", "odd", "interrupted", "failed"]
    viewer = Viewer(with_prds(*(prd(f"P-{state}", state) for state in states)))
    order = [found[1] for line in viewer.lines if (found := re.search(r"P-(\w+) .*0/0", line))]
    assert order == ["active", "failed", "interrupted", "stopped", "queued", "odd", "completed"]


def test_the_cursor_stays_on_its_prd_when_rows_come_and_go() -> None:
    viewer = Viewer().press("j")
    viewer.seen = with_prds(prd("PRD-000", "queued"), MAIL, LOGIN, PAYMENT)
    assert under(viewer) == ("PRD-002", "")
    viewer.press("k")
    assert under(viewer) == ("PRD-001", "")


def test_the_cursor_falls_on_the_row_where_it_was_when_its_name_is_gone() -> None:
    viewer = Viewer().press("j")
    viewer.seen = with_prds(LOGIN, SEARCH, MAIL)
    assert under(viewer) == ("PRD-004", "")
    viewer.press("G").seen = with_prds(LOGIN, MAIL)
    assert under(viewer) == ("PRD-004", ""), "it is the last row"
    viewer.seen = with_prds()
    assert under(viewer) is None
    assert viewer.press("j", Key.ENTER, " ", "G").wishes == []


def test_a_story_s_cursor_falls_on_its_prd_when_that_is_folded() -> None:
    viewer = Viewer().press(" ", "j", "j")
    assert under(viewer) == ("PRD-001", "US-002")
    assert under(viewer.press(Key.LEFT)) == ("PRD-001", "")
    assert under(viewer.press("j")) == ("PRD-002", "")


def test_the_cursor_falls_on_its_prd_wherever_that_stands_when_all_are_folded() -> None:
    viewer = Viewer().press("j", " ", "j", "j", "j")
    assert under(viewer) == ("PRD-002", "US-003")
    assert under(viewer.press("z")) == ("PRD-002", "")


def test_a_story_of_a_prd_that_has_ended_is_not_at_work_whatever_it_says() -> None:
    viewer = Viewer(with_prds(replace(LOGIN, state="stopped"), PAYMENT))
    assert "At work 1" in viewer.text


def test_the_only_prd_stands_unfolded_until_it_is_folded() -> None:
    viewer = Viewer(with_prds(PAYMENT))
    assert under(viewer.press("j")) == ("PRD-002", "US-001")
    viewer.press(Key.LEFT)
    assert "US-001" not in viewer.text
    viewer.seen = SEEN
    assert "US-001" not in viewer.text, "what is folded by hand stays so"


def test_enter_unfolds_a_prd_and_z_all_of_them() -> None:
    viewer = Viewer(size=Size(columns=100, rows=60)).press(Key.ENTER)
    assert "US-012" in viewer.text
    viewer.press(Key.ENTER)
    assert "US-012" not in viewer.text
    viewer.press("z")
    assert "US-012" in viewer.text
    assert "Title of US-008" in viewer.text
    viewer.press("z")
    assert "US-012" not in viewer.text


def test_tab_goes_through_the_regions_that_have_something_in_them() -> None:
    viewer = Viewer()
    regions = [viewer.press(Key.TAB).chosen.region for _ in range(3)]
    assert regions == [Region.WORK, Region.EVENTS, Region.PRDS]
    assert viewer.press(Key.BACK_TAB).chosen.region is Region.EVENTS
    idle = Viewer(replace(with_prds(MAIL), events=()))
    assert idle.press(Key.TAB).chosen.region is Region.PRDS


def test_the_list_of_events_stays_where_the_viewer_went_back_to() -> None:
    seen = replace(SEEN, events=tuple({**EVENTS[0], "text": f"number {n}"} for n in range(40)))
    viewer = Viewer(seen, Size(columns=80, rows=40)).press(Key.BACK_TAB, *"kkkk")
    assert "number 35" in viewer.text
    assert "number 36" not in viewer.text
    viewer.seen = replace(seen, events=(*seen.events[5:], {**EVENTS[0], "text": "number 40"}))
    assert "number 35" in viewer.text
    assert "number 36" not in viewer.text
    assert "number 40" in viewer.press("G").text
    assert viewer.chosen.until is None
    assert "number 5\n" in viewer.press("g").text
    oldest = viewer.lines
    assert viewer.press("j").lines != oldest, "the first key back shows the next one"
    assert viewer.press("k", "k").lines == oldest
    viewer.seen = replace(seen, events=seen.events[-3:])
    assert "number 39" in viewer.text, "what it went back to is not kept any more"


def test_the_filter_takes_what_is_typed_and_escape_shows_all_again() -> None:
    viewer = Viewer().press("/", *"INvoice pdx", Key.BACKSPACE, "f")
    assert viewer.chosen.filter == "INvoice pdf"
    assert "US-004" in viewer.text
    assert "PRD-001  " not in viewer.text
    viewer.press(Key.ENTER, "j")
    assert under(viewer) == ("PRD-002", "US-004")
    viewer.press(Key.ESCAPE)
    assert viewer.chosen.filter == ""
    assert "PRD-003" in viewer.text


def test_a_filter_finds_states_and_agents_and_says_when_it_finds_nothing() -> None:
    assert "US-011" in Viewer().press("/", *"failed").text
    assert "US-009" in Viewer().press("/", *"codex").text
    assert "nothing here is called so" in Viewer().press("/", *"no such thing").text
    dropped = Viewer().press("/", *"abc", Key.ESCAPE)
    assert (dropped.chosen.filter, dropped.chosen.is_filtering) == ("", False)
    erased = Viewer().press("/", *"abc", Key.ERASE, "d")
    assert erased.chosen.filter == "d"


def test_what_is_typed_is_bounded_and_has_no_control_characters() -> None:
    viewer = Viewer().press("/", "a", "\x1b", "\n", "\u202e", *("x" * 2 * TYPED_MAX))
    assert viewer.chosen.filter == "a" + "x" * (TYPED_MAX - 1)


def test_of_a_long_text_the_end_is_shown_where_the_next_character_goes() -> None:
    viewer = Viewer().press("/", *("日本語" * 40), *"the end")
    assert "the end_" in viewer.lines[-1]
    asked = Viewer().press("n", "x", *("x" * 200), *"the end")
    assert "the end_" in asked.text


def test_what_is_said_to_a_key_is_gone_with_the_next() -> None:
    viewer = Viewer().press("a")
    assert "PRD-001 does not wait for approval" in viewer.text
    assert "does not wait for approval" not in viewer.press("j").text


def test_n_goes_from_one_that_wants_a_person_to_the_next() -> None:
    viewer = Viewer().press("n")
    assert under(viewer) == ("PRD-002", "US-004")
    assert under(viewer.press("n")) == ("PRD-001", "US-011")
    assert under(viewer.press("n")) == ("PRD-002", "US-004")
    assert under(viewer.press("N")) == ("PRD-001", "US-011")
    fine = Viewer(with_prds(SEARCH)).press("n")
    assert fine.chosen.notice == "nothing here wants you"


def test_q_quits_the_list_but_only_closes_a_page() -> None:
    viewer = Viewer().press("l", "q")
    assert viewer.chosen.opened is None
    assert viewer.wishes == [OpenPage(name=("PRD-001", ""), kind=PageKind.LOG)]
    assert viewer.press("q").wishes[-1] == Quit()


def test_a_story_opens_at_its_log_and_one_that_is_done_at_its_evidence() -> None:
    viewer = Viewer().press(" ", "j", Key.ENTER)
    assert viewer.wishes[-1] == OpenPage(name=("PRD-001", "US-001"), kind=PageKind.EVIDENCE)
    viewer.press(Key.ESCAPE, *"jjjjjjjj", Key.ENTER)
    assert viewer.wishes[-1] == OpenPage(name=("PRD-001", "US-009"), kind=PageKind.LOG)


def test_tab_goes_through_the_pages_of_a_story_and_each_is_asked_for() -> None:
    viewer = Viewer().press("l", *[Key.TAB] * 5, Key.LEFT)
    kinds = [wish.kind for wish in viewer.wishes if isinstance(wish, OpenPage)]
    log, prompt, diff, evidence, events = PageKind
    assert kinds == [log, prompt, diff, evidence, events, log, events]


def test_a_page_that_grows_is_followed_until_the_viewer_goes_up() -> None:
    name = ("PRD-001", "")
    lines = tuple(f"line {number}" for number in range(100))
    viewer = Viewer().press("l")
    viewer.seen = replace(SEEN, page=Page(name=name, kind=PageKind.LOG, lines=lines))
    assert "line 99" in viewer.text
    viewer.press("k")
    assert "line 99" not in viewer.text
    assert "line 98" in viewer.text
    first = viewer.lines[2]
    more = Page(name=name, kind=PageKind.LOG, lines=(*lines[10:], "line 100"), skipped=10)
    viewer.seen = replace(SEEN, page=more)
    assert viewer.lines[2] == first, "its place stays when more comes and the beginning goes"
    viewer.press("G")
    assert "line 100" in viewer.text
    assert viewer.chosen.opened is not None
    assert viewer.chosen.opened.top is None, "it is followed again"
    assert viewer.press("k", "f").chosen.opened.top is None  # type: ignore[union-attr]


def test_a_line_that_is_higher_than_the_screen_is_followed_to_its_end() -> None:
    viewer = Viewer(size=Size(columns=20, rows=6)).press("l")
    line = "some-words " * 4 + "and the end"
    page = Page(name=("PRD-001", ""), kind=PageKind.LOG, lines=("first", line))
    viewer.seen = replace(SEEN, page=page)
    assert viewer.lines[-2] == "end"


def test_the_page_of_another_story_is_not_shown_while_the_right_one_is_looked_for() -> None:
    other = Page(name=("PRD-009", "US-1"), kind=PageKind.LOG, lines=("secret",))
    viewer = Viewer(replace(SEEN, page=other)).press("l")
    assert "secret" not in viewer.text
    assert "looking ..." in viewer.text
    assert viewer.press("j").chosen.opened is not None


def test_a_page_stays_open_when_its_story_is_gone_and_takes_no_orders() -> None:
    viewer = Viewer().press("l")
    viewer.seen = with_prds(MAIL)
    assert "PRD-001  is not there any more" in viewer.text
    assert viewer.press("h").chosen.question is None


@pytest.mark.parametrize("key", ["y", "Y"])
def test_an_order_is_given_only_after_its_question(key: str) -> None:
    viewer = Viewer().press("h")
    assert viewer.wishes == []
    assert "Hold PRD-001?" in viewer.text
    assert viewer.press(key).wishes == [Order(verb=Verb.HOLD, prd="PRD-001")]
    assert viewer.chosen.question is None


@pytest.mark.parametrize("key", ["n", "q", Key.ESCAPE])
def test_an_order_is_dropped_by_a_no(key: str) -> None:
    viewer = Viewer().press("s", key)
    assert (viewer.wishes, viewer.chosen.question) == ([], None)


def test_a_question_waits_for_yes_or_no_whatever_else_is_pressed() -> None:
    viewer = Viewer().press("s", "j", Key.ENTER, "x", " ")
    assert viewer.wishes == []
    assert viewer.chosen.question is not None


def test_an_order_is_for_what_was_asked_about_though_the_rows_have_moved() -> None:
    viewer = Viewer().press("h")
    viewer.seen = with_prds(MAIL, SEARCH, PAYMENT)
    assert viewer.press("y").wishes == [Order(verb=Verb.HOLD, prd="PRD-001")]


def test_a_rejection_wants_a_reason() -> None:
    viewer = Viewer().press("n", "x", *"  ", Key.ENTER)
    assert viewer.chosen.notice == "a reason is wanted; Esc lets it be"
    viewer.press(*"the yes is wronh", Key.BACKSPACE, "g", Key.ENTER)
    order = Order(
        verb=Verb.REJECT, prd="PRD-002", story="US-004", reason="the yes is wrong", attempt=1
    )
    assert viewer.wishes == [order]
    assert order.target == "PRD-002/US-004"


def test_an_order_on_a_page_is_for_what_the_page_is_of() -> None:
    viewer = Viewer().press("n", "l", "a", "y")
    assert viewer.wishes[-1] == Order(verb=Verb.APPROVE, prd="PRD-002", story="US-004", attempt=1)
    assert viewer.chosen.opened is not None


def test_help_is_scrolled_and_closed_and_keeps_everything_else_out() -> None:
    viewer = Viewer(size=Size(columns=80, rows=10)).press("?", "s", "/")
    assert viewer.chosen.question is None
    assert "down, up" in viewer.text
    viewer.press("G")
    assert "waiting" in viewer.text
    viewer.press("k", *["k"] * 200)
    assert "down, up" in viewer.text, "the way back is as long as the way there"
    assert viewer.press("?").chosen.help_top is None


def test_a_key_that_means_nothing_does_nothing() -> None:
    viewer = Viewer()
    before = viewer.press("j").chosen
    assert viewer.press("%", "日", "", Key.BACKSPACE, "no key at all").chosen == before


def test_orders_in_the_list_of_events_ask_for_a_choice_first() -> None:
    viewer = Viewer().press(Key.BACK_TAB, "h")
    assert viewer.chosen.notice == "hold: choose a PRD or a story first"
    assert viewer.press("o").chosen.notice == "there is nothing to open here"


def test_a_story_that_ends_leaves_the_cursor_among_those_at_work() -> None:
    viewer = Viewer().press(Key.TAB, "j")
    assert under(viewer) == ("PRD-001", "US-010")
    ended = replace(
        LOGIN, stories=(*LOGIN.stories[:9], story("US-010", "done"), *LOGIN.stories[10:])
    )
    viewer.seen = with_prds(ended, PAYMENT)
    assert under(viewer) == ("PRD-002", "US-003")


@pytest.mark.parametrize("size", [(40, 12), (80, 8), (80, 24), (100, 60), (200, 45)])
def test_each_key_moves_the_list_of_events_on_any_screen(size: tuple[int, int]) -> None:
    events = tuple({**EVENTS[0], "story": f"S-{n}"} for n in range(300))
    terminal = Size(columns=size[0], rows=size[1])
    viewer = Viewer(replace(SEEN, events=events), terminal).press(Key.BACK_TAB, "g")
    for _ in range(3):
        before = viewer.lines
        assert viewer.press("j").lines != before


def test_the_cursor_goes_to_the_prds_when_nothing_is_at_work_any_more() -> None:
    viewer = Viewer().press(Key.TAB, "j")
    viewer.seen = with_prds(SEARCH, MAIL)
    assert any(line.startswith("> ") for line in viewer.lines), "it is seen at once"
    assert under(viewer.press("g")) == ("PRD-004", "")
    assert viewer.chosen.region is Region.PRDS


def test_a_list_of_prds_says_which_row_it_shows_wherever_the_cursor_is() -> None:
    viewer = Viewer().press("z", "G")
    count = next(line.rsplit("─ ", 1)[1] for line in viewer.lines if line.startswith("PRDs"))
    row = count.split(" of ", maxsplit=1)[0]
    assert row == count.split(" of ")[1]
    assert count in viewer.press(Key.BACK_TAB).text


def test_what_a_filter_has_found_keeps_the_cursor_when_all_are_shown_again() -> None:
    viewer = Viewer().press("G", "/", *"PRD-002", Key.ENTER)
    assert under(viewer) == ("PRD-002", "")
    assert under(viewer.press(Key.ESCAPE)) == ("PRD-002", "")
    viewer.press("/", *"PRD-001", Key.ESCAPE)
    assert under(viewer) == ("PRD-002", ""), "a filter that is dropped has chosen nothing"

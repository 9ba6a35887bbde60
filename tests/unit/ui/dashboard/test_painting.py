from __future__ import annotations

import pyte
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.supervisor.ui.dashboard.painting import Ink, painted
from prd_supervise.supervisor.ui.looks.rows import Row, Span, Tone

COLUMNS, ROWS = 12, 4
INK = Ink(
    tones={Tone.BAD: "\x1b[31m", Tone.SELECTED: "\x1b[7m"},
    normal="\x1b[m",
    erase="\x1b[K",
    move=lambda row: f"\x1b[{row + 1};1H",
    begin="\x1b[?2026h",
    end="\x1b[?2026l",
)


def row(text: str, tone: Tone = Tone.PLAIN) -> Row:
    return (Span(text, tone),)


rows = st.lists(
    st.builds(row, st.text("ab é", max_size=COLUMNS), st.sampled_from(Tone)),
    min_size=ROWS,
    max_size=ROWS,
)


def test_only_rows_that_have_changed_are_sent() -> None:
    before = [row("one"), row("two"), row("three")]
    text = painted(before, [row("one"), row("2"), row("three")], INK, COLUMNS)
    assert text == "\x1b[?2026h\x1b[2;1H2\x1b[K\x1b[?2026l"
    assert painted(before, list(before), INK, COLUMNS) == ""


def test_a_change_of_tone_alone_is_a_change() -> None:
    assert "\x1b[31mone\x1b[m" in painted([row("one")], [row("one", Tone.BAD)], INK, COLUMNS)


def test_a_full_row_is_not_followed_by_an_erasure_that_would_take_its_last_character() -> None:
    text = painted([], [row("x" * COLUMNS)], INK, COLUMNS)
    assert INK.erase not in text


def test_what_a_terminal_would_obey_is_not_passed_on() -> None:
    text = painted([], [row("a\x1b[2Jb\x9b1m\u202ec")], INK, 80)
    assert "\x1b[2J" not in text
    assert "\x9b" not in text
    assert "\u202e" not in text


@given(pictures=st.lists(rows, min_size=1, max_size=6))
def test_after_any_pictures_the_screen_shows_the_last_one(pictures: list[list[Row]]) -> None:
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.Stream(screen)
    before: list[Row] = []
    for picture in pictures:
        stream.feed(painted(before, picture, INK, COLUMNS))
        before = picture
    shown = ["".join(span.text for span in each) for each in pictures[-1]]
    assert screen.display == [text.ljust(COLUMNS) for text in shown]

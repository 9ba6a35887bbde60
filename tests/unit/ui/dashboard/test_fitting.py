from __future__ import annotations

import pytest

from prd_supervise.supervisor.ui.dashboard.fitting import laid, padded, shown, wrapped
from prd_supervise.supervisor.ui.looks.columns import cells, filled
from prd_supervise.supervisor.ui.looks.rows import Span, Style, Tone


@pytest.mark.parametrize(
    ("text", "width", "found"),
    [
        ("plain", 5, "plain"),
        ("plainer", 5, "plai…"),
        ("日本語", 6, "日本語"),
        ("日本語", 5, "日本…"),
        ("日本語", 4, "日…"),
        ("e\u0301a", 2, "e\u0301a"),
        ("\u0301a", 2, "a"),
        ("a" + "\u0301" * 9, 2, "a\u0301\u0301"),
        ("👍🏽 ok", 9, "👍 ok"),
        ("👨\u200d👩", 9, "👨👩"),
        ("🇩🇪", 9, "DE"),
        ("1\ufe0f\u20e3", 9, "1"),
        ("❤\ufe0f", 9, "❤"),
        ("a\x1b[31mb\nc", 20, "a [31mb c"),
        ("\u202eevil", 20, "evil"),
        ("\ud800x", 20, " x"),
        ("x", 0, ""),
        ("", 3, ""),
        ("xy", 1, "…"),
    ],
)
def test_text_from_outside_takes_the_cells_that_it_is_said_to(
    text: str, width: int, found: str
) -> None:
    assert shown(text, width) == found
    assert cells(found) <= width


def test_a_terminal_of_ascii_gets_a_question_mark_a_character() -> None:
    assert shown("日本 e\u0301 🇩🇪…", 20, is_ascii=True) == "?? e DE?"
    assert shown("too long", 5, is_ascii=True) == "too ~"


def test_a_text_of_a_megabyte_is_not_read_to_its_end() -> None:
    assert shown("\u0301" * (1 << 20), 10) == "…"
    assert shown("x" * (1 << 20), 3) == "xx…"


def test_padding_makes_a_column() -> None:
    assert padded("日本", 6) == "日本  "
    assert padded("7", 3, is_right=True) == "  7"
    assert padded("7", 0) == ""


def test_a_row_is_cut_where_the_screen_ends_and_keeps_its_tones() -> None:
    row = laid([Span("abc", Tone.BAD), Span("def", Tone.GOOD), Span("never")], 5, Style())
    assert row == (Span("abc", Tone.BAD), Span("d…", Tone.GOOD))


def test_a_sentence_is_broken_between_words_and_says_where_it_was_cut() -> None:
    assert wrapped("one two three", 7, 2, Style()) == ["one two", "three"]
    assert wrapped("one two three four", 7, 2, Style()) == ["one two", "three …"]
    assert wrapped("anything", 0, 2, Style()) == []


def test_an_indent_wider_than_the_screen_ends_nothing() -> None:
    assert filled("ab cde", 2, "   ") == ["ab", "   c", "   d", "   e"]

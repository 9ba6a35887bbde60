from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.supervisor.prd.graph.wordpiece import TOKENS_MAX, tokens, vocabulary

PIECES = vocabulary(
    "[PAD]\n[UNK]\n[CLS]\n[SEP]\nun\n##aff\n##able\ncafe\n,\n中\nlog\n##in\nlogin\n$\n"
)
NAMES = {number: piece for piece, number in PIECES.items()}


def pieces(text: str) -> list[str]:
    first, *inner, last = [NAMES[number] for number in tokens(text, PIECES)]
    assert (first, last) == ("[CLS]", "[SEP]")
    return inner


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("login", ["login"]),  # the longest piece first
        ("Unaffable", ["un", "##aff", "##able"]),
        ("CAFÉ,log", ["cafe", ",", "log"]),
        ("cafe\u0301\t$log\n", ["cafe", "$", "log"]),
        ("log中login", ["log", "中", "login"]),
        ("lo\u200bg\x00in\ufffd", ["login"]),  # what is not seen does not count
        ("unlog log", ["[UNK]", "log"]),  # half a word is no word
        ("in", ["[UNK]"]),  # only known inside of words
        ("log" * 34, ["[UNK]"]),
    ],
)
def test_a_text_becomes_the_longest_pieces_that_are_known(text: str, expected: list[str]) -> None:
    assert pieces(text) == expected


def test_a_long_text_is_cut_where_the_model_ends() -> None:
    found = tokens("login " * 10_000_000, PIECES)
    assert len(found) == TOKENS_MAX
    assert found[-1] == PIECES["[SEP]"]


@settings(deadline=None)
@given(st.text())
def test_any_text_becomes_known_numbers(text: str) -> None:
    assert set(tokens(text, PIECES)) <= set(PIECES.values())

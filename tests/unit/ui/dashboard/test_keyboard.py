from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.supervisor.ui.dashboard.keyboard import (
    ESCAPE_S,
    HELD_CHARS_MAX,
    PASTE_S,
    Control,
    Keyboard,
    Pasted,
    Stroke,
)
from prd_supervise.supervisor.ui.dashboard.keys import Key


def typed(*pieces: bytes) -> list[Stroke]:
    keyboard = Keyboard()
    return [stroke for piece in pieces for stroke in keyboard.take(piece)]


@pytest.mark.parametrize(
    ("data", "strokes"),
    [
        (b"qj/", ["q", "j", "/"]),
        (b"\x1b[A\x1bOB\x1b[C\x1b[D", [Key.UP, Key.DOWN, Key.RIGHT, Key.LEFT]),
        (b"\x1b[5~\x1b[6~", [Key.PAGE_UP, Key.PAGE_DOWN]),
        (b"\x1b[1~\x1b[7~\x1b[H\x1bOH", [Key.HOME] * 4),
        (b"\x1b[4~\x1b[8~\x1b[F\x1bOF", [Key.END] * 4),
        (b"\x1b[1;5A\x1b[5;2~", [Key.UP, Key.PAGE_UP]),  # with a modifier
        (b"\r\n\x1bOM", [Key.ENTER] * 3),
        (b"\t\x1b[Z\x7f\x08\x15", [Key.TAB, Key.BACK_TAB, *[Key.BACKSPACE] * 2, Key.ERASE]),
        (b"\x0c", [Control("L")]),
        ("é語".encode(), ["é", "語"]),
        (b"\x1b\x1b[A", [Key.ESCAPE, Key.UP]),
        (b"\x1bq", []),  # Alt-q is not q
        (b"\x1b[200~Sy\nq\x1b[201~j", [Pasted("Sy\nq"), "j"]),
    ],
)
def test_keys_are_known_by_what_terminals_send(data: bytes, strokes: list[Stroke]) -> None:
    assert typed(data) == strokes


@pytest.mark.parametrize(
    "told",
    [
        b"\x1b[?62;22;52c",  # what it is
        b"\x1b[24;80R",  # where the cursor is
        b"\x1bP1+r544e=787465726d\x1b\\",  # a capability
        b"\x1b]11;rgb:ffff/ffff/ffff\x07",  # a colour
        b"\x1b]52;c;cXF5eQ==\x1b\\",  # the clipboard
        b"\x1b[<0;33;12M",  # a mouse
        b"\x1b[M #!",
        b"\x1b[I\x1b[O",  # the focus
        b"\x1b_Gi=1;OK\x1b\\",
        b"\x1b[24~",  # F12
    ],
)
def test_what_a_terminal_tells_of_itself_is_no_key(told: bytes) -> None:
    assert typed(told) == []
    assert typed(told, b"j") == ["j"]


@given(
    pieces=st.lists(
        st.sampled_from(
            [
                b"\x1b[A",
                b"q",
                b"\x1bP1+rqqq\x1b\\",
                b"\x1b[200~yq\x1b[201~",
                b"\x1b[?1;2c",
                b"\xc3\xa9",
            ]
        )
    ),
    cuts=st.lists(st.integers(0, 200)),
)
def test_where_a_read_ends_changes_nothing(pieces: list[bytes], cuts: list[int]) -> None:
    data = b"".join(pieces)
    ends = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    assert typed(*(data[a:b] for a, b in itertools.pairwise(ends))) == typed(data)


@given(data=st.binary(max_size=300))
def test_nothing_that_is_sent_breaks_it_and_what_it_holds_has_a_bound(data: bytes) -> None:
    keyboard = Keyboard()
    keyboard.take(data)
    keyboard.give_up()
    keyboard.take(b"\x1b]" + b"x" * (HELD_CHARS_MAX + 300))
    assert len(keyboard._held) <= HELD_CHARS_MAX


def test_a_lone_escape_is_the_key_once_nothing_follows() -> None:
    keyboard = Keyboard()
    assert keyboard.take(b"\x1b") == []
    assert keyboard.undecided_s == ESCAPE_S
    assert keyboard.give_up() == [Key.ESCAPE]
    assert keyboard.undecided_s is None


def test_the_beginning_of_a_sequence_is_waited_for_however_long_it_takes() -> None:
    keyboard = Keyboard()
    assert keyboard.take(b"\x1b[") == []
    assert keyboard.undecided_s is None
    assert keyboard.give_up() == []
    assert keyboard.take(b"A") == [Key.UP]


@pytest.mark.parametrize("cut", [b"", b"\x1b", b"\x1b[20"])
def test_a_paste_whose_end_never_comes_does_not_hold_the_keyboard(cut: bytes) -> None:
    keyboard = Keyboard()
    assert keyboard.take(b"\x1b[200~why\x1bnot" + cut) == []
    assert keyboard.undecided_s == PASTE_S
    assert keyboard.give_up() == [Pasted("why\x1bnot")]
    assert keyboard.undecided_s is None
    assert keyboard.take(b"j") == ["j"]
    assert keyboard.take(b"\x1b[201~") == []

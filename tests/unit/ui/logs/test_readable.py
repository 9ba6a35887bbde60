from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.supervisor.shell.lines import readable


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m and not", "red and not"),
        ("\x1b]8;;https://example.org\x1b\\a link\x1b]8;;\x1b\\", "a link"),
        ("\x1b]52;c;aGFja2Vk\x07paste", "paste"),
        ("\x1bP1$r0m\x1b\\dcs", "dcs"),
        ("\x9b31mC1\x9d0;title\x9c", "C1"),
        ("\x1b(0lqk\x1b(B", "lqk"),
        ("10%\r50%\r100%\r", "100%"),
        ("a\tb", "a       b"),
        ("\u202eevil\u202c", " evil "),
        ("zero\u200bwidth", "zero width"),
        ("\x1b]52;c;no end", " ]52;c;no end"),
        ("\x1b]0;a\x1b[2Jb", " ]0;ab"),
        ("Grüße, 世界 → ✓", "Grüße, 世界 → ✓"),
    ],
)
def test_what_a_terminal_would_have_shown_stays(line: str, shown: str) -> None:
    assert readable(line) == shown


ALPHABET = "\x1b[]P^_X\\\x07\x9b\x9c\x9d\x90;0m(B\r\t\n\x00\u202e\u2066a "


@settings(deadline=None, max_examples=500)
@given(st.text(alphabet=st.sampled_from(ALPHABET)) | st.text())
def test_whatever_comes_is_printable(line: str) -> None:
    assert readable(line).isprintable()


@pytest.mark.parametrize("piece", ["\x1b]", "\x1b[", "\x1b[1;", "\x9d\x1b", "\x1bP\x07\x1b_"])
def test_a_flood_of_sequences_takes_no_more_than_its_length(piece: str) -> None:
    assert readable(piece * 200_000 + "→ end").endswith("→ end")

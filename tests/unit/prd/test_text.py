from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.supervisor.prd.documents.document import Place, UnreadableError
from prd_supervise.supervisor.prd.documents.lines import SHOWN_MAX, Lines
from prd_supervise.supervisor.prd.documents.text import decode, read_bytes

ENCODED = [
    ("utf-8", b""),
    ("utf-8", b"\xef\xbb\xbf"),
    ("utf-16-le", b"\xff\xfe"),
    ("utf-16-be", b"\xfe\xff"),
]


@given(st.text(alphabet="aä😀\r\n\t\ufeff", max_size=20), st.sampled_from(ENCODED))
def test_a_text_goes_back_to_the_bytes_that_it_came_from(
    text: str, encoding: tuple[str, bytes]
) -> None:
    name, mark = encoding
    if not mark:
        text = text.lstrip("\ufeff")
    data = mark + text.encode(name)
    found = decode(data)
    assert found.text == text
    assert found.encoded(text) == data


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        ("ab".encode("utf-32"), (1, 1), "this is UTF-32; save the file as UTF-8"),
        ("abcd".encode("utf-16-le"), (1, 1), "UTF-16 without a byte order mark; save"),
        ("abcd".encode("utf-16-be"), (1, 1), "UTF-16 without a byte order mark; save"),
        (b"a\nb\0c", (2, 2), "a NUL character stands here, as in a binary file"),
        ("a\nä".encode("latin-1"), (2, 1), "byte 0xe4 is not UTF-8; save the file as UTF-8"),
        (b"\xff\xfea\0b", (1, 2), "the file ends in the middle of a character of UTF-16"),
        (b"\xff\xfe\x00\xdca\0", (1, 1), "byte 0x00 stands in the middle of a character of UTF-16"),
        (b"\0" * 20, (1, 1), "a NUL character stands here"),
    ],
)
def test_what_is_no_text_is_named(data: bytes, place: tuple[int, int], message: str) -> None:
    with pytest.raises(UnreadableError) as caught:
        decode(data)
    assert (caught.value.line, caught.value.column) == place
    assert message in caught.value.message


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="no regular file"):
        read_bytes(tmp_path)


@given(st.text(alphabet="a\n\t日", max_size=30), st.integers(0, 30))
def test_a_place_counts_lines_and_characters_and_the_caret_stands_below_it(
    text: str, offset: int
) -> None:
    offset = min(offset, len(text))
    before = text[:offset]
    place = Lines(text).place(offset)
    assert place == Place(line=before.count("\n") + 1, column=len(before.rsplit("\n", 1)[-1]) + 1)
    excerpt = Lines(text).excerpt(offset)
    if excerpt:
        shown, caret = excerpt.split("\n")
        line = text.split("\n")[place.line - 1]
        assert shown == line.replace("\t", " ").rstrip()
        wide = before.rsplit("\n", 1)[-1].count("日")
        assert len(caret) - 1 == place.column - 1 + wide


@pytest.mark.parametrize("offset", [0, 70_000, 200_000, 299_999, 300_000])
def test_a_line_far_into_a_long_text_is_found_and_cut(offset: int) -> None:
    text = "x" * 150_000 + "\n" + "y" * 149_999
    place = Lines(text).place(offset)
    shown, caret = Lines(text).excerpt(offset).split("\n")
    assert place == Place(
        line=1 + (offset > 150_000), column=offset + 1 - 150_001 * (offset > 150_000)
    )
    assert len(shown) <= SHOWN_MAX + 6
    assert caret.endswith("^")
    assert set(shown) <= {"x", "y", "."}

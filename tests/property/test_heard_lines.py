"""However output is cut into pieces, and whenever somebody looks, each line is heard once."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.workers.jobs import output
from prd_supervise.workers.jobs.output import Lines
from tests.unit.workers.ears import Recorder

CHUNKS = st.lists(st.tuples(st.text("ab\n", max_size=8).map(str.encode), st.booleans()))
LINE_BYTES_MAX = 5


@given(CHUNKS)
def test_lines_are_heard_once_and_in_order_however_they_come(
    chunks: list[tuple[bytes, bool]],
) -> None:
    ear = Recorder()
    lines = Lines(ear)
    for chunk, _ in chunks:
        lines.feed(chunk)
    lines.rest(b"", is_last=True)
    whole = b"".join(chunk for chunk, _ in chunks).decode()
    assert ear.lines == [line for line in whole.split("\n") if line]
    assert ear.pieces == []


@given(CHUNKS)
def test_a_look_between_may_hear_a_begin_but_loses_and_repeats_no_line(
    chunks: list[tuple[bytes, bool]],
) -> None:
    ear = Recorder()
    lines = Lines(ear)
    begun = list[str]()
    for chunk, looks in chunks:
        lines.feed(chunk)
        if looks:
            before = len(ear.lines)
            lines.rest(b"", is_last=False)
            begun += ear.lines[before:]
    lines.rest(b"", is_last=True)
    whole = b"".join(chunk for chunk, _ in chunks).decode()
    expected = [line for line in whole.split("\n") if line]
    heard = iter(ear.lines)
    assert all(line in heard for line in expected), "in this order among what was heard"
    extra = len(ear.lines) - len(expected)
    assert extra <= len(begun)


@given(CHUNKS)
def test_no_more_is_kept_than_one_line_may_have(chunks: list[tuple[bytes, bool]]) -> None:
    ear = Recorder()
    with patch.object(output, "LINE_BYTES_MAX", LINE_BYTES_MAX):
        lines = Lines(ear)
        for chunk, _ in chunks:
            lines.feed(chunk)
        lines.rest(b"", is_last=True)
    whole = b"".join(chunk for chunk, _ in chunks).decode()
    assert all(len(each) <= LINE_BYTES_MAX for each in ear.lines + ear.pieces)
    assert sorted("".join(ear.lines + ear.pieces)) == sorted(whole.replace("\n", ""))

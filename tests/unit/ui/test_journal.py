from __future__ import annotations

import io

import pytest

from prd_supervise.supervisor.ui.looks.event_kinds import BAD, GOOD, KINDS, priority_of
from prd_supervise.supervisor.ui.looks.journal import JournalStream, Priority, with_priority


def printed(*pieces: str, errors: str = "strict") -> str:
    """What arrives of what is printed piece by piece."""
    raw = io.BytesIO()
    below = io.TextIOWrapper(raw, encoding="utf-8", errors=errors)
    stream = JournalStream(below, Priority.ERROR)
    for piece in pieces:
        stream.write(piece)
    stream.flush()
    return raw.getvalue().decode()


@pytest.mark.parametrize(
    ("pieces", "arrives"),
    [
        (("one\ntwo\n",), "<3>one\n<3>two\n"),
        (("begun ", "and ended", "\n", "next\n"), "<3>begun and ended\n<3>next\n"),
        (("<5>a note\nworse\n",), "<5>a note\n<3>worse\n"),
        (("<8>is none\n", "<b>\n"), "<3><8>is none\n<3><b>\n"),
        (("\n",), "<3>\n"),
        ((), ""),
        (("a\x0bb\N{LINE SEPARATOR}c\n",), "<3>a\x0bb\N{LINE SEPARATOR}c\n"),
    ],
)
def test_every_line_of_a_stream_gets_a_priority_that_has_none(
    pieces: tuple[str, ...], arrives: str
) -> None:
    assert printed(*pieces) == arrives


def test_what_the_encoding_cannot_say_is_still_printed() -> None:
    assert printed("\udc80\n", errors="replace") == "<3>?\n"


def test_bytes_are_refused_as_any_text_stream_refuses_them() -> None:
    stream = JournalStream(io.TextIOWrapper(io.BytesIO()), Priority.ERROR)
    with pytest.raises(TypeError):
        stream.write(b"")  # type: ignore[arg-type]  # click asks so whether a stream takes text


def test_a_text_of_several_lines_has_its_priority_on_each() -> None:
    assert with_priority("a\nb", Priority.NOTICE) == "<5>a\n<5>b"


def test_every_event_has_a_priority_and_what_is_bad_is_at_least_a_warning() -> None:
    of = {name: priority_of({"event": name}) for name in KINDS}
    assert {name for name in BAD if of[name] > Priority.WARNING} == set()
    assert {of[name] for name in GOOD} == {Priority.NOTICE}
    assert set(of.values()) == set(Priority)
    assert priority_of({"event": "of another version"}) is Priority.INFO


def test_the_table_of_priorities_names_nothing_that_is_no_event() -> None:
    from prd_supervise.supervisor.ui.looks import event_kinds  # noqa: PLC0415

    for names in event_kinds._PRIORITIES.values():
        assert names <= KINDS.keys()

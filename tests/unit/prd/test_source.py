from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.supervisor.prd.source import BOM, JsonPath, Source, UnreadableError

TEXT = st.text(alphabet='a"\\/ä€😀\u2028\x7f\n', max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def paths(value: object, above: JsonPath = ()) -> list[tuple[JsonPath, object]]:
    found = [(above, value)]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += paths(inner, (*above, key))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            found += paths(inner, (*above, at))
    return found


@settings(deadline=None)
@given(JSON, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_every_span_holds_the_text_of_its_value(
    value: object,
    indent: int | str | None,
    ascii_only: bool,  # noqa: FBT001  hypothesis fills it by position
) -> None:
    try:
        text = json.dumps(value, indent=indent, ensure_ascii=ascii_only, allow_nan=False)
        source = Source(text)
    except (ValueError, UnreadableError):
        return
    lines = text.split("\n")
    for where, inner in paths(value):
        span = source.span(where)
        written = source.data[span.start : span.end].decode()
        assert json.loads(written) == inner
        assert lines[span.line - 1][span.column - 1 :].startswith(written.split("\n")[0])


def test_columns_count_characters() -> None:
    span = Source('{"äöü€😀": 1}').span(("äöü€😀",))
    assert (span.line, span.column, span.start) == (1, 11, 18)


def test_a_byte_order_mark_counts_for_nothing() -> None:
    assert Source(BOM + '{"a": 1}').span(("a",)).column == 7


def test_of_two_equal_keys_the_place_is_the_last_ones() -> None:
    assert Source('{"a": 1, "\\u0061": 2}').span(("a",)).column == 20


def test_a_place_that_is_not_there_is_that_of_its_parent() -> None:
    assert Source('{"a": [1]}').span(("a", 5, "b")).column == 7


def test_text_that_cannot_be_encoded_is_unreadable() -> None:
    with pytest.raises(UnreadableError):
        Source('{"a": "\ud800"}')

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.supervisor.prd.documents.document import Edit, JsonPath, Place, UnreadableError
from prd_supervise.supervisor.prd.documents.json_document import JsonDocument

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
def test_every_place_is_where_its_value_begins(
    value: object,
    indent: int | str | None,
    ascii_only: bool,  # noqa: FBT001  hypothesis fills it by position
) -> None:
    try:
        text = json.dumps(value, indent=indent, ensure_ascii=ascii_only, allow_nan=False)
        source = JsonDocument(text)
    except (ValueError, UnreadableError):
        return
    lines = text.split("\n")
    for where, inner in paths(value):
        place = source.place(where)
        there = lines[place.line - 1][place.column - 1 :]
        found, _ = json.JSONDecoder().raw_decode("\n".join([there, *lines[place.line :]]))
        assert found == inner


def test_columns_count_characters() -> None:
    document = JsonDocument('{"äöü€😀": 1}')
    assert document.place(("äöü€😀",)) == Place(line=1, column=11)
    assert document.put(("äöü€😀",), value=True) == Edit(start=10, end=11, text="true")


def test_of_two_equal_keys_the_place_is_the_last_ones() -> None:
    assert JsonDocument('{"a": 1, "\\u0061": 2}').place(("a",)).column == 20


def test_a_place_that_is_not_there_is_that_of_its_parent() -> None:
    assert JsonDocument('{"a": [1]}').place(("a", 5, "b")).column == 7


def test_text_that_cannot_be_encoded_is_unreadable() -> None:
    with pytest.raises(UnreadableError):
        JsonDocument('{"a": "\ud800"}')

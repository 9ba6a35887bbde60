from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.workers.agents.jsonline import (
    LINE_CHARS_MAX,
    at,
    count_at,
    is_true_at,
    json_object,
    number_at,
    objects_at,
    text_at,
    texts_at,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)


def test_a_line_that_is_an_object_is_one() -> None:
    assert json_object('{"type": "result", "n": 1}\r') == {"type": "result", "n": 1}


def test_an_object_is_found_behind_a_warning() -> None:
    assert json_object('Warning: deprecated. {"type":"result"}') == {"type": "result"}


@pytest.mark.parametrize(
    "line",
    [
        "",
        "plain words",
        "[1, 2]",
        '"text"',
        "{",
        "}",
        "{}}",
        '{"type":"result"} and more',
        '{"cut":"off',
        '{"type":"assistant","input":{"type":"result","subtype":"success"}',  # cut behind it
        '{"a":1' + "}" * 9,
        "[" * 100_000,
        '{"a":' * 50_000 + "1" + "}" * 50_000,
        '{"a":' + "[" * 50_000 + "]" * 50_000 + "}",
        "{" + " " * LINE_CHARS_MAX + "}",
    ],
)
def test_what_is_no_whole_object_is_none(line: str) -> None:
    assert json_object(line) is None


def test_half_a_character_and_a_huge_number_do_not_lose_the_line() -> None:
    said = json_object('{"type":"result","text":"cut \\ud83d","n":1' + "0" * 400 + "}")
    assert said is not None
    assert text_at(said, "text") == "cut ?"
    assert number_at(said, "n") is None


def test_what_is_not_there_or_of_another_type_is_nothing() -> None:
    said: object = {"a": {"b": [1, {"c": 2}, "d"]}, "n": True, "s": 5}
    assert at(said, "a", "x", "y") is None
    assert at(said, "s", "y") is None
    assert text_at(said, "s") == ""
    assert number_at(said, "n") is None
    assert count_at(said, "a") == 0
    assert not is_true_at(said, "s")
    assert objects_at(said, "a", "b") == ({"c": 2},)
    assert texts_at(said, "a", "b") == ("d",)
    assert objects_at(said, "s") == ()
    assert texts_at(said, "s") == ()


@pytest.mark.parametrize("number", [-1, 0, 2**53, 10**400, float("nan"), float("inf"), True, "7"])
def test_what_is_no_count_counts_nothing(number: object) -> None:
    assert count_at({"n": number}, "n") == 0


@pytest.mark.slow
@given(JSON)
def test_whatever_is_an_object_is_read_as_one(value: object) -> None:
    line = json.dumps(value)
    said = json_object(line)
    assert said is not None or not isinstance(value, dict)


@given(st.text())
def test_no_line_raises(line: str) -> None:
    json_object(line)
    json_object("{" + line + "}")

from __future__ import annotations

import enum
import json
import typing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct

from prd_supervise.policies.outcomes.outcome import CommandRun, Outcome, OutcomeKind, VerifyRun
from prd_supervise.supervisor.core.prd import records
from prd_supervise.supervisor.core.root import records as root_records
from prd_supervise.workers.messages import common, git, prd, story
from prd_supervise.workers.messages.common import Done, Extend, Heartbeat, Ready, Stop
from prd_supervise.workers.messages.story import AgentEnded, Finish, Verified
from prd_supervise.workers.process.channel import vocabulary
from prd_supervise.workers.process.wire import WireError, decoder, encode, words_of

decode_message = vocabulary(git, prd, story)
MESSAGES = list(
    dict.fromkeys(kind for words in (common, git, prd, story) for kind in words_of(words))
)
RECORDS = list(
    dict.fromkeys((*typing.get_args(records.Record), *typing.get_args(root_records.RootRecord)))
)

# JSON knows no NaN, and an integer of more than 64 bits is none of ours.
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
st.register_type_strategy(int, st.integers(min_value=-(2**63), max_value=2**63 - 1))
# All kinds go one way: more than a hundred of them, so many times each, are thousands of examples.
EXAMPLES = settings(deadline=None, max_examples=25)


def wire(kind: str, body: object, **more: object) -> bytes:
    return json.dumps({"kind": kind, "body": body, **more}).encode()


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: str(kind.__name__))
@settings(EXAMPLES)
@given(data=st.data())
def test_every_message_comes_back_as_it_was(kind: type[object], data: st.DataObject) -> None:
    message = data.draw(st.from_type(kind))
    assert decode_message(encode(message)) == (message, 0.0)


@pytest.mark.parametrize("kind", RECORDS, ids=lambda kind: str(kind.__name__))
@settings(EXAMPLES)
@given(data=st.data())
def test_every_record_comes_back_with_its_time(kind: type[object], data: st.DataObject) -> None:
    record = data.draw(st.from_type(kind))
    at = data.draw(st.from_type(float))
    assert decoder(RECORDS)(encode(record, at=at)) == (record, at)


def test_no_two_messages_have_one_name() -> None:
    names = [kind.__name__ for kind in MESSAGES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"null",
        b"[]",
        b"{}",
        b'{"kind": "Done"}',
        b'{"kind": "Done", "body": {}',
        wire("Done", None),
        wire("Done", []),
        wire("Done", {"extra": 1}),
        wire("Done", {}, extra=1),
        wire("Done", {}, at="now"),
        wire("Unknown", {}),
        wire("Outcomes", {}),
        wire("Ready", {"pid": 1}),
        wire("Ready", {"pid": "1", "start_ticks": 2}),
        wire("Ready", {"pid": 1.5, "start_ticks": 2}),
        wire("Ready", {"pid": True, "start_ticks": 2}),
        wire("Ready", {"pid": 1, "start_ticks": 2, "more": 3}),
        wire("Finish", {"result": None}),
        wire("AgentEnded", {"attempt": 1, "outcome": {"kind": "no-such", "detail": ""}}),
        wire("AgentEnded", {"attempt": 1, "outcome": {"detail": ""}}),
    ],
)
def test_what_is_no_message_is_told_as_such(data: bytes) -> None:
    with pytest.raises(WireError, match="not a message"):
        decode_message(data)


@settings(EXAMPLES)
@given(data=st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    try:
        decode_message(data)
    except WireError:
        return


@settings(max_examples=30, deadline=None)
@given(data=st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_no_body_raises_anything_else(data: Any) -> None:  # noqa: ANN401  JSON
    try:
        decode_message(wire("AgentEnded", {"attempt": data, "outcome": data}))
    except WireError:
        return


def test_what_stands_in_a_message_keeps_its_type() -> None:
    outcome = Outcome(kind=OutcomeKind.CRASHED, detail="é\udcff".replace("\udcff", "?"))
    run = VerifyRun(
        commit="c", commands=(CommandRun(command="make", exit_code=None, duration_s=1),)
    )
    for message in (
        AgentEnded(attempt=1, outcome=outcome),
        Verified(attempt=1, stage="story", run=run, tail="\x00\n"),
    ):
        found, _ = decode_message(encode(message))
        assert found == message
        assert hash(found) == hash(message), "tuples stay tuples"
    assert isinstance(found, Verified)
    assert found.run.failure == run.failure


def test_whole_seconds_are_seconds() -> None:
    found, _ = decode_message(encode(Stop(deadline_s=5, grace_s=60)))
    assert found == Stop(deadline_s=5.0, grace_s=60.0)


def test_only_the_kinds_that_are_named_are_read() -> None:
    decode = decoder([Ready, Done])
    assert decode(encode(Done()))[0] == Done()
    with pytest.raises(WireError):
        decode(encode(Finish(result="")))


def test_an_error_shows_the_beginning_of_what_came_and_not_more() -> None:
    with pytest.raises(WireError) as caught:
        decode_message(b"x" * 100_000)
    assert len(str(caught.value)) < 300


def test_values_of_a_module_are_those_it_has_and_nothing_else() -> None:
    assert words_of(common) == (Stop, Ready, Done, Heartbeat, Extend)

    class Local(Struct, frozen=True):
        kind: enum.Enum

    assert Local not in words_of(common)

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from prd_supervise.supervisor.shell.control.words import REQUEST
from prd_supervise.supervisor.ui.dashboard.ordering import Ordering, answer_of, request_of
from prd_supervise.supervisor.ui.dashboard.seen import Answer
from prd_supervise.supervisor.ui.dashboard.wishes import Order, Verb
from prd_supervise.workers.process.eventloop import EventLoop

HOLD = Order(verb=Verb.HOLD, prd="ALPHA", story="US-1")


@pytest.mark.parametrize(
    "order",
    [
        Order(
            verb=verb,
            prd="ALPHA",
            story="US-1" if verb is not Verb.STOP else "",
            reason="too wide" if verb is Verb.REJECT else "",
            agent="claude",
            attempt=2,
        )
        for verb in Verb
    ],
    ids=lambda order: order.verb.value,
)
def test_every_order_is_a_request_that_root_knows(order: Order) -> None:
    REQUEST.validate_json(json.dumps(request_of(order)))


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            {"ok": True, "done": ["ALPHA/US-1"], "error": ""},
            Answer(text="held: ALPHA/US-1"),
        ),
        (
            {"ok": False, "done": [], "error": "ALPHA/US-1: it is\nheld already"},
            Answer(text="ALPHA/US-1: it is held already", is_good=False),
        ),
        (
            {"ok": True, "done": [], "already": ["A/1 was rejected already, by ana"], "error": ""},
            Answer(text="A/1 was rejected already, by ana"),
        ),
        ([], Answer(text="hold: root hung up without an answer", is_good=False)),
    ],
)
def test_an_answer_is_told_in_a_line(answer: object, told: Answer) -> None:
    assert answer_of(HOLD, json.dumps(answer).encode()) == told


def test_half_an_answer_is_none() -> None:
    assert not answer_of(HOLD, b'{"ok": tr').is_good


@pytest.fixture
def loop() -> Iterator[EventLoop]:
    made = EventLoop()
    yield made
    made.close()


def test_without_a_root_an_order_is_refused_at_once(loop: EventLoop, tmp_path: Path) -> None:
    told: list[Answer] = []
    ordering = Ordering(loop, lambda: tmp_path / "nobody.sock", told.append)
    ordering.send(HOLD)
    assert [answer.is_good for answer in told] == [False]
    assert "root does not answer" in told[0].text


def test_orders_are_answered_one_after_the_other(loop: EventLoop, runtime_path: Path) -> None:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(str(runtime_path))
    listening.listen(4)
    told: list[Answer] = []
    ordering = Ordering(loop, lambda: runtime_path, told.append)
    ordering.send(HOLD)
    ordering.send(Order(verb=Verb.STOP))

    for _ in range(2):
        connection, _ = listening.accept()
        asked = json.loads(connection.makefile("rb").readline())
        before = len(told)
        connection.sendall(b'{"ok": true, "done": ["' + asked["verb"].encode())
        connection.sendall(b'"]}\n')
        while len(told) == before:
            loop.run_once()
        connection.close()

    listening.close()
    assert [answer.text for answer in told] == [
        "held: hold",
        "stopping everything; all work is kept",
    ]
    ordering.close()


@pytest.fixture
def runtime_path() -> Iterator[Path]:
    """A short path, as sockets need it."""
    import tempfile  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="prd-") as folder:
        yield Path(folder, "s")

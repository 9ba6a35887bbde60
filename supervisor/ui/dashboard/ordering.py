"""Orders from the dashboard to root: sent without waiting, and answered in a sentence."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from pathlib import Path

from ....workers.process.eventloop import EventLoop, Timer
from .seen import Answer
from .wishes import Order, Verb

ANSWER_S = 10.0
ANSWER_BYTES_MAX = 1 << 20
READ_BYTES = 1 << 16

_DONE = {
    Verb.HOLD: "held: {}",
    Verb.RELEASE: "released: {}",
    Verb.RETRY: "tried again: {}",
    Verb.RESTART: "restarting: {}",
    Verb.APPROVE: "approved: {}",
    Verb.REJECT: "rejected: {}",
    Verb.RELEASE_BUDGET: "may spend as much again: {}",
    Verb.RELEASE_AGENT: "released: {}; one start shows whether it can go on",
}

Tell = Callable[[Answer], None]


def request_of(order: Order) -> dict[str, object]:
    """The order as the control socket wants it."""
    match order.verb:
        case Verb.STOP:
            return {"verb": "stop", "prds": [order.prd] if order.prd else []}
        case Verb.RELEASE_AGENT:
            return {"verb": "release_agents", "agents": [order.agent]}
        case Verb.RELEASE_BUDGET:
            targets = [order.target] if order.target else []
            return {"verb": "release_budgets", "targets": targets}
        case Verb.APPROVE | Verb.REJECT:
            why = {"reason": order.reason} if order.verb is Verb.REJECT else {}
            answered = {"targets": [order.target], "attempt": order.attempt}
            return {"verb": order.verb.value, **answered, **why}
        case _:
            return {"verb": order.verb.value, "targets": [order.target]}


def answer_of(order: Order, line: bytes) -> Answer:
    """What root has answered, for people."""
    try:
        document = json.loads(line)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        return Answer(text=f"{order.verb.value}: root hung up without an answer", is_good=False)
    done = document.get("done")
    names = ", ".join(map(str, done)) if isinstance(done, list) else ""
    refused = "" if document.get("ok") else str(document.get("error") or "refused")
    if order.verb is Verb.STOP and not refused:
        return Answer(text=f"stopping {order.prd or 'everything'}; all work is kept")
    said = [_DONE[order.verb].format(names)] if names and order.verb in _DONE else []
    already = document.get("already")
    said += map(str, already) if isinstance(already, list) else []
    said += [" ".join(refused.split())] if refused else []
    return Answer(text="; ".join(said) or "done", is_good=not refused)


class Ordering:
    """One order at a time on its way; the later ones wait for their turn."""

    def __init__(self, loop: EventLoop, path: Callable[[], Path], tell: Tell) -> None:
        self._loop = loop
        self._path = path  # asked each time: a new root may listen elsewhere
        self._tell = tell
        self._waiting: list[Order] = []
        self._order: Order | None = None
        self._socket: socket.socket | None = None
        self._deadline: Timer | None = None
        self._answer = b""

    def send(self, order: Order) -> None:
        """Order this as soon as what was ordered before is answered."""
        self._waiting.append(order)
        self._begin()

    def close(self) -> None:
        """Wait for nothing any more."""
        self._waiting.clear()
        self._hang_up()

    def _begin(self) -> None:
        if self._socket is not None or not self._waiting:
            return
        self._order = self._waiting.pop(0)
        self._answer = b""
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(0)
        try:
            self._socket.connect(str(self._path()))
            self._socket.send(json.dumps(request_of(self._order)).encode() + b"\n")
        except OSError as error:
            self._end(f"root does not answer: {error.strerror or error}")
            return
        self._loop.watch(self._socket.fileno(), self._read)
        too_late = f"no answer within {ANSWER_S:g} s; `prd-supervise status` shows what came of it"
        self._deadline = self._loop.call_at(
            self._loop.now_s() + ANSWER_S, lambda: self._end(too_late)
        )

    def _read(self) -> None:
        if self._socket is None:
            return
        try:
            data = self._socket.recv(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._answer += data
        if not data or b"\n" in self._answer or len(self._answer) > ANSWER_BYTES_MAX:
            self._end()

    def _end(self, problem: str = "") -> None:
        order, line = self._order, self._answer.partition(b"\n")[0]
        self._hang_up()
        if order is not None and problem:
            self._tell(Answer(text=f"{order.verb.value}: {problem}", is_good=False))
        elif order is not None:
            self._tell(answer_of(order, line))
        self._begin()

    def _hang_up(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        if self._socket is not None:
            self._loop.unwatch(self._socket.fileno())
            self._socket.close()
        self._socket = self._deadline = self._order = None

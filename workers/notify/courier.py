"""Delivers messages, one after the other by each way; the ways do not wait for each other."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence

from ...policies.notices import Notice
from ...policies.values import replace
from ..jobs.job import Job
from ..messages.notices import Deliver, Delivered, NotifierBegin
from ..messages.rules import SecretSources
from ..process.eventloop import EventLoop
from ..secrecy.hiding import Hiding
from .errand import Done, Errand
from .placeholders import variables_in
from .ways import MissingVariableError, problem_of, program_of

QUEUE_MAX = 100


class Courier:
    """`say` hears of each way of each message how it went."""

    def __init__(
        self, begin: NotifierBegin, loop: EventLoop, say: Callable[[Delivered], None]
    ) -> None:
        self._begin = begin
        self._loop = loop
        self._say = say
        self._env = dict(os.environ)
        self._hiding = Hiding(begin.secrets, self._env)
        self._hiding.also(SecretSources(env=variables_in(begin.rules.headers)))
        self._queues: dict[str, deque[Deliver]] = {}
        self._at_work: dict[str, Errand] = {}

    def take(self, order: Deliver) -> None:
        """Deliver it by all its ways, as soon as those before it are delivered."""
        for way in order.ways:
            queue = self._queues.setdefault(way, deque())
            if len(queue) >= QUEUE_MAX:
                self._over(order, way, f"{way}: too many wait")
                continue
            queue.append(order)
            self._next(way)

    def _next(self, way: str) -> None:
        queue = self._queues[way]
        while queue and way not in self._at_work:
            self._begin_one(queue.popleft(), way)

    def _begin_one(self, order: Deliver, way: str) -> None:
        try:
            program = program_of(way, self._shown(order.notice), self._begin, self._env)
            self._at_work[way] = Errand(
                program, self._loop, self._jobs, lambda done: self._on_end(order, way, done)
            )
        except (OSError, MissingVariableError) as error:
            self._over(order, way, str(error))

    def _on_end(self, order: Deliver, way: str, done: Done) -> None:
        del self._at_work[way]
        self._over(order, way, problem_of(way, done, self._begin))
        self._next(way)

    def _over(self, order: Deliver, way: str, problem: str) -> None:
        self._say(Delivered(number=order.number, way=way, problem=self._hiding.text(problem)))

    def _jobs(self) -> Sequence[Job]:
        return [errand.job for errand in self._at_work.values()]

    def _shown(self, notice: Notice) -> Notice:
        """The message without secrets: a text of an agent may have one."""
        self._hiding.look()
        title, body = self._hiding.text(notice.title), self._hiding.text(notice.body)
        return replace(notice, title=title, body=body)

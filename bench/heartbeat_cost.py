"""Heartbeats: what a supervisor spends in a second in which each of its children beats once."""

from __future__ import annotations

import multiprocessing
import time

from prd_supervise.supervisor.shell.children.heartbeats import Heartbeats, Watch
from prd_supervise.supervisor.shell.children.processes import Processes
from prd_supervise.workers.messages import common
from prd_supervise.workers.messages import story as words
from prd_supervise.workers.process.channel import Channel, vocabulary
from prd_supervise.workers.process.eventloop import EventLoop

BEAT_S = 0.05  # no shorter: the beats of all have to be heard in between


def seconds_of_heartbeats(children: int, times: int) -> list[float]:
    """The processor time of hearing one beat of each and of the check, in real pipes and loop."""
    loop = EventLoop()
    processes = Processes(loop, _nothing, _nothing, (words,))
    heartbeats = Heartbeats(loop, processes, Watch(beat_s=BEAT_S))
    decode = vocabulary(words)
    checks: list[str] = []
    heartbeats.on_notice = lambda *about: checks.append(str(about))

    def listen(child_id: str) -> Channel:
        ours, other = (Channel(end, decode) for end in multiprocessing.Pipe())

        def hear() -> None:
            for word in ours.receive():
                heartbeats.on_word(child_id, word)

        loop.watch(ours.fd, hear)
        heartbeats.begin(child_id)
        return other

    theirs = [listen(f"child/{number}") for number in range(children)]
    taken = []
    for _ in range(times):
        for each in theirs:
            each.send(common.Heartbeat())
        until_s = time.monotonic() + BEAT_S
        began_s = time.process_time()
        while time.monotonic() < until_s:
            loop.run_once()
        taken.append(time.process_time() - began_s)
    if checks:
        raise AssertionError(f"a child that beats was told of: {checks[0]}")
    return taken


def _nothing(*_about: object) -> None:
    """No child of this supervisor dies or speaks: only its pipes are there."""

"""Core: what one event costs in the supervisor's core and in a PRD's; what is heard in one second.

Each step of the pure core is timed alone, in processor time. The supervisor's children die, come
back and are asked for; a PRD's stories are all at work at once, in the tests' virtual world.
"""

from __future__ import annotations

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

from bench import ceilings
from bench.heartbeat_cost import seconds_of_heartbeats
from bench.table import Row, row
from prd_supervise.policies.supervising.shutdown import deadline_from
from prd_supervise.policies.supervising.spec import (
    Backoff,
    ChildKind,
    ChildSpec,
    ExitClass,
    ExitReason,
    Intensity,
    Restart,
)
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.otp import supervisor as core
from prd_supervise.supervisor.core.otp.events import (
    Alarm,
    AlarmWentOff,
    ChildExited,
    ChildReady,
    ChildStartRequested,
    ChildStopRequested,
    SupervisorEvent,
)
from prd_supervise.supervisor.core.otp.state import Supervisor
from prd_supervise.supervisor.core.prd import step as prd_core
from prd_supervise.supervisor.core.prd.state import Prd, Story
from prd_supervise.supervisor.core.prd.words import PrdCommand, PrdEvent
from prd_supervise.workers.messages.prd import Limits
from tests.support import prd_world

SIZES = (3, 20, 200)
STORIES = (3, 20, 100)
LARGE_STORIES, LARGE_EDGES = 10_000, 40_000
TICK_CHILDREN = 200
EVENT_GOAL_US = 50.0
TICK_GOAL_MS = 20.0
_PAUSE_S = 30.0  # between deaths: they leave the window, and count as stable runs
_DIED = ExitReason(exit_class=ExitClass.ABNORMAL, detail="signal SIGKILL")
_ENDED = ExitReason(exit_class=ExitClass.SHUTDOWN, detail="ended")


def measure(*, quick: bool) -> list[Row]:
    """Time steps of the core, and what each second brings."""
    events = 2_000 if quick else 20_000
    rows = [each for size in SIZES for each in _supervisor(size, events)]
    rows += [_prd(stories) for stories in STORIES]
    rows.append(_large_prd(quick=quick))
    return [*rows, *_tick(quick=quick)]


class _TimedSupervisor:
    """A supervisor, and the microseconds of each of its steps by what it was told."""

    def __init__(self) -> None:
        intensity = Intensity(max_restarts=5, period_s=5.0)
        self.state = Supervisor(intensity=intensity, backoff=Backoff(base_s=1.0, cap_s=1.0))
        self.now_s = 0.0
        self.taken: dict[str, list[float]] = defaultdict(list)

    def hear(self, name: str, event: SupervisorEvent) -> None:
        """Take one step."""
        began_s = time.process_time()
        self.state, _ = core.step(self.state, event, self.now_s)
        self.taken[name].append((time.process_time() - began_s) * 1e6)
        if self.state.is_over:
            raise AssertionError(f"the supervisor ended at {event}")

    def incarnation(self, child_id: str) -> int:
        """The child's, which lives."""
        child = self.state.child(child_id)
        if child is None:
            raise AssertionError(f"there is no {child_id}")
        return child.incarnation


def _supervisor(size: int, events: int) -> list[Row]:
    chance = random.Random(1)  # noqa: S311  no secret
    timed = _TimedSupervisor()
    for number in range(size):
        _start(timed, f"child/{number}")
    timed.taken.clear()
    while sum(map(len, timed.taken.values())) < events:
        timed.now_s += _PAUSE_S
        _die(timed, f"child/{chance.randrange(size)}")
        _start(timed, "child/late")
        _stop(timed, "child/late")
    return [
        row(f"supervisor, {size} children: {name}", found, "us", goal=EVENT_GOAL_US)
        for name, found in timed.taken.items()
    ]


def _die(timed: _TimedSupervisor, child_id: str) -> None:
    number = timed.incarnation(child_id)
    timed.hear("exit", ChildExited(child_id=child_id, incarnation=number, reason=_DIED))
    alarm = AlarmWentOff(child_id=child_id, incarnation=number, alarm=Alarm.BACKOFF_OVER)
    timed.hear("alarm", alarm)
    timed.hear("ready", ChildReady(child_id=child_id, incarnation=timed.incarnation(child_id)))


def _start(timed: _TimedSupervisor, child_id: str) -> None:
    spec = ChildSpec(
        child_id=child_id, kind=ChildKind.STORY, restart=Restart.PERMANENT, dynamic=True
    )
    timed.hear("request", ChildStartRequested(spec=spec))
    timed.hear("ready", ChildReady(child_id=child_id, incarnation=timed.incarnation(child_id)))


def _stop(timed: _TimedSupervisor, child_id: str) -> None:
    deadline = deadline_from(timed.now_s, 10.0)
    timed.hear("request", ChildStopRequested(child_id=child_id, deadline=deadline))
    number = timed.incarnation(child_id)
    timed.hear("exit", ChildExited(child_id=child_id, incarnation=number, reason=_ENDED))


def _prd(stories: int) -> Row:
    """From the first event of a PRD to its end, all of its stories at once."""
    taken: list[float] = []
    with _timed(taken):
        every = (prd_world.a_story(f"US-{number}") for number in range(stories))
        world = prd_world.prd_world(*every, limits=Limits(max_workers=0))
        while world.around.exit_code is None:
            world = world.go_on()
    return row(f"PRD, {stories} stories: any event", taken, "us", goal=EVENT_GOAL_US)


def _large_prd(*, quick: bool) -> Row:
    """The first events of a PRD of many stories that wait for each other, three at once.

    What must hold after each step is not looked at: that would take longer than the steps.
    """
    taken: list[float] = []
    original = vars(prd_world)["check"]
    vars(prd_world)["check"] = lambda *_: None
    try:
        with _timed(taken):
            world = prd_world.prd_world(*_ordered(LARGE_STORIES, LARGE_EDGES))
            while len(taken) < (100 if quick else 1_000):
                world = replace(world.go_on(), commands=())
    finally:
        vars(prd_world)["check"] = original
    name = f"PRD, {LARGE_STORIES} stories and {LARGE_EDGES} edges: any event"
    return row(name, [each / 1e6 for each in taken])


def _ordered(stories: int, edges: int) -> Iterator[Story]:
    """Stories that depend on some and come after others, all of them further up."""
    chance = random.Random(1)  # noqa: S311  no secret
    ends: dict[int, tuple[set[str], set[str]]] = defaultdict(lambda: (set(), set()))
    for _ in range(edges):
        late = chance.randrange(1, stories)
        ends[late][chance.randrange(2)].add(f"US-{chance.randrange(late)}")
    for number in range(stories):
        depends_on, after = ends[number]
        yield prd_world.a_story(f"US-{number}", *sorted(depends_on), after=tuple(sorted(after)))


@contextmanager
def _timed(taken: list[float]) -> Iterator[None]:
    """Note the processor time of each step of a PRD's core, in microseconds."""

    def step(prd: Prd, event: PrdEvent, now_s: float) -> tuple[Prd, list[PrdCommand]]:
        began_s = time.process_time()
        answer = prd_core.step(prd, event, now_s)
        taken.append((time.process_time() - began_s) * 1e6)
        return answer

    original = vars(prd_world)["core"]
    vars(prd_world)["core"] = SimpleNamespace(step=step)
    try:
        yield
    finally:
        vars(prd_world)["core"] = original


def _tick(*, quick: bool) -> list[Row]:
    """What the monitor (root's) and the heartbeats (a PRD supervisor's) do each second."""
    beats = seconds_of_heartbeats(TICK_CHILDREN, 10 if quick else 100)
    (passes,) = ceilings.measure(quick=quick)
    passes_s = [each / 1e3 for each in passes.samples]
    both_s = statistics.median(beats) + statistics.median(passes_s)
    name = f"tick, {TICK_CHILDREN} children"
    return [
        row(f"{name}: heartbeats heard and checked", beats),
        row(f"{name}: the monitor's pass", passes_s),
        row(f"{name}: both", [both_s], goal=TICK_GOAL_MS),
    ]

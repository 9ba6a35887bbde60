"""A job under a clock that the test moves, in a process of its own; it prints facts as JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from prd_supervise.policies.outcomes.outcome import Outcome, OutcomeKind
from prd_supervise.workers.agents.base import Ended, Event, Retrying, Verdict
from prd_supervise.workers.agents.listeners.command import ResultLine
from prd_supervise.workers.jobs.running import Command, Running, Surroundings
from prd_supervise.workers.jobs.throttle import Throttle
from prd_supervise.workers.process.entry import become

sys.path.append(str(Path(__file__).resolve().parents[3]))

from tests.support.clockwork import Clockwork
from tests.unit.workers.ears import hearing

WITHIN_S = 60.0
RESULT = "the result"


class Clocked:
    """One job, its throttle, and what became of it."""

    def __init__(self, folder: Path, script: str, **limits: Any) -> None:  # noqa: ANN401
        self.loop = Clockwork()
        self.throttle = Throttle(self.loop)
        self.log = folder / "log"
        self.ended: list[Outcome] = []
        around = Surroundings(
            loop=self.loop,
            throttle=self.throttle,
            others=tuple,
            will_stand_still=lambda _for_s: None,
        )
        command = Command(
            argv=("sh", "-c", script),
            cwd=folder,
            env=dict(os.environ),
            log=self.log,
            stdin=None,
            keep_fds=(),
            **({"timeout_s": 3600.0} | limits),
        )
        self._running = Running(command, around, self.ended.append)

    def said(self, text: str) -> None:
        """Wait until it has said this; our clock stands still meanwhile."""
        deadline_s = time.monotonic() + WITHIN_S
        while text not in self.log.read_text():
            assert time.monotonic() < deadline_s
            time.sleep(0.002)

    def lives(self) -> bool:
        """Say whether it runs."""
        return self._running.job.poll() is None

    def outcome(self) -> list[str]:
        """Serve until it is over, and tell how that came."""
        while not self.ended:
            self.loop.run_once()
        return [self.ended[0].kind.value, self.ended[0].detail]


def is_held_still(folder: Path) -> dict[str, Any]:
    """At a tenth of the processor, 0.3 s of its own take it 3 s."""
    job = Clocked(folder, "exec sleep 600", timeout_s=0.3)
    job.throttle.limit(0.1, 0)
    job.loop.pass_by(2.7)
    early = job.lives()
    job.loop.pass_by(0.6)
    return {"early": early, "outcome": job.outcome()}


def has_its_result(folder: Path, limit: str) -> dict[str, Any]:
    """It does not exit after its result; a limit of 4 s strikes meanwhile."""
    limits: dict[str, float] = {} if limit == "none" else {limit: 4.0}
    ear = hearing(ResultLine(RESULT.__eq__))
    job = Clocked(folder, f"echo {RESULT}; exec sleep 600", ear=ear, **limits)
    job.said(RESULT)
    job.loop.pass_by(3.9)
    early = job.lives()
    job.loop.pass_by(0.2)
    job.loop.pass_by(7.0)
    return {"early": early, "outcome": job.outcome()}


class Retries:
    """Hears nothing but that the server is tried again."""

    def feed(self, line: str) -> tuple[Event, ...]:
        """Every line says so."""
        return (Retrying(reason=line),)

    def finish(self, ended: Ended) -> Verdict:
        """Go by what we ended it for."""
        return Verdict(kind=ended.killed_because or OutcomeKind.NORMAL)


def only_waits(folder: Path) -> dict[str, Any]:
    """It writes all the time, but only that it tries its server again; it may be idle for 8 s."""
    script = "while :; do echo overloaded; sleep 0.01; done"
    job = Clocked(folder, script, ear=hearing(Retries()), idle_timeout_s=8.0)
    job.said("overloaded")
    job.loop.pass_by(7.9)
    early = job.lives()
    job.loop.pass_by(0.2)
    return {"early": early, "outcome": job.outcome()}


def main(name: str, folder: str, *words: str) -> None:
    become("test")
    facts = globals()[name](Path(folder), *words)
    sys.stdout.write(json.dumps(facts) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Acts of a supervisor that is asked by its manager's watchdog whether all is well."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from prd_supervise.policies.supervising.liveness import UNDEAD_S
from prd_supervise.supervisor.shell.service.watchdog import Watchdog
from prd_supervise.workers.messages.story import Finish

sys.path.append(str(Path(__file__).resolve().parents[3]))

from tests.unit.shell.heartbeat_acts import BEAT_S, QUICK, Watched
from tests.unit.shell.process_acts import main

WATCHDOG_S = 2.0
LADDER_S = QUICK.kill_s + UNDEAD_S  # that root takes to end a child, and to see it gone


class Fed:
    """A watchdog, and what its manager hears."""

    def __init__(self, tree: Watched) -> None:
        self.pings: list[float] = []
        self.told: list[str] = []
        self._tree = tree
        self.watchdog = Watchdog(
            tree.loop,
            tree.heartbeats,
            WATCHDOG_S,
            ping=lambda: self.pings.append(time.monotonic()),
            tell=self.told.append,
        )
        self.watchdog.begin()

    def renewed(self) -> int:
        """Say that a long step begins; count the pings of that."""
        before = len(self.pings)
        self.watchdog.renew()
        return len(self.pings) - before

    def let(self, lasting_s: float, nap_s: float = 0.0) -> int:
        """Serve for so long, each turn so late; count the pings meanwhile."""
        before = len(self.pings)
        until_s = time.monotonic() + lasting_s
        while time.monotonic() < until_s and not self.told:
            time.sleep(nap_s)
            self._tree.let(0.0)
        return len(self.pings) - before


def is_late_for_everything(folder: Path) -> Any:  # noqa: ANN401  JSON, as all acts
    """Turn, but always too late to blame a child that says nothing: nobody ever ends it."""
    tree = Watched(folder, patience=QUICK)
    tree.begin("a", "b")
    fed = Fed(tree)
    while_well = fed.let(2 * WATCHDOG_S, 2.5 * BEAT_S)
    renewed_while_well = fed.renewed()
    os.kill(tree.pid("a"), signal.SIGSTOP)
    began_s = time.monotonic()
    fed.let(60.0, 2.5 * BEAT_S)
    withheld_after_s = time.monotonic() - began_s
    renewed_while_lost = fed.renewed()
    os.kill(tree.pid("a"), signal.SIGCONT)
    told, fed.told = fed.told, []
    fed.let(2 * WATCHDOG_S, 0.1)
    return {
        "while_well": while_well,
        "renewed": [renewed_while_well, renewed_while_lost],
        "before": sum(began_s <= at_s for at_s in fed.pings[:-1]),
        "told": told,
        "late_by_s": withheld_after_s - LADDER_S,
        "again": fed.let(3 * WATCHDOG_S, 0.1),
        "steps": [each for each in tree.told if "hang" in each[1]],
    }


def ends_what_hangs(folder: Path) -> Any:  # noqa: ANN401
    """A child hangs, and is ended by the ladder: the watchdog is fed all the time."""
    tree = Watched(folder, patience=QUICK)
    tree.begin("a", "b")
    fed = Fed(tree)
    tree.processes.send("a", Finish(result="sleep"))
    tree.has_heard(1)
    return {"heard": [each[:2] for each in tree.heard], "told": fed.told, "pings": len(fed.pings)}


def is_no_child_to_wait_for(folder: Path) -> Any:  # noqa: ANN401
    """Who is excused, who was killed and is not gone yet, and who has just spoken."""
    tree = Watched(folder, patience=QUICK)
    tree.begin("excused", "killed", "silent")
    tree.processes.send("excused", Finish(result="extend for long"))
    tree.let(90, lambda: "excused" in tree.excused)
    os.kill(tree.pid("silent"), signal.SIGSTOP)
    tree.let(90, lambda: tree.heartbeats._pulses["silent"].silent_s > 0)
    tree.processes.kill("killed", 1)
    tree.heartbeats.answered.clear()
    return sorted(tree.heartbeats.silent_without_excuse())


if __name__ == "__main__":
    main(globals(), *sys.argv[1:])

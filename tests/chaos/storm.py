"""Random signals at random moments on any member of a running tree, from one seed."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from tests.chaos.oracle import RULE_S, check, is_complete, wait_gone, words_to_go_on
from tests.chaos.scene import Scene, scene
from tests.support.e2e_processes import TITLE, kill, title_of
from tests.support.tree_run import Run

NIGHT_S_MAX = 600.0
PAUSE_S = 0.2  # between two signals, in the mean
BEGINNING_S_MAX = 1.0  # until the first signal after a start or resume, or once a PRD is up
STRUCK_WHILE_STARTING = 0.2  # the share of starts that are not let come up first
BLOWS_A_NIGHT = 40
LOOK_S = 0.1
UP_S_MAX = 10.0
STOPPED_S_MAX = 0.6  # until one that was stopped goes on
LEFT_STOPPED_S = 60.0
WATCHED = frozenset({"prd", "git", "story"})
SIGNALS = (signal.SIGKILL,) * 7 + (signal.SIGSTOP,) * 2 + (signal.SIGTERM,)
ROOTS_SHARE = 0.3  # of a blow that hits another role: a root that dies takes all with it
ALL_AT_ONCE = 0.02  # the share of blows that hit the whole tree
NAP_S = 0.005


@dataclass(slots=True)
class Tally:
    """What was done so far, and what came of it."""

    blows: Counter[str] = field(default_factory=Counter)
    nights: int = 0
    resumes: int = 0
    stories: int = 0
    gone_s: list[float] = field(default_factory=list)

    @property
    def kills(self) -> int:
        """How many signals were sent."""
        return sum(self.blows.values())

    def __str__(self) -> str:
        """Say it in three lines."""
        late = sum(each > RULE_S for each in self.gone_s)
        worst = max(self.gone_s, default=0.0)
        blows = ", ".join(f"{name} {count}" for name, count in sorted(self.blows.items()))
        return (
            f"{self.kills} signals ({blows})\n"
            f"{self.nights} nights, {self.resumes} resumes, {self.stories} stories, each merged "
            f"exactly once; no acknowledged record lost, no checkout touched\n"
            f"{len(self.gone_s)} deaths of a root: nobody left after {worst:.2f} s at most, "
            f"{late} times later than {RULE_S:g} s"
        )


class Night:
    """One tree, and the storm that goes over it until all is done."""

    def __init__(
        self, made: Scene, chance: random.Random, tally: Tally, left_stopped: float
    ) -> None:
        self._scene = made
        self._left_stopped = left_stopped
        self._chance = chance
        self._tally = tally
        self._stopped: dict[int, float] = {}  # pid -> when it goes on

    def pass_by(self, kills: int) -> None:
        """Strike so often, then let the tree finish; check what is left."""
        began_s = time.monotonic()
        run = self._scene.tree.begin("start", "--grace-s", "5")
        blows = 0
        next_s = self._first_blow_s()
        while True:
            now_s = time.monotonic()
            assert now_s - began_s < NIGHT_S_MAX, f"it does not end\n{self._scene.tree.told(run)}"
            self._wake(now_s)
            if run.is_over:
                if self._is_done(run):
                    break
                run = self._resume()
                next_s = self._first_blow_s()
            elif blows < kills and now_s >= next_s:
                blows += self._strike(run)
                next_s = now_s + self._pause_s()
            time.sleep(NAP_S)
        check(self._scene)
        self._tally.nights += 1
        self._tally.stories += sum(map(len, self._scene.stories.values()))

    def _pause_s(self) -> float:
        return self._chance.expovariate(1 / PAUSE_S)

    def _first_blow_s(self) -> float:
        """When to strike first: while the tree starts, or once it is up."""
        if self._chance.random() >= STRUCK_WHILE_STARTING:
            deadline_s = time.monotonic() + UP_S_MAX
            while time.monotonic() < deadline_s and not self._is_up():
                time.sleep(LOOK_S)
        return time.monotonic() + self._chance.uniform(0.0, BEGINNING_S_MAX)

    def _is_up(self) -> bool:
        return any(title.startswith("prd ") for title in self._scene.tree.processes())

    def _is_done(self, run: Run) -> bool:
        self._wake(float("inf"))
        self._tally.gone_s.append(wait_gone(self._scene))
        return run.code == 0 and is_complete(self._scene)

    def _resume(self) -> Run:
        self._tally.resumes += 1
        return self._scene.tree.begin(*words_to_go_on(self._scene), "--grace-s", "5")

    def _wake(self, now_s: float) -> None:
        for pid, at_s in tuple(self._stopped.items()):
            if at_s <= now_s:
                del self._stopped[pid]
                kill(pid, signal.SIGCONT)

    def _strike(self, run: Run) -> int:
        everybody = sorted(self._scene.tree.everybody(), key=lambda each: each.pid)
        if not everybody:
            return 0
        if self._chance.random() < ALL_AT_ONCE:
            self._strike_all(everybody, run)
            return 1
        victim = self._choose(everybody, run)
        number, role = self._chance.choice(SIGNALS), role_of(victim, run)
        self._tally.blows[f"{number.name} {role}"] += 1
        kill(victim.pid, number)
        if number is signal.SIGSTOP:
            self._stopped[victim.pid] = time.monotonic() + self._stop_s(role)
        return 1

    def _stop_s(self, role: str) -> float:
        if role in WATCHED and self._chance.random() < self._left_stopped:
            return LEFT_STOPPED_S
        return self._chance.uniform(0, STOPPED_S_MAX)

    def _choose(self, everybody: list[psutil.Process], run: Run) -> psutil.Process:
        """First a role, then one of it: there are many agents, and only one root."""
        by_role: dict[str, list[psutil.Process]] = {}
        for process in everybody:
            by_role.setdefault(role_of(process, run), []).append(process)
        roles = sorted(by_role)
        weights = [ROOTS_SHARE if role == "root" else 1.0 for role in roles]
        role = self._chance.choices(roles, weights)[0]
        return self._chance.choice(by_role[role])

    def _strike_all(self, everybody: list[psutil.Process], run: Run) -> None:
        """Kill all of the tree at once: what agents left may live until the next resume."""
        self._tally.blows["SIGKILL all at once"] += 1
        ours = [each for each in everybody if role_of(each, run) != "agent"]
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for process in ours:
                kill(process.pid, number)
        run.wait_exit(None)
        self._scene.tree.run("status")  # it can be looked at, though nobody runs
        for process in self._scene.tree.everybody():  # the oracle counts orphans from here on
            kill(process.pid)


def role_of(process: psutil.Process, run: Run) -> str:
    """The level of the tree that a process is of; an agent's are all `agent`."""
    if process.pid == run.pid:
        return "root"
    title = title_of(process)
    if not title.startswith(TITLE):
        return "agent"
    return title.removeprefix(TITLE).partition(" ")[0]


def storm(
    folder_of: Callable[[int], Path],
    *,
    seed: int,
    kills: int,
    size: tuple[int, int],
    left_stopped: float,
    say: Callable[[str], None],
) -> Tally:
    """Strike so often, over as many nights as that takes; the seed decides who, when and how.

    `size` is how many PRDs there are, and how many stories in each.

    `left_stopped` is the share of stops that nobody ends: those are for the heartbeats.
    """
    tally = Tally()
    while tally.kills < kills:
        chance = random.Random(f"{seed}/{tally.nights}")  # noqa: S311  a game, no secret
        with scene(folder_of(tally.nights), prds=size[0], stories=size[1], crash_at="-") as made:
            before = tally.kills
            Night(made, chance, tally, left_stopped).pass_by(
                min(BLOWS_A_NIGHT, kills - tally.kills)
            )
        assert tally.kills > before, "a night passed without a blow"
        say(f"night {tally.nights}: {tally.kills} signals, {tally.resumes} resumes")
    return tally

"""One seed: a machine, the faults that strike it, and what must hold whatever they are."""

from __future__ import annotations

import errno
import json
import random
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from prd_supervise.policies.outcome import OutcomeKind
from prd_supervise.supervisor.core.memory import StoryState
from prd_supervise.supervisor.shell.recollection import KINDS, recall
from tests.simulation.disk import Disk
from tests.simulation.kernel import Kernel, Proc
from tests.simulation.tree import STATE, Machine, a_plan, installed, start_root
from tests.support.prd_nature import Repository, Script

STEPS_MAX = 400_000
NIGHT_S_MAX = 3_600.0  # of virtual time, after the last fault
STRIKES_UNTIL_S = 12.0
GONE_S = 1.5
RESUMES_MAX = 8
LATE_S = 1.0


@dataclass(slots=True)
class Report:
    """What happened under a seed."""

    seed: int
    faults: list[str] = field(default_factory=list)
    lives: int = 0  # of root
    steps: int = 0
    virtual_s: float = 0.0
    agents: int = 0


class Simulation:
    """A night under one seed."""

    def __init__(self, seed: int) -> None:
        self.report = Report(seed)
        self._chance = random.Random(seed)  # noqa: S311  a game, no secret
        self._kernel = Kernel(self._chance)
        self._disk = Disk(self._chance)
        plans = {
            f"P{number}": a_plan(f"P{number}", self._needs())
            for number in range(self._chance.randint(1, 2))
        }
        self._machine = Machine(self._kernel, self._disk, plans)
        for prd_id, plan in plans.items():
            self._machine.nature.repositories[prd_id] = Repository()
            names = [story.story_id for story in plan.stories]
            self._machine.nature.scripts[prd_id] = self._script(names)
        self._ledger: dict[str, dict[int, str]] = {}
        self._machine.os.on_sync = self._on_sync
        self._root: Proc | None = None
        self._stop_by_s: float | None = None
        self._is_delayed = False  # somebody was stopped or the machine stood still: no deadlines
        self._power_fails = False

    def _needs(self) -> dict[str, tuple[str, ...]]:
        names = [f"S{number}" for number in range(self._chance.randint(1, 3))]
        return {
            name: (names[number - 1],) if number and self._chance.random() < 0.5 else ()
            for number, name in enumerate(names)
        }

    def _script(self, names: list[str]) -> Script:
        first = [(name, 1) for name in names]
        some = [each for each in first if self._chance.random() < 0.2]
        return Script(
            agents=dict.fromkeys(some, OutcomeKind.FAILED),
            reds=frozenset(
                (*each, stage)
                for each in first
                for stage in ("base", "story", "merged")
                if self._chance.random() < 0.1
            ),
            conflicts=frozenset(each for each in first if self._chance.random() < 0.1),
        )

    # --- the night ------------------------------------------------------------------------------

    def run(self) -> Report:
        """Live through it; AssertionError if a promise was broken."""
        with installed(self._machine):
            self._plan_faults()
            self._start()
            while not self._is_over():
                self._step()
            self._in_a_process(self._check_end)
        self.report.virtual_s = self._kernel.now_s
        self.report.agents = self._machine.nature.starts
        return self.report

    def _start(self) -> None:
        self.report.lives += 1
        self._machine.retry = self.report.lives > 1
        self._machine.nature.stopped_at_s = None
        self._stop_by_s = None
        self._is_delayed = False
        self._root = start_root(self._machine)

    def _step(self) -> None:
        report, kernel = self.report, self._kernel
        report.steps += 1
        assert report.steps < STEPS_MAX, f"no end after {STEPS_MAX} steps"
        assert kernel.now_s < 1000.0 + STRIKES_UNTIL_S + NIGHT_S_MAX, "no end in virtual time"
        if not kernel.step():
            raise AssertionError(f"nobody will ever do anything again: {self._alive()}")
        self._check_orphans()
        if self._stop_by_s is not None and not self._is_delayed:
            late = kernel.now_s > self._stop_by_s + LATE_S
            assert not late or self._root_is_gone(), "root has not ended by its deadline"

    def _root_is_gone(self) -> bool:
        return self._root is None or not self._root.is_alive

    def _is_over(self) -> bool:
        if self._root is None or self._root.is_alive:
            return False
        kernel = self._kernel
        status, died_at_s = self._root.status, kernel.now_s
        self._root = None
        while any(True for _ in self._who_ought_to_be_gone()) or kernel.now_s < died_at_s + 0.1:
            if kernel.now_s > max(died_at_s, kernel.calm_since_s) + GONE_S:
                left = [*self._who_ought_to_be_gone()]
                assert not left, f"left {GONE_S} s after root: {[_shown(each) for each in left]}"
                break
            if not kernel.step():
                break
        if status == 0 and self._is_complete():
            return True
        over = max(kernel.now_s - 1000.0 - STRIKES_UNTIL_S, 0.0) > 0
        assert not over or self.report.lives < RESUMES_MAX + len(self.report.faults), (
            f"it never ends: {status}"
        )
        self._start()
        return False

    def _who_ought_to_be_gone(self) -> list[Proc]:
        """Who nobody keeps from dying; what agents left when several died at once is for resume."""
        kernel = self._kernel
        latest = [at_s for at_s in kernel.struck_at_s if at_s > kernel.now_s - 2 * GONE_S]
        return [
            each
            for each in kernel.procs.values()
            if each.is_alive
            and self._acts(each)
            and not (len(latest) > 1 and each.parent == 1 and each.role in {"stray", "agent"})
        ]

    def _acts(self, proc: Proc) -> bool:
        """Say whether neither it nor anybody above it is kept from dying."""
        line = [proc, *self._kernel.ancestors(proc)]
        return all(
            not each.is_stopped and each.sleeps_until_s + GONE_S < self._kernel.now_s
            for each in line
        )

    def _in_a_process(self, look: Callable[[], None]) -> None:
        """Look at the disk as a process does."""
        kernel, errors = self._kernel, list[Exception]()

        def main() -> None:
            try:
                look()
            except AssertionError as error:
                errors.append(error)

        reader = kernel.start("reader", 1, main)
        while reader.is_alive and kernel.step():
            pass
        for error in errors:
            raise error

    def _is_complete(self) -> bool:
        return all(
            {name for name, _ in self._machine.nature.repositories[prd_id].merged}
            == {story.story_id for story in plan.stories}
            for prd_id, plan in self._machine.plans.items()
        )

    def _alive(self) -> list[str]:
        return [_shown(each) for each in self._kernel.procs.values()]

    # --- what must hold -------------------------------------------------------------------------

    def _check_orphans(self) -> None:
        now_s = self._kernel.now_s
        for proc in self._kernel.procs.values():
            since_s = proc.orphan_since_s
            if since_s is None or not proc.is_alive or now_s < since_s + 2 * GONE_S:
                continue
            if proc.parent != 1 and not self._is_delayed and self._acts(proc):
                raise AssertionError(f"{_shown(proc)} lives on, {now_s - since_s:.1f} s an orphan")

    def _on_sync(self, path: str, data: bytes) -> None:
        """Note what is acknowledged; a number that is used twice was forgotten in between."""
        if not path.endswith(".log") and ".log" not in path:
            return
        folder = path.rpartition("/")[0]
        known = self._ledger.setdefault(folder, {})
        for line in data.decode(errors="replace").splitlines():
            _, number, record = line.split(" ", 2)
            earlier = known.setdefault(int(number), record)
            assert earlier == record, f"{folder}: {number} was {earlier}, then {record}"

    def _check_end(self) -> None:
        for prd_id, plan in self._machine.plans.items():
            merged = Counter(n for n, _ in self._machine.nature.repositories[prd_id].merged)
            assert merged == Counter(story.story_id for story in plan.stories)
            # One that was written, and not yet acknowledged, may have outlived its writer.
            told = [json.loads(each) for each in self._ledger[_folder(prd_id)].values()]
            done = Counter(r["body"]["story_id"] for r in told if r["kind"] == "StoryDone")
            assert all(count == 1 for count in done.values()), f"{prd_id}: done twice: {done}"
            recalled = recall(self._machine.store(_folder(prd_id), KINDS).stored).stories
            # On a full disk the branch alone tells.
            is_told = all(recalled[name].state is StoryState.DONE for name in merged)
            assert is_told or any("ENOSPC" in each for each in self.report.faults), f"{recalled}"
        for folder, known in self._ledger.items():
            assert self._last_number(folder) >= max(known, default=0), f"{folder} has forgotten"

    def _last_number(self, folder: str) -> int:
        numbers = [0]
        for path in self._disk.list(folder):
            data = bytes(self._disk.find(path).data)
            if path.endswith("snapshot.json"):
                numbers.append(json.loads(data)["number"])
            elif path.endswith("journal.log"):
                numbers += [int(line.split(b" ", 2)[1]) for line in data.splitlines() if line]
        return max(numbers)

    # --- the faults -----------------------------------------------------------------------------

    def _plan_faults(self) -> None:
        kernel, chance = self._kernel, self._chance
        kernel.pidfds_fail = chance.random() < 0.1
        kinds = (
            *(self._kill,) * 6,
            *(self._kill_in_a_call,) * 6,
            self._stop_one,
            self._terminate,
            self._cut_power,
            self._ask_to_stop,
            self._fill_disk,
            self._break_disk,
            self._refuse_spawns,
            self._turn_clock,
            self._pause,
            self._sleep_in_kernel,
        )
        for _ in range(chance.randint(0, 10)):
            kernel_at_s = kernel.now_s + chance.random() * STRIKES_UNTIL_S
            self._at(kernel_at_s, chance.choice(kinds))

    def _at(self, at_s: float, fault: object) -> None:
        def strike() -> None:
            assert callable(fault)
            told = fault()
            if told:
                self.report.faults.append(f"{self._kernel.now_s - 1000:.3f} {told}")

        self._kernel.at(at_s, strike)

    def _victim(self, *roles: str) -> Proc | None:
        found = [
            each
            for each in self._kernel.procs.values()
            if each.is_alive and (not roles or each.role in roles)
        ]
        by_role = sorted({each.role for each in found})
        if not by_role:
            return None
        role = self._chance.choice(by_role)
        return self._chance.choice([each for each in found if each.role == role])

    def _kill(self) -> str:
        victim = self._victim()
        if victim is None:
            return ""
        self._kernel.struck_at_s.append(self._kernel.now_s)
        self._kernel.kill(victim, signal.SIGKILL)
        return f"SIGKILL {_shown(victim)}"

    def _kill_in_a_call(self) -> str:
        victim = self._victim("root", "prd", "git", "story", "spare")
        if victim is None:
            return ""
        victim.dies_in_calls = self._chance.randint(0, 60)
        return f"SIGKILL {_shown(victim)} in {victim.dies_in_calls} calls"

    def _stop_one(self) -> str:
        victim = self._victim()
        if victim is None:
            return ""
        self._is_delayed = True
        kernel = self._kernel
        kernel.kill(victim, signal.SIGSTOP)
        # One that nobody wakes up is for the heartbeats; root has nobody above it.
        longest_s = 3.0 if victim.role == "root" else self._chance.choice((3.0, 60.0))
        again_s = kernel.soon(longest_s)
        self._at(again_s, lambda: kernel.kill(victim, signal.SIGCONT))
        return f"SIGSTOP {_shown(victim)} until {again_s - 1000:.3f}"

    def _terminate(self) -> str:
        victim = self._victim("prd", "git", "story", "spare", "agent", "stray")
        if victim is None:
            return ""
        self._kernel.kill(victim, signal.SIGTERM)
        return f"SIGTERM {_shown(victim)}"

    def _ask_to_stop(self) -> str:
        root, kernel = self._root, self._kernel
        if root is None or not root.is_alive or signal.SIGTERM not in root.handlers:
            return ""
        kernel.kill(root, signal.SIGTERM)
        self._stop_by_s = kernel.now_s + self._machine.root_grace_s
        if not self._is_delayed:
            self._machine.nature.stopped_at_s = kernel.now_s
        return "SIGTERM root: a stop"

    def _cut_power(self) -> str:
        kernel = self._kernel
        pending = [event for event in kernel.later() if event[2].__qualname__.endswith("strike")]
        kernel.cut_power()
        self._disk.cut_power()
        self._machine.nature.locks.clear()
        for at_s, _, strike in pending:
            kernel.at(at_s, strike)
        kernel.at(kernel.now_s + 0.2, lambda: None)
        return "the power goes"

    def _fill_disk(self) -> str:
        return self._spoil_disk(errno.ENOSPC, 3.0)

    def _break_disk(self) -> str:
        return self._spoil_disk(errno.EIO, 0.3)

    def _spoil_disk(self, error: int, longest_s: float) -> str:
        self._disk.fails_with = error
        self._is_delayed = True  # what cannot be written is waited for
        again_s = self._kernel.soon(longest_s)

        def mend() -> str:
            self._disk.fails_with = 0
            return ""

        self._at(again_s, mend)
        return f"{errno.errorcode[error]} until {again_s - 1000:.3f}"

    def _refuse_spawns(self) -> str:
        self._kernel.spawns_fail = self._chance.randint(1, 3)
        return f"EAGAIN for {self._kernel.spawns_fail} spawns"

    def _turn_clock(self) -> str:
        by_s = self._chance.uniform(-1e6, 1e6)
        self._kernel.wall_s += by_s
        return f"the clock jumps by {by_s:.0f} s"

    def _pause(self) -> str:
        for_s = self._chance.uniform(0.0, 60.0)
        self._kernel.pause(for_s)
        self._is_delayed = True
        return f"everything stands still for {for_s:.1f} s"

    def _sleep_in_kernel(self) -> str:
        victim = self._victim("agent", "stray")
        if victim is None:
            return ""
        victim.sleeps_until_s = self._kernel.soon(4.0)
        self._is_delayed = True
        return f"{_shown(victim)} sleeps in the kernel until {victim.sleeps_until_s - 1000:.3f}"


def _folder(prd_id: str) -> str:
    return f"{STATE}/prds/{prd_id}"


def _shown(proc: Proc) -> str:
    return f"{proc.role} {'/'.join(proc.about)} (pid {proc.pid})"


def simulate(seed: int) -> Report:
    """Run one seed; AssertionError, with all that struck, if a promise was broken."""
    simulation = Simulation(seed)
    try:
        return simulation.run()
    except Exception as error:
        faults = "\n  ".join(simulation.report.faults)
        raise AssertionError(f"SEED={seed}: {error}\n  {faults}") from error

"""What strikes a simulated tree: deaths, stops, a power cut, a bad disk, a clock that jumps."""

from __future__ import annotations

import errno
import random
import signal
from dataclasses import dataclass, field

from tests.simulation.disk import Disk
from tests.simulation.kernel import Kernel
from tests.simulation.machine import Machine
from tests.simulation.things import Proc

STRIKES_UNTIL_S = 12.0


@dataclass(slots=True, kw_only=True)
class Night:
    """What faults change, and those who look at them."""

    chance: random.Random
    kernel: Kernel
    disk: Disk
    machine: Machine
    faults: list[str] = field(default_factory=list)
    root: Proc | None = None
    stop_by_s: float | None = None
    is_delayed: bool = False  # somebody was stopped or the machine stood still: no deadlines


class Faults:
    """Strikes at moments that the seed decides."""

    def __init__(self, night: Night) -> None:
        self._night = night

    def plan(self) -> None:
        """Decide when which of them strikes."""
        kernel, chance = self._night.kernel, self._night.chance
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

    def plan_long(self, chance: random.Random, until_s: float) -> None:
        """Deaths, reboots and stops, hours apart."""
        kernel = self._night.kernel
        kinds = (
            *(self._kill,) * 4,
            *(self._kill_in_a_call,) * 2,
            self._kill_root,
            self._cut_power,
            self._ask_to_stop,
            self._pause,
            self._stop_one,
        )
        for _ in range(chance.randint(3, 12)):
            self._at(kernel.now_s + chance.random() * until_s, chance.choice(kinds))

    def _kill_root(self) -> str:
        root, kernel = self._night.root, self._night.kernel
        if root is None or not root.is_alive:
            return ""
        kernel.struck_at_s.append(kernel.now_s)
        kernel.kill(root, signal.SIGKILL)
        return "SIGKILL root"

    def _at(self, at_s: float, fault: object) -> None:
        def strike() -> None:
            assert callable(fault)
            told = fault()
            if told:
                self._night.faults.append(f"{self._night.kernel.now_s - 1000:.3f} {told}")

        self._night.kernel.at(at_s, strike)

    def _victim(self, *roles: str) -> Proc | None:
        found = [
            each
            for each in self._night.kernel.procs.values()
            if each.is_alive and (not roles or each.role in roles)
        ]
        by_role = sorted({each.role for each in found})
        if not by_role:
            return None
        role = self._night.chance.choice(by_role)
        return self._night.chance.choice([each for each in found if each.role == role])

    def _kill(self) -> str:
        victim = self._victim()
        if victim is None:
            return ""
        self._night.kernel.struck_at_s.append(self._night.kernel.now_s)
        self._night.kernel.kill(victim, signal.SIGKILL)
        return f"SIGKILL {shown(victim)}"

    def _kill_in_a_call(self) -> str:
        victim = self._victim("root", "prd", "git", "story", "spare")
        if victim is None:
            return ""
        victim.dies_in_calls = self._night.chance.randint(0, 60)
        return f"SIGKILL {shown(victim)} in {victim.dies_in_calls} calls"

    def _stop_one(self) -> str:
        victim = self._victim()
        if victim is None:
            return ""
        self._night.is_delayed = True
        kernel = self._night.kernel
        kernel.kill(victim, signal.SIGSTOP)
        # One that nobody wakes up is for the heartbeats; root has nobody above it.
        longest_s = 3.0 if victim.role == "root" else self._night.chance.choice((3.0, 60.0))
        again_s = kernel.soon(longest_s)
        self._at(again_s, lambda: kernel.kill(victim, signal.SIGCONT))
        return f"SIGSTOP {shown(victim)} until {again_s - 1000:.3f}"

    def _terminate(self) -> str:
        victim = self._victim("prd", "git", "story", "spare", "agent", "stray")
        if victim is None:
            return ""
        self._night.kernel.kill(victim, signal.SIGTERM)
        return f"SIGTERM {shown(victim)}"

    def _ask_to_stop(self) -> str:
        root, kernel = self._night.root, self._night.kernel
        if root is None or not root.is_alive or signal.SIGTERM not in root.handlers:
            return ""
        kernel.kill(root, signal.SIGTERM)
        self._night.stop_by_s = kernel.now_s + self._night.machine.root_grace_s
        if not self._night.is_delayed:
            self._night.machine.nature.stopped_at_s = kernel.now_s
        return "SIGTERM root: a stop"

    def _cut_power(self) -> str:
        kernel = self._night.kernel
        later = sorted(kernel.later(), key=lambda event: event[:2])
        pending = [event for event in later if event[2].__qualname__.endswith("strike")]
        kernel.cut_power()
        self._night.disk.cut_power()
        self._night.machine.nature.locks.clear()
        for at_s, _, strike in pending:
            kernel.at(at_s, strike)
        kernel.at(kernel.now_s + 0.2, lambda: None)
        return "the power goes"

    def _fill_disk(self) -> str:
        return self._spoil_disk(errno.ENOSPC, 3.0)

    def _break_disk(self) -> str:
        return self._spoil_disk(errno.EIO, 0.3)

    def _spoil_disk(self, error: int, longest_s: float) -> str:
        self._night.disk.fails_with = error
        self._night.is_delayed = True  # what cannot be written is waited for
        again_s = self._night.kernel.soon(longest_s)

        def mend() -> str:
            self._night.disk.fails_with = 0
            return ""

        self._at(again_s, mend)
        return f"{errno.errorcode[error]} until {again_s - 1000:.3f}"

    def _refuse_spawns(self) -> str:
        self._night.kernel.spawns_fail = self._night.chance.randint(1, 3)
        return f"EAGAIN for {self._night.kernel.spawns_fail} spawns"

    def _turn_clock(self) -> str:
        by_s = self._night.chance.uniform(-1e6, 1e6)
        self._night.kernel.wall_s += by_s
        return f"the clock jumps by {by_s:.0f} s"

    def _pause(self) -> str:
        for_s = self._night.chance.uniform(0.0, 60.0)
        self._night.kernel.pause(for_s)
        self._night.is_delayed = True
        return f"everything stands still for {for_s:.1f} s"

    def _sleep_in_kernel(self) -> str:
        victim = self._victim("agent", "stray")
        if victim is None:
            return ""
        kernel = self._night.kernel
        victim.sleeps_until_s = kernel.soon(4.0)
        # Who has to end it waits for it a moment, and hears of nothing meanwhile.
        kernel.calm_since_s = max(kernel.calm_since_s, victim.sleeps_until_s)
        self._night.is_delayed = True
        return f"{shown(victim)} sleeps in the kernel until {victim.sleeps_until_s - 1000:.3f}"


def shown(proc: Proc) -> str:
    """A process, for people."""
    return f"{proc.role} {'/'.join(proc.about)} (pid {proc.pid})"

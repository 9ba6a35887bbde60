"""One seed: a machine, the faults that strike it, and what must hold whatever they are."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from prd_supervise.policies.outcomes.outcome import OutcomeKind
from prd_supervise.supervisor.core.prd.landing.landing_state import LANDING_NAME
from prd_supervise.supervisor.core.prd.memory import StoryState
from prd_supervise.supervisor.prd.model import PlannedStory
from prd_supervise.supervisor.shell.storage.journal import checked
from prd_supervise.supervisor.shell.storage.recollection import KINDS, recall
from prd_supervise.workers.messages.agents import AgentRules, AgentSpec
from prd_supervise.workers.messages.rules import MergeRules
from tests.simulation.accounts import Accounts, windows_of
from tests.simulation.disk import Disk
from tests.simulation.faults import STRIKES_UNTIL_S, Faults, Night, shown
from tests.simulation.graph import Graph
from tests.simulation.kernel import Kernel
from tests.simulation.machine import STATE, Machine, a_plan, installed
from tests.simulation.people import People
from tests.simulation.root import LIMITS, start_root
from tests.simulation.things import Proc
from tests.simulation.together import Together
from tests.support.prd_nature import Repository, Script

AGENTS = AgentRules(
    specs=(AgentSpec(name="replay"), AgentSpec(name="other", kind="replay")), fallback=("other",)
)
ALONE = AgentRules(specs=AGENTS.specs[:1])
STEPS_MAX = 400_000
NIGHT_S_MAX = 3_600.0  # of virtual time, after the last fault
GONE_S = 1.5
RESUMES_MAX = 8
LATE_S = 1.0
RESUME_AFTER_S = 2.0  # by a person, or a service that waits before it starts again


@dataclass(slots=True)
class Report:
    """What happened under a seed."""

    seed: int
    faults: list[str] = field(default_factory=list)
    lives: int = 0  # of root
    steps: int = 0
    virtual_s: float = 0.0
    agents: int = 0
    seen: Counter[str] = field(default_factory=Counter)  # how the work came together


class Simulation:
    """A night under one seed."""

    strikes_until_s = STRIKES_UNTIL_S
    nights_max_s = NIGHT_S_MAX
    resume_after_s = RESUME_AFTER_S

    def __init__(
        self,
        seed: int,
        *,
        is_plain: bool = False,
        is_quiet: bool = False,
        limited: bool = False,
        asks: bool = False,
    ) -> None:
        """`is_quiet`: nothing strikes; `limited`, `asks`: as `simulate` has them."""
        self._is_quiet = is_quiet
        self.report = Report(seed)
        self._chance = random.Random(seed)  # noqa: S311  a game, no secret
        kernel, disk = Kernel(self._chance), Disk(self._chance)
        plain = {f"P{number}": self._stories() for number in range(self._chance.randint(1, 2))}
        graph = Graph(seed)  # its own chance: what struck once strikes the same night again
        together = None if is_plain else Together(seed)  # likewise
        if together is not None and together.is_wide:
            stories = together.stories()
        else:
            is_plain = is_plain or graph.is_plain
            stories = plain if is_plain else graph.stories()
        plans = {prd_id: a_plan(prd_id, each) for prd_id, each in stories.items()}
        machine = Machine(kernel, disk, plans)
        machine.max_prds = 2 if is_plain else graph.max_prds
        self._night = Night(chance=self._chance, kernel=kernel, disk=disk, machine=machine)
        self._night.faults = self.report.faults
        for prd_id, plan in plans.items():
            self._night.machine.nature.repositories[prd_id] = Repository()
            names = [story.story_id for story in plan.stories]
            script = self._script(names)
            if together is not None:
                script = together.script(script, names)
                machine.limits[prd_id] = together.limits(LIMITS)
                machine.merging[prd_id] = together.merging()
            machine.nature.scripts[prd_id] = script
        if together is not None:
            machine.leases = together.leases
            together.plan(machine.nature)
        if limited:
            machine.agents = AGENTS if seed % 2 else ALONE
            names = [spec.name for spec in machine.agents.specs]
            windows = windows_of(seed, kernel.now_s, names)
            machine.nature.accounts = Accounts(kernel, windows)
        if asks:
            machine.people = People(seed, kernel, kernel.now_s + 2 * self.strikes_until_s)
        self._ledger: dict[str, dict[int, str]] = {}
        self._synced: dict[str, bytes] = {}  # journals as they were synced last
        self._night.machine.os.on_sync = self._on_sync

    def _stories(self) -> list[PlannedStory]:
        names = [f"S{number}" for number in range(self._chance.randint(1, 3))]
        return [
            PlannedStory(
                story_id=name,
                title=name,
                depends_on=(names[number - 1],) if number and self._chance.random() < 0.5 else (),
            )
            for number, name in enumerate(names)
        ]

    def _script(self, names: list[str]) -> Script:
        first = [(name, 1) for name in names]
        some = [each for each in first if self._chance.random() < 0.2]
        return Script(
            agents=dict.fromkeys(some, OutcomeKind.FAILED),
            reds=frozenset(
                (*each, stage)
                for each in (*first, *((name, 2) for name in names))
                for stage in ("base", "story", "merged")
                if self._chance.random() < 0.1
            ),
            conflicts=frozenset(each for each in first if self._chance.random() < 0.1),
        )

    # --- the night ------------------------------------------------------------------------------

    def run(self) -> Report:
        """Live through it; AssertionError if a promise was broken."""
        with installed(self._night.machine):
            if not self._is_quiet:
                self.plan_faults()
            self._start()
            while not self._is_over():
                self._step()
            self._in_a_process(self._check_end)
        self.report.virtual_s = self._night.kernel.now_s
        self.report.agents = self._night.machine.nature.starts
        self.report.seen = self._night.machine.nature.seen
        if self._night.machine.people is not None:
            self.report.seen.update(word.value for word in self._night.machine.people.said)
        return self.report

    def plan_faults(self) -> None:
        """Decide what strikes when."""
        Faults(self._night).plan()

    def on_resume(self) -> None:
        """Know that somebody is about to resume."""

    def on_record(self, folder: str, record: dict[str, Any]) -> None:
        """Take a record that was synced for the first time."""

    def _start(self) -> None:
        self.report.lives += 1
        self._night.machine.retry = self.report.lives > 1
        self._night.machine.nature.stopped_at_s = None
        self._night.stop_by_s = None
        self._night.is_delayed = False
        self._night.root = start_root(self._night.machine)

    def _step(self) -> None:
        report, kernel = self.report, self._night.kernel
        report.steps += 1
        assert report.steps < STEPS_MAX, f"no end after {STEPS_MAX} steps"
        assert kernel.now_s < 1000.0 + self.strikes_until_s + self.nights_max_s, (
            "no end in virtual time"
        )
        if not kernel.step():
            raise AssertionError(f"nobody will ever do anything again: {self._alive()}")
        self._check_orphans()
        if self._night.stop_by_s is not None and not self._night.is_delayed:
            late = kernel.now_s > self._night.stop_by_s + LATE_S
            assert not late or self._root_is_gone(), "root has not ended by its deadline"

    def _root_is_gone(self) -> bool:
        return self._night.root is None or not self._night.root.is_alive

    def _is_over(self) -> bool:
        if self._night.root is None or self._night.root.is_alive:
            return False
        kernel = self._night.kernel
        status, died_at_s = self._night.root.status, kernel.now_s
        self._night.root = None
        # With nobody alive, the next thing to come may be an old timer, an hour away.
        resume_at_s = died_at_s + RESUME_AFTER_S
        kernel.at(resume_at_s, lambda: None)
        while any(True for _ in self._who_ought_to_be_gone()) or kernel.now_s < resume_at_s:
            if kernel.now_s > max(died_at_s, kernel.calm_since_s) + GONE_S:
                # A parent that was stopped, and has just been killed, kept them from it until then.
                left = [each for each in self._who_ought_to_be_gone() if not self._is_fresh(each)]
                assert not left, f"left {GONE_S} s after root: {[shown(each) for each in left]}"
                break
            if not kernel.step():
                break
        if status == 0 and self._is_complete():
            return True
        over = max(kernel.now_s - 1000.0 - self.strikes_until_s, 0.0) > 0
        assert not over or self.report.lives < RESUMES_MAX + len(self.report.faults), (
            f"it never ends: {status}"
        )
        self.on_resume()
        self._start()
        return False

    def _who_ought_to_be_gone(self) -> list[Proc]:
        """Who nobody keeps from dying; what agents left when several died at once is for resume."""
        kernel = self._night.kernel
        latest = [at_s for at_s in kernel.struck_at_s if at_s > kernel.now_s - 2 * GONE_S]
        return [
            each
            for each in kernel.procs.values()
            if each.is_alive
            and self._acts(each)
            and not (len(latest) > 1 and each.parent == 1 and each.role in {"stray", "agent"})
        ]

    def _is_fresh(self, proc: Proc) -> bool:
        since_s = proc.orphan_since_s
        return since_s is not None and self._night.kernel.now_s < since_s + GONE_S

    def _acts(self, proc: Proc) -> bool:
        """Say whether neither it nor anybody above it is kept from dying."""
        line = [proc, *self._night.kernel.ancestors(proc)]
        return all(
            not each.is_stopped and each.sleeps_until_s + GONE_S < self._night.kernel.now_s
            for each in line
        )

    def _in_a_process(self, look: Callable[[], None]) -> None:
        """Look at the disk as a process does."""
        kernel, errors = self._night.kernel, list[Exception]()

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
            {name for name, _ in self._night.machine.nature.repositories[prd_id].merged}
            == {story.story_id for story in plan.stories}
            for prd_id, plan in self._night.machine.plans.items()
        )

    def _alive(self) -> list[str]:
        return [shown(each) for each in self._night.kernel.procs.values()]

    # --- what must hold -------------------------------------------------------------------------

    def _check_orphans(self) -> None:
        now_s = self._night.kernel.now_s
        for proc in self._night.kernel.procs.values():
            since_s = proc.orphan_since_s
            if since_s is None or not proc.is_alive or now_s < since_s + 2 * GONE_S:
                continue
            if proc.parent != 1 and not self._night.is_delayed and self._acts(proc):
                raise AssertionError(f"{shown(proc)} lives on, {now_s - since_s:.1f} s an orphan")

    def _on_sync(self, path: str, data: bytes) -> None:
        """Note what is acknowledged; a number that is used twice was forgotten in between."""
        if not path.endswith(".log") and ".log" not in path:
            return
        folder = path.rpartition("/")[0]
        known = self._ledger.setdefault(folder, {})
        before, self._synced[path] = self._synced.get(path, b""), data
        fresh = data.removeprefix(before)
        for line in fresh.decode(errors="replace").splitlines():
            _, number, record = line.split(" ", 2)
            if int(number) not in known:
                known[int(number)] = record
                self.on_record(folder, json.loads(record))
            earlier = known[int(number)]
            assert earlier == record, f"{folder}: {number} was {earlier}, then {record}"

    def _check_end(self) -> None:
        for prd_id, plan in self._night.machine.plans.items():
            merged = Counter(n for n, _ in self._night.machine.nature.repositories[prd_id].merged)
            assert merged == Counter(story.story_id for story in plan.stories)
            # One that was written, and not yet acknowledged, may have outlived its writer.
            ledger = sorted(self._ledger[_folder(prd_id)].items())
            told = [json.loads(each) for _, each in ledger]
            _check_done_once(prd_id, told)
            _check_losses(told)
            if self._night.machine.merging.get(prd_id, MergeRules()).auto:
                self._check_landed(prd_id, told)
            recalled = recall(self._night.machine.store(_folder(prd_id), KINDS).stored).stories
            # On a full disk the branch alone tells.
            is_told = all(recalled[name].state is StoryState.DONE for name in merged)
            assert is_told or any("ENOSPC" in each for each in self.report.faults), f"{recalled}"
        for folder, known in self._ledger.items():
            assert self._last_number(folder) >= max(known, default=0), f"{folder} has forgotten"

    def _check_landed(self, prd_id: str, told: list[dict[str, Any]]) -> None:
        """Once, however often it was begun; or it is said why not."""
        nature = self._night.machine.nature
        # What somebody has committed on top of a branch that landed lands as well.
        landed = nature.landings
        assert len({*landed}) == len(landed), f"landed more than once: {landed}"
        last = [each["body"] for each in told if each["kind"] == "PrdLanded"][-1:]
        if not last:
            assert any("ENOSPC" in each for each in self.report.faults), f"{prd_id} is not landed"
        elif last[0]["commit"]:
            last_merge = nature.repositories[prd_id].merged[-1][1]
            assert last_merge in nature.into, f"{prd_id}: {nature.into}"
        else:
            is_red = (LANDING_NAME, 1, "landing") in nature.scripts[prd_id].reds
            assert is_red or "its worker ended" in last[0]["text"], f"{prd_id}: {last}"

    def _last_number(self, folder: str) -> int:
        numbers = [0]
        for path in self._night.disk.list(folder):
            data = bytes(self._night.disk.find(path).data)
            if path.endswith("snapshot.json"):
                numbers.append(json.loads(data)["number"])
            elif path.endswith("journal.log"):
                whole = (checked(line) for line in data.split(b"\n"))  # a full disk tears the last
                numbers += [line[0] for line in whole if line is not None]
        return max(numbers)


def _check_done_once(prd_id: str, told: list[dict[str, Any]]) -> None:
    """Once in all, or once more after it was opened again."""
    done: set[str] = set()
    for record in told:
        name = record["body"].get("story_id", "")
        if record["kind"] == "StoryDone":
            assert name not in done, f"{prd_id}: {name} is done twice"
            done.add(name)
        elif record["kind"] == "StoryReset":
            done.discard(name)


def _check_losses(told: list[dict[str, Any]]) -> None:
    """What an account did costs no story an attempt."""
    lost = [each["body"] for each in told if each["kind"] == "AttemptLost"]
    for record in lost:
        assert not (record.get("type") in {"rate_limited", "transient"} and record["counts"])


def _folder(prd_id: str) -> str:
    return f"{STATE}/prds/{prd_id}"


def simulate(
    seed: int, *, is_plain: bool = False, limited: bool = False, asks: bool = False
) -> Report:
    """Run one seed; AssertionError, with all that struck, if a promise was broken.

    `is_plain`: its stories have nothing but dependencies, whatever the seed says. `limited`:
    accounts of agents are used up at times. `asks`: people have the word, and say no at times.
    """
    simulation = Simulation(seed, is_plain=is_plain, limited=limited, asks=asks)
    try:
        return simulation.run()
    except Exception as error:
        faults = "\n  ".join(simulation.report.faults)
        raise AssertionError(f"SEED={seed}: {error}\n  {faults}") from error

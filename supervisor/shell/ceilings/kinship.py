"""Which processes belong to which story's worker, from one table of all processes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import psutil
from msgspec import Struct

from ....policies.ceilings.verdicts import Attempt
from ....workers.process import capabilities
from ....workers.process.process_table import Process
from ..children.sweep import MARKER

Table = Mapping[int, Process]
Identity = tuple[int, int]  # pid and start ticks: a number that is used again is somebody else


class Worker(Struct, frozen=True, kw_only=True):
    """A story's worker at work."""

    attempt: Attempt
    pid: int
    start_ticks: int
    began_at_s: float
    is_last_chance: bool = False

    def is_in(self, table: Table) -> bool:
        """Say whether it lives: this very one, not another of its number."""
        found = table.get(self.pid)
        if found is None or found.is_zombie:
            return False
        return found.start_ticks in {0, self.start_ticks}


class Kinship:
    """Finds everybody below the workers, in one walk over the table."""

    def __init__(self, marker: str, *, adopts: bool | None = None) -> None:
        """Where no worker `adopts` orphans they are found by their session or environment."""
        self._marker = marker
        self._adopts = capabilities.HERE.subreaper if adopts is None else adopts
        self._sessions: dict[int, Attempt] = {}  # those that members led or were in
        self._owners: dict[Identity, Attempt | None] = {}  # what environments have told

    def families(self, table: Table, workers: Sequence[Worker]) -> dict[Attempt, list[Process]]:
        """Name the members of each worker's family, the worker itself not among them."""
        children: defaultdict[int, list[Process]] = defaultdict(list)
        for process in table.values():
            children[process.parent].append(process)
        pids = {worker.pid for worker in workers}
        families = {
            worker.attempt: _below(children[worker.pid], children, pids) for worker in workers
        }
        if not self._adopts:
            self._add_escaped(table, children, pids, families)
        return families

    def _add_escaped(
        self,
        table: Table,
        children: Mapping[int, list[Process]],
        pids: set[int],
        families: dict[Attempt, list[Process]],
    ) -> None:
        known = pids.union(*({each.pid for each in members} for members in families.values()))
        for process in table.values():
            owner = None if process.pid in known else self._owner(process)
            if owner in families:
                escaped = _below([process], children, known)
                families[owner] += escaped
                known.update(each.pid for each in escaped)
        sessions = {table[pid].session for pid in pids}
        self._sessions = {
            each.session: attempt
            for attempt, members in families.items()
            for each in members
            if each.session not in sessions
        }
        there = {_identity(process) for process in table.values()}
        self._owners = {each: owner for each, owner in self._owners.items() if each in there}

    def _owner(self, process: Process) -> Attempt | None:
        if process.session in self._sessions:
            return self._sessions[process.session]
        identity = _identity(process)
        if identity not in self._owners:
            self._owners[identity] = _named_in_environment(process.pid, self._marker)
        return self._owners[identity]


def _below(
    found: Iterable[Process], children: Mapping[int, list[Process]], not_these: set[int]
) -> list[Process]:
    # A table is not one moment: a number that was used twice could close a circle.
    members: dict[int, Process] = {}
    level = [each for each in found if each.pid not in not_these]
    while level:
        members.update((each.pid, each) for each in level)
        level = [
            child
            for each in level
            for child in children.get(each.pid, ())
            if child.pid not in members and child.pid not in not_these
        ]
    return list(members.values())


def _identity(process: Process) -> Identity:
    return process.pid, process.start_ticks


def _named_in_environment(pid: int, marker: str) -> Attempt | None:
    try:
        environment = psutil.Process(pid).environ()
    except (psutil.NoSuchProcess, psutil.AccessDenied, OSError):
        return None  # gone, or somebody else's
    if environment.get(MARKER) != marker:
        return None
    try:
        return Attempt(
            prd_id=environment["PRD_SUPERVISE_PRD_ID"],
            story_id=environment["PRD_SUPERVISE_STORY_ID"],
            number=int(environment["PRD_SUPERVISE_ATTEMPT"]),
        )
    except (KeyError, ValueError):
        return None

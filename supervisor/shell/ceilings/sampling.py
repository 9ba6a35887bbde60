"""What the stories use: one pass over all processes for all stories, by psutil."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import psutil
from msgspec import Struct, field

from ....policies.ceilings.pressure import HostSample
from ....policies.ceilings.verdicts import Attempt, Sample
from ....workers.process import capabilities
from ....workers.process.process_table import Process, read_table
from .kinship import Identity, Kinship, Worker
from .pressure import read_pressure

NearCeiling = Callable[[Mapping[Attempt, int]], frozenset[Attempt]]


class _Member(Struct, kw_only=True):
    """A process of a story; `process` is psutil's, which is costly to make."""

    process: psutil.Process
    rss_bytes: int = 0
    cpu_s: float = 0.0


class _Account(Struct, kw_only=True):
    """What is known of a story from pass to pass."""

    worker: psutil.Process
    members: dict[Identity, _Member] = field(default_factory=dict)
    count: int = 0
    cpu_s: float = 0.0
    seen_s: float | None = None  # the sum of the last pass
    gone_s: float = 0.0


class Sampler:
    """Takes the samples of a pass; psutil is never asked for descendants: that is a pass each."""

    def __init__(self, kinship: Kinship) -> None:
        self._kinship = kinship
        self._accounts: dict[Attempt, _Account] = {}

    def take(self, workers: Sequence[Worker], near: NearCeiling) -> list[Sample]:
        """Sample the workers that live; `near` says whose shared pages must not count twice."""
        table = read_table()
        alive = [worker for worker in workers if worker.is_in(table)]
        families = self._kinship.families(table, alive)
        self._accounts = {
            worker.attempt: account
            for worker in alive
            if (account := self._account(worker)) is not None
        }
        for attempt, account in self._accounts.items():
            _measure(account, families[attempt])
        used = {attempt: _rss(account) for attempt, account in self._accounts.items()}
        for attempt in near(used):
            used[attempt] = _exact(self._accounts[attempt])
        return [
            Sample(
                attempt=worker.attempt,
                memory_bytes=used[worker.attempt],
                cpu_s=self._accounts[worker.attempt].cpu_s,
                processes=self._accounts[worker.attempt].count,
                began_at_s=worker.began_at_s,
                is_last_chance=worker.is_last_chance,
            )
            for worker in alive
            if worker.attempt in self._accounts
        ]

    def _account(self, worker: Worker) -> _Account | None:
        known = self._accounts.get(worker.attempt)
        if known is not None and known.worker.pid == worker.pid:
            return known
        process = _process(worker.pid)
        return None if process is None else _Account(worker=process)


def read_host() -> HostSample:
    """The memory that the host could still give, and its pressure."""
    available = psutil.virtual_memory().available
    return HostSample(available_bytes=available, pressure=read_pressure())


def _measure(account: _Account, family: Sequence[Process]) -> None:
    before, account.members = account.members, {}
    for each in family:
        identity = each.pid, each.start_ticks
        member = before.pop(identity, None)
        if member is not None and not each.start_ticks and not member.process.is_running():
            account.gone_s += member.cpu_s  # without ticks psutil tells one number's two bearers
            member = None
        if member is None:
            process = _process(each.pid)
            if process is None:
                continue
            member = _Member(process=process)
        if _look(member, is_zombie=each.is_zombie):
            account.members[identity] = member
    account.count = len(family)
    if not _counts_reaped():
        account.gone_s += sum(member.cpu_s for member in before.values())
    seen_s = account.gone_s + _reaped_s(account.worker)
    seen_s += sum(member.cpu_s for member in account.members.values())
    if account.seen_s is not None:
        # It falls where a parent takes no notice of its children's end.
        account.cpu_s += max(0.0, seen_s - account.seen_s)
    account.seen_s = seen_s


def _look(member: _Member, *, is_zombie: bool) -> bool:
    try:
        times = member.process.cpu_times()
        member.cpu_s = times.user + times.system
        if _counts_reaped():
            member.cpu_s += times.children_user + times.children_system
        member.rss_bytes = 0 if is_zombie else member.process.memory_info().rss
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:  # it runs as somebody else (setuid): known to be there, no more
        member.rss_bytes = 0
    return True


def _counts_reaped() -> bool:
    """Say whether the system adds the time of reaped children to their parents.

    Then those that come and go between two passes are counted, too; elsewhere we remember what we
    saw last of them.
    """
    return capabilities.HERE.procfs


def _reaped_s(worker: psutil.Process) -> float:
    if not _counts_reaped():
        return 0.0
    try:
        times = worker.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(times.children_user + times.children_system)


def _rss(account: _Account) -> int:
    return sum(member.rss_bytes for member in account.members.values())


def _exact(account: _Account) -> int:
    """Count shared pages once: by PSS where the system has it, else by USS."""
    return sum(_exact_of(member) for member in account.members.values())


def _exact_of(member: _Member) -> int:
    if not member.rss_bytes:
        return 0
    try:
        found = member.process.memory_full_info()
    except psutil.NoSuchProcess:
        return 0
    except psutil.AccessDenied:
        return member.rss_bytes
    return int(getattr(found, "pss", found.uss))


def _process(pid: int) -> psutil.Process | None:
    try:
        return psutil.Process(pid)
    except psutil.NoSuchProcess:
        return None

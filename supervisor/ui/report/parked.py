"""For how long agents were not started, because of an account's limit or login."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field

from ...core.root.records import AccountOpened, AccountShut
from .spans import Span, merged, within


class Parked(Struct, frozen=True, kw_only=True):
    """An account whose agents were not started for a while, as long as PRDs were at work."""

    account: str
    agent: str  # whose run met it last
    times: int
    parked_s: float


class _Account(Struct, kw_only=True):
    agent: str = ""
    since: float | None = None
    spans: list[Span] = field(default_factory=list)


def parked_of(
    records: Sequence[tuple[object, float]], at_work: Sequence[Span]
) -> tuple[Parked, ...]:
    """Each account that was ever shut while PRDs were at work; trials count as well."""
    found: dict[str, _Account] = {}
    for record, at in records:
        if isinstance(record, AccountShut):
            account = found.setdefault(record.gate.account, _Account())
            account.agent = record.gate.agent
            account.since = at if account.since is None else account.since
        elif isinstance(record, AccountOpened) and record.account in found:
            _open(found[record.account], at)
    end = at_work[-1][1] if at_work else 0.0
    for account in found.values():
        _open(account, end)
    parts = (_parked(name, each, at_work) for name, each in sorted(found.items()))
    return tuple(part for part in parts if part.times)


def _parked(name: str, account: _Account, at_work: Sequence[Span]) -> Parked:
    """What of it counts: a night in which nobody worked is no loss."""
    counts = [within(at_work, begin, end) for begin, end in merged(account.spans)]
    counts = [each for each in counts if each]
    return Parked(account=name, agent=account.agent, times=len(counts), parked_s=sum(counts))


def _open(account: _Account, at: float) -> None:
    if account.since is not None:
        account.spans.append((account.since, max(account.since, at)))
        account.since = None

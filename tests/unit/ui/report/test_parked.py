"""For how long agents were not started, as the report says it."""

from __future__ import annotations

from prd_supervise.policies.accounts.parking import Gate, Standing
from prd_supervise.supervisor.core.root.records import AccountOpened, AccountShut
from prd_supervise.supervisor.ui.report.parked import Parked, parked_of

Records = list[tuple[object, float]]


def shut(at: float, account: str = "work") -> tuple[object, float]:
    gate = Gate(account=account, standing=Standing.PARKED, agent="claude")
    return AccountShut(gate=gate), at


def opened(at: float, account: str = "work") -> tuple[object, float]:
    return AccountOpened(account=account, agent="claude"), at


def parked(times: int, seconds: float, account: str = "work") -> Parked:
    return Parked(account=account, agent="claude", times=times, parked_s=seconds)


def test_each_second_counts_once_and_only_while_prds_are_at_work() -> None:
    records: Records = [shut(10), shut(20), opened(40), shut(90), opened(120)]
    assert parked_of(records, [(0.0, 100.0)]) == (parked(2, 40.0),)
    assert parked_of(records, [(30.0, 35.0)]) == (parked(1, 5.0),)
    assert parked_of(records, [(200.0, 300.0)]) == ()


def test_what_is_still_shut_counts_until_now() -> None:
    assert parked_of([shut(10)], [(0.0, 50.0)]) == (parked(1, 40.0),)
    both: Records = [shut(10), shut(20, "other"), opened(30, "other"), opened(40)]
    assert parked_of(both, [(0.0, 50.0)]) == (parked(1, 10.0, "other"), parked(1, 30.0))
    assert parked_of([opened(5)], [(0.0, 50.0)]) == ()

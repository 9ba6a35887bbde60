"""Root forgets PRDs of which nothing is left, and none that anybody still wants."""

from __future__ import annotations

import pytest

from prd_supervise.policies.costs.budget import Budget, Spent
from prd_supervise.policies.scheduling.admission import Leases
from prd_supervise.policies.supervising.spec import Backoff, Intensity
from prd_supervise.policies.values import replace
from prd_supervise.supervisor.core.otp.state import Supervisor
from prd_supervise.supervisor.core.root.ledger import Ledger
from prd_supervise.supervisor.core.root.needs import Needs
from prd_supervise.supervisor.core.root.records import (
    PrdAccepted,
    PrdBegun,
    PrdForgotten,
    PrdSettled,
    PrdState,
    RootRecord,
)
from prd_supervise.supervisor.core.root.state import Entry, Root
from prd_supervise.supervisor.core.root.step import step
from prd_supervise.supervisor.core.root.words import PrdsOutlived, WriteRoot
from prd_supervise.supervisor.shell.board import Board
from prd_supervise.supervisor.shell.storage.offline import root_payload

GONE = PrdsOutlived(prd_ids=("A",))


def accepted(prd_id: str) -> PrdAccepted:
    return PrdAccepted(prd_id=prd_id, title=prd_id, path=f"/{prd_id}.json", base="0")


def root_with(state: PrdState) -> Root:
    entries = (
        Entry(accepted=accepted("A"), state=state),
        Entry(accepted=accepted("B"), state=PrdState.COMPLETED),
    )
    spent = {"A": Spent(usd=1.0), "B": Spent(usd=2.0)}
    needs = Needs(done_before=frozenset({"A/US-1", "B/US-1"}))
    return Root(
        supervisor=Supervisor(intensity=Intensity(max_restarts=1, period_s=1.0), backoff=Backoff()),
        leases=Leases(limit=1),
        max_prds=1,
        grace_s=1.0,
        stays=True,
        entries=entries,
        ledger=Ledger(spent=spent),
        needs=needs,
    )


def forgotten(root: Root) -> tuple[Root, list[str]]:
    after, commands = step(root, GONE, 1.0)
    written = [each.record for each in commands if isinstance(each, WriteRoot)]
    return after, [each.prd_id for each in written if isinstance(each, PrdForgotten)]


@pytest.mark.parametrize("state", [PrdState.COMPLETED, PrdState.FAILED])
def test_all_that_root_knows_of_it_goes(state: PrdState) -> None:
    after, names = forgotten(root_with(state))
    assert names == ["A"]
    assert [each.prd_id for each in after.entries] == ["B"]
    assert after.ledger.spent.keys() == {"B"}
    assert after.needs.done_before == {"B/US-1"}


def test_one_that_this_root_never_ran_goes_as_well() -> None:
    root = root_with(PrdState.COMPLETED)
    _, names = forgotten(replace(root, entries=root.entries[1:]))
    assert names == ["A"]


@pytest.mark.parametrize("state", [PrdState.QUEUED, PrdState.STOPPED])
def test_one_that_was_accepted_again_meanwhile_stays(state: PrdState) -> None:
    root = replace(root_with(state), refusal="short")
    assert forgotten(root)[1] == []


def test_what_is_held_stays_and_what_counts_towards_a_budget() -> None:
    root = root_with(PrdState.COMPLETED)
    assert forgotten(replace(root, holds=frozenset({("A", "US-1")})))[1] == []
    budget = replace(root.ledger, budget=Budget(usd=9.0))
    assert forgotten(replace(root, ledger=budget))[1] == []


def test_the_snapshot_tells_nothing_of_it_any_more_until_it_is_accepted_again() -> None:
    life: list[RootRecord] = [
        accepted("A"),
        PrdBegun(prd_id="A"),
        PrdSettled(prd_id="A", state=PrdState.COMPLETED),
        PrdForgotten(prd_id="A"),
    ]
    records: list[tuple[RootRecord, float]] = [(each, float(at)) for at, each in enumerate(life)]
    assert root_payload(records) == []
    board = Board()
    for record, at in (*records, (accepted("A"), 9.0)):
        board.on_record(record, at)
    assert board.rows["A"].state is PrdState.QUEUED
    payload = root_payload([*records, (accepted("A"), 9.0)])
    assert isinstance(payload, list)
    assert len(payload) == 1

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.policies.scheduling.admission import (
    Lease,
    Leases,
    ask,
    free_places,
    give_back,
    grant,
    holder_died,
    spares_wanted,
)


def lease(name: str) -> Lease:
    return Lease(holder=name[0], name=name)


def asking(limit: int, *names: str) -> Leases:
    leases = Leases(limit=limit)
    for name in names:
        leases = ask(leases, lease(name))
    return leases


def names(leases: tuple[Lease, ...]) -> list[str]:
    return [each.name for each in leases]


def test_no_limit_means_no_bound() -> None:
    assert free_places(7, 0) is None
    assert names(grant(asking(0, "A1", "A2", "A3"))[1]) == ["A1", "A2", "A3"]


def test_more_than_the_limit_leaves_no_place_and_never_a_negative_one() -> None:
    assert [free_places(n, 2) for n in (0, 1, 2, 3)] == [2, 1, 0, 0]


def test_who_has_fewest_goes_first_and_else_who_asked_first() -> None:
    leases, first = grant(asking(3, "A1", "A2", "A3", "B1", "C1"))
    assert names(first) == ["A1", "B1", "C1"]
    leases, second = grant(give_back(leases, lease("B1")))
    assert names(second) == ["A2"]
    assert names(leases.waiting) == ["A3"]


def test_asking_twice_is_asking_once() -> None:
    leases, _ = grant(asking(1, "A1", "A2", "A2"))
    assert ask(leases, lease("A1")) == leases
    assert names(leases.waiting) == ["A2"]


def test_a_request_that_nobody_wants_any_longer_is_not_granted() -> None:
    leases, _ = grant(asking(1, "A1", "B1", "B2"))
    leases = give_back(leases, lease("B1"))
    assert names(grant(give_back(leases, lease("A1")))[1]) == ["B2"]


def test_the_leases_of_a_dead_holder_come_back_all_at_once() -> None:
    leases, _ = grant(asking(2, "A1", "A2", "A3", "B1"))
    after, granted = grant(holder_died(leases, "A"))
    assert names(granted) == []
    assert names(after.held) == ["B1"]
    assert after.waiting == ()


@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.sampled_from("askgivedie"), st.sampled_from("ABC"), st.integers(1, 4))),
)
def test_the_limit_holds_and_nobody_waits_while_there_is_a_place(
    limit: int, moves: list[tuple[str, str, int]]
) -> None:
    leases = Leases(limit=limit)
    for move, holder, number in moves:
        each = lease(f"{holder}{number}")
        if move in "ask":
            leases = ask(leases, each)
        elif move in "give":
            leases = give_back(leases, each)
        else:
            leases = holder_died(leases, holder)
        leases, _ = grant(leases)
        everyone = (*leases.held, *leases.waiting)
        assert len(leases.held) <= limit
        assert len(leases.held) == limit or not leases.waiting
        assert len(set(everyone)) == len(everyone)


@pytest.mark.parametrize(
    ("waiting", "running", "limit", "wanted"),
    [
        (0, 0, 3, 0),
        (0, 1, 3, 1),
        (0, 3, 3, 1),
        (2, 0, 3, 2),
        (2, 3, 3, 2),
        (9, 3, 3, 3),
        (9, 9, 0, 4),
        (9, 9, 50, 4),
    ],
)
def test_as_many_workers_are_kept_warm_as_could_start_at_once_and_one_for_a_death(
    waiting: int, running: int, limit: int, wanted: int
) -> None:
    assert spares_wanted(waiting, running, limit) == wanted

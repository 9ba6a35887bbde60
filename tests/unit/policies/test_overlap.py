"""Leases of stories that exclude each other: never two at once, and everybody gets a turn."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from prd_supervise.policies.scheduling.admission import Lease, Leases, ask, give_back, grant


def excludes(one: Lease, other: Lease) -> bool:
    """A lease is named by its files; those of one PRD are kept apart elsewhere."""
    return one.holder != other.holder and bool(set(one.name) & set(other.name))


def lease(holder: str, files: str) -> Lease:
    return Lease(holder=holder, name=files)


def test_nobody_gets_a_lease_beside_a_holder_that_it_excludes() -> None:
    leases = ask(ask(Leases(limit=9), lease("P", "a")), lease("Q", "ab"))
    leases, granted = grant(leases, excludes)
    assert granted == (lease("P", "a"),)
    leases, granted = grant(give_back(leases, lease("P", "a")), excludes)
    assert granted == (lease("Q", "ab"),)


def test_who_is_at_work_without_a_lease_stands_in_the_way_as_well() -> None:
    leases = ask(Leases(limit=9), lease("Q", "ab"))
    assert grant(leases, excludes, [lease("P", "a")])[1] == ()
    assert grant(leases, excludes, [lease("P", "c")])[1] == (lease("Q", "ab"),)


def test_one_of_whom_others_have_parts_is_not_overtaken_for_ever() -> None:
    leases = grant(ask(Leases(limit=9), lease("P", "a")), excludes)[0]
    leases = ask(ask(leases, lease("Q", "ab")), lease("P", "b"))
    leases, granted = grant(leases, excludes)
    assert granted == ()
    leases, granted = grant(give_back(leases, lease("P", "a")), excludes)
    assert granted == (lease("Q", "ab"),)


def test_one_that_excludes_nobody_does_not_wait() -> None:
    leases = Leases(limit=9)
    for each in (lease("P", "a"), lease("Q", "a"), lease("Q", "c")):
        leases = ask(leases, each)
    assert set(grant(leases, excludes)[1]) == {lease("P", "a"), lease("Q", "c")}


FILES = st.text("abc", min_size=1, max_size=2)
WANTED = st.lists(st.tuples(st.sampled_from("PQR"), FILES), max_size=12, unique=True)


@settings(max_examples=300, deadline=None)
@given(wanted=WANTED, limit=st.integers(1, 4), data=st.data())
def test_never_two_that_exclude_each_other_and_everybody_in_the_end(
    wanted: list[tuple[str, str]], limit: int, data: st.DataObject
) -> None:
    leases = Leases(limit=limit)
    for holder, files in wanted:
        leases = ask(leases, lease(holder, files))
    served: list[Lease] = []
    while True:
        leases, granted = grant(leases, excludes)
        served += granted
        held = leases.held
        assert not any(excludes(one, other) for one in held for other in held)
        if not held:
            break
        leases = give_back(leases, data.draw(st.sampled_from(held)))
    assert sorted((each.holder, each.name) for each in served) == sorted(wanted)

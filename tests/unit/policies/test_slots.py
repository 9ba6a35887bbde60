from __future__ import annotations

from prd_supervise.policies.scheduling.slots import (
    Choice,
    Holder,
    Pool,
    choose_slot,
    free_slot,
    kept_slots,
)

POOL = Pool(width=2, kept=1)


def holder(
    slot: int, *, is_busy: bool = False, is_failed: bool = False, has_open_work: bool = False
) -> Holder:
    return Holder(
        story_id=f"S{slot}",
        slot=slot,
        is_busy=is_busy,
        is_failed=is_failed,
        has_open_work=has_open_work,
    )


def test_a_story_gets_its_own_slot_again_while_nobody_else_uses_it() -> None:
    assert choose_slot(2, [holder(1)], POOL) == Choice(slot=2)
    assert choose_slot(2, [holder(2, is_busy=True)], POOL) == Choice(slot=1)


def test_the_lowest_slot_that_nobody_needs_is_taken() -> None:
    assert choose_slot(0, [holder(1), holder(3)], POOL) == Choice(slot=2)


def test_nobody_at_work_gives_up_a_worktree() -> None:
    at_work = [holder(number, is_busy=True) for number in (1, 2, 3)]
    assert choose_slot(0, at_work, POOL) == Choice(slot=4)


def test_with_as_many_worktrees_as_may_be_a_failed_story_too_many_gives_up_its_own() -> None:
    holders = [holder(1, is_busy=True), holder(2, is_failed=True), holder(3, is_failed=True)]
    assert choose_slot(0, holders, POOL) == Choice(slot=2, evicted=("S2",))


def test_failed_stories_that_are_kept_stay_where_somebody_else_only_waits() -> None:
    holders = [holder(1, is_failed=True), holder(2, has_open_work=True), holder(3)]
    assert choose_slot(0, holders, POOL) == Choice(slot=3, evicted=("S3",))
    holders = [holder(1, is_failed=True), holder(2, has_open_work=True), holder(3, is_busy=True)]
    assert choose_slot(0, holders, POOL) == Choice(slot=1, evicted=("S1",))


def test_without_a_bound_of_stories_there_is_none_of_worktrees() -> None:
    pool = Pool(width=0, kept=1)
    holders = [holder(number) for number in range(1, 50)]
    assert choose_slot(0, holders, pool) == Choice(slot=50)


def test_where_no_further_worktree_can_be_made_only_those_that_stand_are_used() -> None:
    pool = Pool(width=3, kept=1, usable=(2, 4))
    assert choose_slot(1, [holder(2, is_busy=True)], pool) == Choice(slot=4)
    waits = [holder(2, is_busy=True), holder(4)]
    assert choose_slot(0, waits, pool) == Choice(slot=4, evicted=("S4",))
    busy = [holder(2, is_busy=True), holder(4, is_busy=True)]
    assert choose_slot(0, busy, pool).slot not in {2, 4}


def test_a_slot_that_two_stories_had_is_given_up_by_both() -> None:
    twice = [holder(1), Holder(story_id="T", slot=1, is_busy=False, is_failed=False)]
    assert choose_slot(0, twice, Pool(width=1, kept=0)) == Choice(slot=1, evicted=("S1", "T"))


def test_at_the_end_as_many_worktrees_of_failed_stories_stay_as_are_to_be_kept() -> None:
    holders = [holder(1, is_failed=True), holder(2), holder(3, is_failed=True)]
    assert kept_slots(holders, 5) == ((1, 3), ())
    assert kept_slots(holders, 1) == ((3,), ("S1",))
    assert kept_slots(holders, 0) == ((), ("S1", "S3"))


def test_the_lowest_free_slot_is_taken() -> None:
    assert [free_slot(taken) for taken in ((), (1, 2), (2, 3), (1, 3))] == [1, 3, 1, 2]

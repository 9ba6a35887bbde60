from __future__ import annotations

from prd_supervise.supervisor.core.common import Noted
from prd_supervise.supervisor.core.root.records import PrdBegun, PrdSettled, PrdState
from prd_supervise.supervisor.ui.report.spans import length, merged, spans_of, within


def begun(at: float, prd_id: str = "P") -> tuple[object, float]:
    return PrdBegun(prd_id=prd_id), at


def settled(at: float) -> tuple[object, float]:
    return PrdSettled(prd_id="P", state=PrdState.STOPPED), at


def heard(*moments: float) -> list[tuple[object, float]]:
    return [(Noted(child_id="git", event="x", attempt=0, text=""), at) for at in moments]


def test_each_run_is_a_span_and_the_time_between_them_none() -> None:
    root = [begun(10), settled(20), begun(100), settled(130)]
    assert spans_of("P", root, heard(11, 19, 101, 129), now=None) == ((10, 20), (100, 130))


def test_after_a_crash_a_run_ends_with_what_was_heard_last() -> None:
    root = [begun(10), begun(100), begun(90, "Q"), settled(130)]
    assert spans_of("P", root, heard(11, 47, 101), now=None) == ((10, 47), (100, 130))
    assert spans_of("P", [begun(10)], heard(11, 47), now=None) == ((10, 47),)
    assert spans_of("P", [begun(10)], heard(), now=None) == ((10, 10),)


def test_what_is_at_work_goes_on_until_now() -> None:
    assert spans_of("P", [begun(10)], heard(11), now=60) == ((10, 60),)


def test_where_root_has_forgotten_the_beginning_the_prd_itself_tells() -> None:
    assert spans_of("P", [begun(5, "Q")], heard(30, 40), now=None) == ((30, 40),)
    assert spans_of("P", [], heard(), now=None) == ()


def test_overlaps_count_once_and_a_clock_that_was_set_back_counts_nothing() -> None:
    assert merged([(5, 9), (1, 3), (2, 4), (20, 10)]) == ((1, 4), (5, 9), (20, 20))
    assert length([(1, 4), (5, 9)]) == 7
    assert within([(1, 4), (5, 9)], 3, 6) == 2
    assert within([(1, 4)], 6, 3) == 0

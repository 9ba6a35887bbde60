from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prd_supervise.workers.merging.hunks import Region, changes, lines_of
from prd_supervise.workers.merging.hunks import regions as _regions

TEXTS = st.lists(st.sampled_from([b"a\n", b"b\n", b"c\n", b"\n", b"}\n"]), max_size=30)


def regions(base: list[bytes], left: list[bytes], right: list[bytes]) -> tuple[Region, ...]:
    return _regions(left, right, hunks=(changes(base, left), changes(base, right)))


def rebuilt(base: list[bytes], side: list[bytes]) -> list[bytes]:
    made, at = [], 0
    for hunk in changes(base, side):
        made += base[at : hunk.base[0]]
        made += side[slice(*hunk.side)]
        at = hunk.base[1]
    return made + base[at:]


@given(TEXTS, TEXTS)
def test_what_was_changed_makes_the_side_out_of_the_base(
    base: list[bytes], side: list[bytes]
) -> None:
    assert rebuilt(base, side) == side
    assert bool(changes(base, side)) == (base != side)


@given(TEXTS, TEXTS, TEXTS)
def test_the_lines_of_a_region_stand_in_all_three_texts(
    base: list[bytes], left: list[bytes], right: list[bytes]
) -> None:
    for region in regions(base, left, right):
        for (first, end), text in (
            (region.base, base),
            (region.left, left),
            (region.right, right),
        ):
            assert 0 <= first <= end <= len(text)


def test_lines_are_git_s_lines() -> None:
    assert lines_of(b"a\r\nb\x0c\n\nc") == [b"a\r\n", b"b\x0c\n", b"\n", b"c"]
    assert lines_of(b"") == []


def test_changes_that_touch_are_a_region_and_those_with_a_line_between_are_none() -> None:
    base = lines_of(b"1\n2\n3\n4\n5\n")
    left = lines_of(b"1\nx\n3\n4\n5\n")
    (region,) = regions(base, left, lines_of(b"1\n2\ny\n4\n5\n"))
    assert (region.base, region.left, region.right) == ((1, 3), (1, 3), (1, 3))
    assert regions(base, left, lines_of(b"1\n2\n3\ny\n5\n")) == ()
    assert regions(base, left, left) == ()


def test_a_line_that_moved_costs_two_hunks_only() -> None:
    base = [b"%d\n" % n for n in range(50)]
    side = [*base[:10], *base[11:40], base[10], *base[40:]]
    assert len(changes(base, side)) == 2


@pytest.mark.parametrize(
    ("base", "side"),
    [
        ([b"\n"] * 30_000, [b"\n", b"x\n"] * 15_000),
        ([b"a\n", b"b\n"] * 15_000, [b"b\n", b"b\n", b"a\n"] * 10_000),
        ([b"%d\n" % n for n in range(30_000)], [b"%d\n" % n for n in range(30_000, 0, -1)]),
    ],
    ids=["blank", "alternating", "reversed"],
)
def test_texts_that_are_bad_for_a_diff_are_done_in_time(
    base: list[bytes], side: list[bytes]
) -> None:
    began = time.process_time()
    assert rebuilt(base, side) == side
    assert time.process_time() - began < 5

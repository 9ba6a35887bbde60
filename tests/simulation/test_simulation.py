from __future__ import annotations

import random
from collections import Counter

import pytest

from tests.simulation.disk import Disk
from tests.simulation.simulation import simulate

pytestmark = pytest.mark.timeout(900)  # it only computes: a slow machine makes it late, not wrong

PART = 50

# Each of these has shown a fault once, of the product or of the simulation.
REMEMBERED = (25, 31, 39, 308, 355, 1474, 21140)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
def test_no_fault_breaks_a_promise(part: int) -> None:
    reports = [simulate(seed) for seed in range(part * PART, (part + 1) * PART)]

    assert any(report.lives > 1 for report in reports)
    assert sum(len(report.faults) for report in reports) > PART
    seen = sum((report.seen for report in reports), Counter[str]())
    assert {"trains of 2", "conflicts", "speculated", "NoWorktree", "Landed"} <= seen.keys()


@pytest.mark.slow
def test_nights_end_in_which_people_have_the_word() -> None:
    reports = [simulate(seed, asks=True) for seed in range(PART)]

    seen = sum((report.seen for report in reports), Counter[str]())
    assert min(seen["approved"], seen["rejected"]) > PART // 2  # else nobody was really asked
    assert any(report.lives > 1 for report in reports)


@pytest.mark.parametrize("seed", REMEMBERED)
def test_what_was_broken_once_holds(seed: int) -> None:
    simulate(seed, is_plain=True)


# Likewise, where several stories come together: what a rolled back PRD had merged counted as done
# for the PRDs that need it.
REMEMBERED_TOGETHER = (1052, 400042, 400114, 401240)


@pytest.mark.parametrize("seed", REMEMBERED_TOGETHER)
def test_what_was_broken_once_holds_where_stories_come_together(seed: int) -> None:
    simulate(seed)


def test_the_seed_alone_decides() -> None:
    assert simulate(7) == simulate(7)


def test_what_was_not_synced_may_be_lost_and_what_was_is_not() -> None:
    lengths = set()
    for seed in range(50):
        disk = Disk(random.Random(seed))  # noqa: S311  a game, no secret
        file = disk.open("/f", 0o100)
        disk.sync_folder("/")
        disk.write(file, b"kept")
        disk.sync(file)
        disk.write(file, b"lost")
        disk.cut_power()
        data = bytes(disk.find("/f").data)
        assert data.startswith(b"kept")
        lengths.add(len(data))

    assert lengths == {4, 5, 6, 7, 8}

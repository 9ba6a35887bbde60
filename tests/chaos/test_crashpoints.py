from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.points import POINTS, crash_at, passed

pytestmark = [pytest.mark.chaos, pytest.mark.slow]

# One of each kind and level; `make crashpoints` runs them all.
SOME = (
    "root:journal.sync.before:2",
    "root:rename.history.after:1",
    "prd:journal.append.after:5",
    "prd:spawn.process.after:2",
    "worker:spawn.command.after:2",
    "git:git.update-ref.after:3",
    "git:git.rollback.before:1",
    "git:git.rollback.after:1",
)


def test_the_table_names_every_point_that_a_tree_passes(tmp_path: Path) -> None:
    assert set(passed(tmp_path)) == set(POINTS)


@pytest.mark.parametrize("at", SOME)
def test_a_crash_at_a_named_point_loses_nothing_and_doubles_nothing(
    tmp_path: Path, at: str
) -> None:
    crash = crash_at(tmp_path, at)

    assert crash.was_reached

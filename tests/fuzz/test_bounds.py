"""No file takes more than time and memory in proportion: hard limits of the system say so.

A few seconds are enough for the most stories that such a file can have.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz import make_monsters

SIZE = 100_000
SECONDS_MAX = 30
BYTES_MAX = 1_500_000_000
PARTS = 4
NAMES = sorted(make_monsters.MONSTERS)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_a_monster_is_read_or_refused_within_bounds(part: int, tmp_path: Path) -> None:
    names = NAMES[part::PARTS]
    limits = (str(SIZE), str(SECONDS_MAX), str(BYTES_MAX))
    run = subprocess.run(
        (sys.executable, make_monsters.__file__, *limits, str(tmp_path), *names),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, f"{run.stdout}\n{run.stderr[-2000:]}"
    assert run.stdout.count("\n") == len(names)

from __future__ import annotations

from pathlib import Path

import pytest

from prd_supervise.policies.ceilings.pressure import Pressure
from prd_supervise.supervisor.shell.ceilings.pressure import PSI, read_pressure

LINE = "avg10={} avg60=1.00 avg300=2.00 total=3\n"


def test_the_averages_of_ten_seconds_are_read(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("some " + LINE.format("9.00") + "full " + LINE.format("1.25"))
    (tmp_path / "io").write_text("some " + LINE.format("8.00") + "full " + LINE.format("2.50"))
    (tmp_path / "cpu").write_text("some " + LINE.format("81.5"))
    assert read_pressure(tmp_path) == Pressure(memory_full=1.25, io_full=2.5, cpu_some=81.5)


def test_where_the_kernel_tells_nothing_nothing_is_known(tmp_path: Path) -> None:
    assert read_pressure(tmp_path) is None


@pytest.mark.skipif(not PSI.exists(), reason="this kernel tells no pressure")
def test_this_kernel_s_own_files_are_understood() -> None:
    pressure = read_pressure()
    assert pressure is None or 0 <= pressure.cpu_some <= 100

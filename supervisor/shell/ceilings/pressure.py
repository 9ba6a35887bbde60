"""The host's own pressure, as the kernel tells it: memory left, and PSI where there is one."""

from __future__ import annotations

from pathlib import Path

from ....policies.ceilings.pressure import Pressure

PSI = Path("/proc/pressure")


def read_pressure(folder: Path = PSI) -> Pressure | None:
    """Read the pressure stall information; None where the kernel has none (macOS, PSI is off)."""
    try:
        return Pressure(
            memory_full=_avg10(folder / "memory", "full"),
            io_full=_avg10(folder / "io", "full"),
            cpu_some=_avg10(folder / "cpu", "some"),
        )
    except OSError:  # no such file, or EOPNOTSUPP: built in, and switched off at boot
        return None


def _avg10(path: Path, kind: str) -> float:
    """One figure of `some avg10=0.05 avg60=0.56 avg300=4.69 total=3326874280`."""
    for line in path.read_text(encoding="ascii").splitlines():
        words = line.split()
        if words and words[0] == kind:
            fields = dict(word.split("=", 1) for word in words[1:])
            return float(fields["avg10"])
    return 0.0

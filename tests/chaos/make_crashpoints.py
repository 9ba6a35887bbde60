"""`make crashpoints`: a crash at every named point, at its first, second and a later passing."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import uuid
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.chaos.points import CALLS, POINTS, Crash, crash_at, passed
from tests.support.e2e_processes import MARK, bearers, kill

TIMES = (1, 2, 7)


def main() -> int:
    """Print a table of what each crash led to; 1 if a promise was broken or a point is unknown."""
    only = os.environ.get("POINT", "")
    os.environ[MARK] = uuid.uuid4().hex
    began_s = time.monotonic()
    print("what each point is:")
    for role, what, text in CALLS:
        print(f"  {role}:{what}: {text}")
    failures: list[str] = []
    found: Counter[str] = Counter()
    if not only:
        with tempfile.TemporaryDirectory() as folder:
            found = passed(Path(folder))
        failures += [f"{name}: passed, but not in the table" for name in found.keys() - set(POINTS)]
    crashes: list[Crash] = []
    for name in POINTS:
        if only and only not in name:
            continue
        told = []
        for number in TIMES:
            if found and number > found[name]:
                told.append("-")
                continue
            crash, error = _try(f"{name}:{number}")
            if crash is None:
                failures.append(f"{name}:{number}: {error}")
                told.append("FAILED")
                continue
            if crash.was_reached:
                crashes.append(crash)
            elif number == 1:
                failures.append(f"{name}: never passed")
            what = f"{crash.resumes} resume(s), {crash.gone_s:.2f} s"
            told.append(what if crash.was_reached else "-")
        print(f"{name:32} {' | '.join(told)}", flush=True)
    late = sum(crash.gone_s > 1.0 for crash in crashes)
    print(
        f"{len(crashes)} crashes at {len(POINTS)} points in {time.monotonic() - began_s:.0f} s: "
        f"{len(failures)} failures; nobody left after {max(c.gone_s for c in crashes):.2f} s at "
        f"most, {late} times later than 1 s"
    )
    for failure in failures:
        print(f"FAILED {failure}")
    return 1 if failures else 0


def _try(at: str) -> tuple[Crash | None, str]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        try:
            return crash_at(Path(folder), at), ""
        except AssertionError as error:
            return None, str(error)
        finally:
            for process in bearers(os.environ[MARK], Path(folder)):
                kill(process.pid)


if __name__ == "__main__":
    sys.exit(main())

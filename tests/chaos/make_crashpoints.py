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


class Round:
    """All crashes, one after the other."""

    def __init__(self) -> None:
        self.crashes: list[Crash] = []
        self.failures: list[str] = []
        with tempfile.TemporaryDirectory() as folder:
            self._found: Counter[str] = passed(Path(folder))
        unknown = self._found.keys() - set(POINTS)
        self.failures += [f"{name}: passed, but not in the table" for name in sorted(unknown)]

    def crash(self, name: str) -> str:
        """Crash at this point, at each of its passings that is wanted; say what came of it."""
        told = [self._crash_at(name, number) for number in TIMES if number <= self._found[name]]
        if not told:
            self.failures.append(f"{name}: never passed")
        return " | ".join(told)

    def _crash_at(self, name: str, number: int) -> str:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            try:
                crash = crash_at(Path(folder), f"{name}:{number}")
            except AssertionError as error:
                self.failures.append(f"{name}:{number}: {error}")
                return "FAILED"
            finally:
                for process in bearers(os.environ[MARK], Path(folder)):
                    kill(process.pid)
        if not crash.was_reached:  # another process of its level had passed it the other times
            return "-"
        self.crashes.append(crash)
        return f"{crash.resumes} resume(s), {crash.gone_s:.2f} s"


def main() -> int:
    """Print a table of what each crash led to; 1 if a promise was broken or a point is unknown."""
    only = os.environ.get("POINT", "")
    os.environ[MARK] = uuid.uuid4().hex
    began_s = time.monotonic()
    print("what each point is:")
    for role, what, text in CALLS:
        print(f"  {role}:{what}: {text}")
    all_of_them = Round()
    for name in POINTS:
        if only in name:
            print(f"{name:32} {all_of_them.crash(name)}", flush=True)
    gone_s = [crash.gone_s for crash in all_of_them.crashes]
    late = sum(each > 1.0 for each in gone_s)
    print(
        f"{len(gone_s)} crashes at {len(POINTS)} points in {time.monotonic() - began_s:.0f} s: "
        f"{len(all_of_them.failures)} failures; nobody left after {max(gone_s, default=0):.2f} s "
        f"at most, {late} times later than 1 s"
    )
    for failure in all_of_them.failures:
        print(f"FAILED {failure}")
    return 1 if all_of_them.failures else 0


if __name__ == "__main__":
    sys.exit(main())

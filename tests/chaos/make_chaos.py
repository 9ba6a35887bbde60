"""`make chaos KILLS=1000 SEED=1`: a storm of signals over running trees, and what came of it."""

from __future__ import annotations

import os
import sys
import tempfile
import uuid
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.chaos.storm import storm
from tests.support.e2e_processes import MARK, bearers, kill

LEFT_STOPPED = 0.1


def main() -> int:
    """Print what was done and what came of it; 1 if a promise was broken."""
    seed, kills = int(os.environ.get("SEED", "1")), int(os.environ.get("KILLS", "1000"))
    os.environ[MARK] = uuid.uuid4().hex
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:

        def folder_of(night: int) -> Path:
            place = Path(folder, str(night))
            place.mkdir()
            return place

        try:
            tally = storm(
                folder_of,
                seed=seed,
                kills=kills,
                size=(3, 6),
                left_stopped=LEFT_STOPPED,
                say=_say,
            )
        except AssertionError as error:
            print(f"FAILED with SEED={seed}: {error}")
            return 1
        finally:
            for process in bearers(os.environ[MARK], Path(folder)):
                kill(process.pid)
    print(f"SEED={seed}: {tally}")
    return 0


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())

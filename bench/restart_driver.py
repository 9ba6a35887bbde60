"""Kills a story worker again and again, and prints how long its supervisor needs for another one.

A process of its own that imports as little as the console script, as spawn_driver.py does.
"""

from __future__ import annotations

import sys

from prd_supervise.__main__ import main as _console_script  # noqa: F401  as the console script does

if __name__ == "__main__":
    from pathlib import Path

    sys.path[0] = str(Path(__file__).resolve().parent.parent)

    from bench.worker_kills import drive

    drive(Path(sys.argv[1]), int(sys.argv[2]))

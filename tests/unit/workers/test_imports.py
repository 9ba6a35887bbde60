from __future__ import annotations

import os
import subprocess
import sys

HEAVY = ("pydantic", "git", "psutil", "tenacity", "blessed", "click", "multiprocessing", "asyncio")
MODULES = (
    "descendants",
    "jobs.running",
    "jobs.environment",
    "jobs.outcome_of",
    "jobs.signs_of_life",
    "agents.registry",
)


def test_nothing_heavy_is_on_the_way_of_a_story_worker() -> None:
    code = "import sys\n" + "".join(f"import prd_supervise.workers.{name}\n" for name in MODULES)
    code += f"print([name for name in {HEAVY} if name in sys.modules])"
    # Measuring coverage imports more.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=env)
    assert done.stdout == "[]\n"

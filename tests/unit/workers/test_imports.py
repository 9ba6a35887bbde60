from __future__ import annotations

import subprocess
import sys

HEAVY = ("pydantic", "git", "psutil", "tenacity", "blessed", "click", "multiprocessing", "asyncio")
MODULES = ("jobs", "descendants", "environment", "outcome_of", "signs_of_life", "agents.registry")


def test_nothing_heavy_is_on_the_way_of_a_story_worker() -> None:
    code = "import sys\n" + "".join(f"import prd_supervise.workers.{name}\n" for name in MODULES)
    code += f"print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"

from __future__ import annotations

import os
import subprocess
import sys

HEAVY = ("pydantic", "git", "psutil", "tenacity", "blessed", "click", "multiprocessing", "asyncio")
MODULES = (
    "process.descendants",
    "jobs.running",
    "jobs.environment",
    "jobs.outcome_of",
    "jobs.signs_of_life",
    "agents.registry",
)


def test_nothing_heavy_is_on_the_way_of_a_story_worker() -> None:
    assert loaded_by(MODULES, HEAVY) == "[]\n"


def test_an_integrator_starts_without_the_parsers_and_the_linter_of_merges() -> None:
    assert loaded_by(("integrator",), ("tree_sitter", "pyflakes", "pydantic", "psutil")) == "[]\n"


def loaded_by(modules: tuple[str, ...], names: tuple[str, ...]) -> str:
    code = "import sys\n" + "".join(f"import prd_supervise.workers.{name}\n" for name in modules)
    code += f"print([name for name in {names} if name in sys.modules])"
    # Measuring coverage imports more.
    env = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True, env=env).stdout


def test_neither_root_nor_its_notifier_pays_for_what_posts_to_a_webhook() -> None:
    network = ("ssl", "urllib.request", "http.client")
    root = ("notify.bounds", "notify.placeholders", "messages.notices")
    assert loaded_by(root, (*network, *HEAVY, "prd_supervise.workers.jobs.job")) == "[]\n"
    assert loaded_by(("notify.courier",), (*network, "tenacity", "pydantic", "psutil")) == "[]\n"

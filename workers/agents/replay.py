"""The agent that plays a script instead of thinking: for demos, tests and benchmarks."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from ..messages.story import AgentSpec
from .base import AgentRun, ResultIn
from .script import RESULT_LINE

SCRIPT_NAME = "replay.json"

# Not `python -m prd_supervise...`: that needs site-packages and takes 40 ms instead of 15. The
# folder above goes last in the path, because the names in it must not hide the standard library's.
_BOOT = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from agents.player import main; sys.exit(main(sys.argv[2]))"
)


def files(spec: AgentSpec) -> Mapping[str, str]:
    """Bring the script."""
    return {SCRIPT_NAME: spec.script}


def argv(_spec: AgentSpec, run: AgentRun) -> tuple[str, ...]:
    """Start the player, which imports nothing but the standard library and its own folder."""
    workers = Path(__file__).resolve().parent.parent
    script = Path(run.attempt_dir, SCRIPT_NAME)
    return (sys.executable, "-I", "-S", "-c", _BOOT, str(workers), str(script))


def result_in(_spec: AgentSpec) -> ResultIn | None:
    """Look for what the player says at the step `result`."""
    return lambda line: line.startswith(RESULT_LINE)

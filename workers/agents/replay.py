"""The agent that plays a script instead of thinking: for demos, tests and benchmarks."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..messages.agents import AgentSpec, Home
from .base import AgentRun, Listener, Traits
from .listeners.replay import ReplayListener

TRAITS = Traits(home=Home.USER, can_resume=True)
SCRIPT_NAME = "replay.json"

# Not `python -m prd_supervise...`: that needs site-packages and takes 40 ms instead of 15. The
# folder above goes last in the path, because the names in it must not hide the standard library's.
_BOOT = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from agents.playing.player import main; sys.exit(main(sys.argv[2], sys.argv[3]))"
)


def files(spec: AgentSpec, run: AgentRun) -> Mapping[str, str]:
    """Bring the script."""
    return {_script(run): spec.script}


def argv(spec: AgentSpec, run: AgentRun) -> tuple[str, ...]:
    """Start the player, which imports nothing but the standard library and its own folder."""
    workers = Path(__file__).resolve().parent.parent
    circumstances = {
        "agent": spec.name,
        "model": spec.model,
        "resumed": bool(run.session),
        "review": run.is_review,
    }
    told = json.dumps(circumstances)
    return (sys.executable, "-I", "-S", "-c", _BOOT, str(workers), _script(run), told)


def env(_spec: AgentSpec, _run: AgentRun) -> Mapping[str, str]:
    """Share the user's TMPDIR: the scripts of a demo or a test meet each other there."""
    return {"TMPDIR": tempfile.gettempdir()}


def listener(_spec: AgentSpec, _run: AgentRun) -> Listener:
    """Listen for what the player says of itself."""
    return ReplayListener()


def version_argv(_spec: AgentSpec) -> tuple[str, ...]:
    """Have none: it is a part of us."""
    return ()


def _script(run: AgentRun) -> str:
    return str(Path(run.attempt_dir, SCRIPT_NAME))

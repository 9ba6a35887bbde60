"""opencode, as 1.18.33 was measured: `opencode run --format json --print-logs`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from ..messages.agents import AgentSpec
from .base import AgentRun, Listener, Traits
from .conversations import session_here
from .listeners.opencode import OpencodeListener
from .network import NETWORK_ENV

TRAITS = Traits(
    program="opencode",
    models=("*/*",),
    links=(
        ".local/share/opencode/auth.json",
        ".config/opencode/opencode.json",
        ".config/opencode/opencode.jsonc",
    ),
    env=(*NETWORK_ENV, "OPENCODE_CONFIG"),
    secret_env=(
        "ANTHROPIC_API_KEY",
        "GEMINI_API_KEY",
        "OPENAI_API_KEY",
        "OPENCODE_API_KEY",
        "OPENCODE_CONFIG_CONTENT",
        "OPENROUTER_API_KEY",
    ),
    can_resume=True,
    is_structured=True,
    yolo="every tool without asking, in every folder; else it edits files and has no shell",
)

# Nobody is there to be asked: what would be asked for is refused, and ends the run without a word.
_EDITS = {
    "bash": "deny",
    "doom_loop": "deny",
    "external_directory": "deny",
    "question": "deny",
    "webfetch": "deny",
    "websearch": "deny",
}
_LOOKS = {**_EDITS, "edit": "deny", "task": "deny"}
_EVERYTHING = {"*": "allow", "question": "deny"}


def files(_spec: AgentSpec, _run: AgentRun) -> Mapping[str, str]:
    """Need nothing: the login and its settings are linked."""
    return {}


def argv(spec: AgentSpec, run: AgentRun) -> tuple[str, ...]:
    """Have the prompt on standard input."""
    session = session_here(run)
    return (
        *(spec.command or (TRAITS.program,)),
        *("run", "--format", "json", "--print-logs", "--log-level", "INFO"),
        *((f"--model={spec.model}",) if spec.model else ()),
        *((f"--session={session}",) if session else ()),
        *spec.args,
    )


def env(spec: AgentSpec, run: AgentRun) -> Mapping[str, str]:
    """Say what it may do."""
    allowed = _LOOKS if run.is_review else _EVERYTHING if spec.is_yolo else _EDITS
    return {"OPENCODE_PERMISSION": json.dumps(allowed), "OPENCODE_DISABLE_AUTOUPDATE": "1"}


def listener(_spec: AgentSpec, run: AgentRun) -> Listener:
    """Listen to its events and to its log."""
    return OpencodeListener(run)


def version_argv(spec: AgentSpec) -> tuple[str, ...]:
    """Ask for it."""
    return (*(spec.command or (TRAITS.program,)), "--version")

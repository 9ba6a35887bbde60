"""Gemini CLI, as 0.61 was measured: `gemini --output-format stream-json`."""

from __future__ import annotations

from collections.abc import Mapping

from ..messages.agents import AgentSpec
from .base import AgentRun, Listener, Traits
from .conversations import session_here
from .listeners.gemini import GeminiListener
from .network import NETWORK_ENV

TRAITS = Traits(
    program="gemini",
    models=("gemini*", "auto", "flash*", "pro"),
    links=(
        ".gemini/oauth_creds.json",
        ".gemini/gemini-credentials.json",
        ".gemini/google_accounts.json",
        ".gemini/settings.json",
    ),
    env=(
        *NETWORK_ENV,
        "GEMINI_MODEL",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_CLOUD_LOCATION",
        "GOOGLE_CLOUD_PROJECT",
        "GOOGLE_GEMINI_BASE_URL",
        "GOOGLE_GENAI_USE_GCA",
        "GOOGLE_GENAI_USE_VERTEXAI",
        "GOOGLE_VERTEX_BASE_URL",
    ),
    secret_env=("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    can_resume=True,
    is_structured=True,
    yolo="every tool without asking (--approval-mode yolo); else it edits files and has no shell",
)


def files(_spec: AgentSpec, _run: AgentRun) -> Mapping[str, str]:
    """Need nothing: the login and its settings are linked."""
    return {}


def argv(spec: AgentSpec, run: AgentRun) -> tuple[str, ...]:
    """Have the prompt on standard input: as an argument it is bounded, and seen by everybody."""
    mode = "yolo" if spec.is_yolo else "auto_edit"
    session = session_here(run)
    return (
        *(spec.command or (TRAITS.program,)),
        *("--output-format", "stream-json"),
        *("--approval-mode", "default" if run.is_review else mode),
        *((f"--model={spec.model}",) if spec.model else ()),
        *((f"--resume={session}",) if session else ()),
        *spec.args,
    )


def env(_spec: AgentSpec, _run: AgentRun) -> Mapping[str, str]:
    """Keep it one process, and trusting its worktree: else it works in no mode but asking."""
    return {"GEMINI_CLI_NO_RELAUNCH": "true", "GEMINI_CLI_TRUST_WORKSPACE": "true"}


def listener(_spec: AgentSpec, run: AgentRun) -> Listener:
    """Listen to its events."""
    return GeminiListener(run)


def version_argv(spec: AgentSpec) -> tuple[str, ...]:
    """Ask for it."""
    return (*(spec.command or (TRAITS.program,)), "--version")

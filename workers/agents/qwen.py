"""Qwen Code, as 0.15.10 was measured: `qwen --output-format stream-json`."""

from __future__ import annotations

from collections.abc import Mapping

from ..messages.agents import AgentSpec
from .base import AgentRun, Listener, Traits
from .conversations import session_here
from .listeners.qwen import QwenListener
from .network import NETWORK_ENV

TRAITS = Traits(
    program="qwen",
    models=("*qwen*", "coder-model", "vision-model"),
    links=(".qwen/oauth_creds.json", ".qwen/settings.json"),
    env=(*NETWORK_ENV, "OPENAI_BASE_URL", "OPENAI_MODEL", "QWEN_MODEL"),
    secret_env=("OPENAI_API_KEY", "DASHSCOPE_API_KEY", "BAILIAN_CODING_PLAN_API_KEY"),
    can_resume=True,
    is_structured=True,
    yolo="every tool without asking (--approval-mode yolo); else it edits files and has no shell",
)


def files(_spec: AgentSpec, _run: AgentRun) -> Mapping[str, str]:
    """Need nothing: the login and its settings are linked."""
    return {}


def argv(spec: AgentSpec, run: AgentRun) -> tuple[str, ...]:
    """Have the prompt on standard input: as an argument it is bounded, and seen by everybody."""
    mode = "yolo" if spec.is_yolo else "auto-edit"
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
    """Need nothing."""
    return {}


def listener(_spec: AgentSpec, run: AgentRun) -> Listener:
    """Listen to its messages."""
    return QwenListener(run)


def version_argv(spec: AgentSpec) -> tuple[str, ...]:
    """Ask for it."""
    return (*(spec.command or (TRAITS.program,)), "--version")

"""Codex (`codex exec`)."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ..messages.agents import AgentSpec
from .base import AgentRun, Listener, Traits
from .listeners.codex import CodexListener
from .network import NETWORK_ENV

TRAITS = Traits(
    program="codex",
    models=("gpt-*", "o[0-9]*", "codex*"),
    links=(".codex/auth.json",),
    env=(*NETWORK_ENV, "OPENAI_BASE_URL", "OPENAI_ORGANIZATION", "OPENAI_PROJECT"),
    secret_env=("CODEX_API_KEY", "OPENAI_API_KEY"),
    can_resume=True,
    is_structured=True,
    yolo="no sandbox (--dangerously-bypass-approvals-and-sandbox); else its commands write in the "
    "worktree and its TMPDIR alone, and reach no network",
)

_HOME = ".codex"
# Besides the worktree its own TMPDIR, and not what all programs of this machine share.
_WORKSPACE = (
    'sandbox_mode="workspace-write"',
    "sandbox_workspace_write.exclude_slash_tmp=true",
)
_QUIET = (
    "analytics.enabled=false",
    "feedback.enabled=false",
    "check_for_update_on_startup=false",
    "features.shell_snapshot=false",  # else its whole environment, keys included, stands in a file
)


def files(_spec: AgentSpec, _run: AgentRun) -> Mapping[str, str]:
    """Need nothing: what is set stands on its command line, so that a user's file may be linked."""
    return {}


def argv(spec: AgentSpec, run: AgentRun) -> tuple[str, ...]:
    """Give the command line; a value stands in one word with its option, and becomes none."""
    model = (f"--model={spec.model}",) if spec.model else ()
    settings = (*_QUIET, 'approval_policy="never"', *_sandbox(spec, run))
    skips = spec.is_yolo and not run.is_review
    return (
        *(spec.command or (TRAITS.program,)),
        "exec",
        *(("resume",) if run.session else ()),
        "--json",
        *model,
        *(f"--config={setting}" for setting in settings),
        *(("--dangerously-bypass-approvals-and-sandbox",) if skips else ()),
        *spec.args,
        *((run.session,) if run.session else ()),
        "-",
    )


def _sandbox(spec: AgentSpec, run: AgentRun) -> tuple[str, ...]:
    """Say what its commands may do. Resuming knows no --sandbox, hence as a setting."""
    if run.is_review:
        return ('sandbox_mode="read-only"',)
    return () if spec.is_yolo else _WORKSPACE


def env(_spec: AgentSpec, _run: AgentRun) -> Mapping[str, str]:
    """Need nothing: its folder is found below its HOME, and made there."""
    return {}


def listener(_spec: AgentSpec, run: AgentRun) -> Listener:
    """Begin to listen to a run."""
    if run.home:
        return CodexListener(str(Path(run.home, _HOME)))
    return CodexListener(os.environ.get("CODEX_HOME") or str(Path.home() / _HOME))


def version_argv(spec: AgentSpec) -> tuple[str, ...]:
    """Give the command that prints its version."""
    return (*(spec.command or (TRAITS.program,)), "--version")

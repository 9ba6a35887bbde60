"""Claude Code (`claude -p`)."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..messages.agents import AgentSpec
from .base import AgentRun, Listener, Traits
from .listeners.claude import ClaudeListener
from .network import NETWORK_ENV

TRAITS = Traits(
    program="claude",
    models=("claude*", "opus*", "sonnet*", "haiku*", "default", "*anthropic.claude*"),
    links=(".claude/.credentials.json",),
    env=(
        *NETWORK_ENV,
        "ANTHROPIC_BASE_URL",
        "ANTHROPIC_MODEL",
        "ANTHROPIC_SMALL_FAST_MODEL",
        "ANTHROPIC_DEFAULT_OPUS_MODEL",
        "ANTHROPIC_DEFAULT_SONNET_MODEL",
        "ANTHROPIC_DEFAULT_HAIKU_MODEL",
        "API_TIMEOUT_MS",
        "AWS_PROFILE",
        "AWS_REGION",
        "BASH_DEFAULT_TIMEOUT_MS",
        "BASH_MAX_TIMEOUT_MS",
        "CLAUDE_CODE_MAX_OUTPUT_TOKENS",
        "CLAUDE_CODE_MAX_RETRIES",
        "CLAUDE_CODE_USE_BEDROCK",
        "CLAUDE_CODE_USE_VERTEX",
        "CLOUD_ML_REGION",
        "ANTHROPIC_VERTEX_PROJECT_ID",
        "MAX_THINKING_TOKENS",
    ),
    secret_env=(
        "ANTHROPIC_API_KEY",
        "ANTHROPIC_AUTH_TOKEN",
        "ANTHROPIC_CUSTOM_HEADERS",
        "CLAUDE_CODE_OAUTH_TOKEN",
        "AWS_BEARER_TOKEN_BEDROCK",
    ),
    can_resume=True,
    is_structured=True,
    sandbox=("bwrap", "socat") if sys.platform == "linux" else (),
    yolo="every tool without asking (--dangerously-skip-permissions); else it edits files in the "
    "worktree, and runs commands in its own sandbox, for which bubblewrap and socat must be there: "
    "without them only the verify commands, and what it holds to be harmless",
)

# Commands that its sandbox holds need no leave: they write below the worktree alone.
_SANDBOX = {"enabled": True, "autoAllowBashIfSandboxed": True}


def files(_spec: AgentSpec, _run: AgentRun) -> Mapping[str, str]:
    """Need nothing: what is not said on its command line is said by variables."""
    return {}


def argv(spec: AgentSpec, run: AgentRun) -> tuple[str, ...]:
    """Give the command line; a value stands in one word with its option, and becomes none."""
    model = (f"--model={spec.model}",) if spec.model else ()
    resume = (f"--resume={run.session}",) if run.session else ()
    return (
        *(spec.command or (TRAITS.program,)),
        "-p",
        "--output-format=stream-json",
        "--verbose",
        *model,
        *resume,
        *_rights(spec, run),
        *spec.args,
    )


def _rights(spec: AgentSpec, run: AgentRun) -> tuple[str, ...]:
    if run.is_review:
        return ("--tools=Read,Grep,Glob", "--strict-mcp-config")
    if spec.is_yolo:
        return ("--dangerously-skip-permissions",)
    settings = {"sandbox": _SANDBOX, "permissions": {"allow": _rules(run.may_run)}}
    return ("--permission-mode=acceptEdits", f"--settings={json.dumps(settings)}")


def _rules(commands: Iterable[str]) -> list[str]:
    """Name the commands as its rules do, exactly; in them a star would stand for anything."""
    return [f"Bash({each})" for each in commands if each.isprintable() and "*" not in each]


def env(spec: AgentSpec, run: AgentRun) -> Mapping[str, str]:
    """Say where it keeps its things, and that it shall talk to nobody but its model."""
    variables = {
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "DISABLE_TELEMETRY": "1",
    }
    if run.home:
        variables["CLAUDE_CONFIG_DIR"] = str(Path(run.home, ".claude"))
    if spec.is_yolo and not run.is_review and os.geteuid() == 0:
        variables["IS_SANDBOX"] = "1"  # it refuses to skip permissions as root otherwise
    return variables


def listener(_spec: AgentSpec, _run: AgentRun) -> Listener:
    """Begin to listen to a run."""
    return ClaudeListener()


def version_argv(spec: AgentSpec) -> tuple[str, ...]:
    """Give the command that prints its version."""
    return (*(spec.command or (TRAITS.program,)), "--version")

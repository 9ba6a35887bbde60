"""aider: `aider --message-file`; known from its source (0.86) and its help, not from runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..messages.agents import AgentSpec
from .base import AgentRun, Listener, Traits
from .listeners.aider import AiderListener
from .network import NETWORK_ENV

TRAITS = Traits(
    program="aider",
    links=(".aider.conf.yml", ".aider.model.settings.yml"),
    env=(*NETWORK_ENV, "AIDER_MODEL", "OLLAMA_API_BASE", "OPENAI_API_BASE"),
    secret_env=(
        "ANTHROPIC_API_KEY",
        "DEEPSEEK_API_KEY",
        "GEMINI_API_KEY",
        "OPENAI_API_KEY",
        "OPENROUTER_API_KEY",
    ),
    takes_stdin=False,
    yolo="nothing more: it edits files, and runs no command of its model either way",
)

# Folders that it makes at the top of the worktree, and nothing lets it make elsewhere.
_CACHES = (".aider.tags.cache.v3", ".aider.tags.cache.v4")
_MESSAGE = "aider-message.md"
_HEAD = "The task:\n\n"  # a message that begins with ! or / would be run as a command
_QUIET = (
    "--no-pretty",
    "--no-stream",
    "--no-fancy-input",
    "--no-check-update",
    "--no-show-release-notes",
    "--no-show-model-warnings",
    "--no-detect-urls",
    "--no-suggest-shell-commands",
    "--no-gitignore",
    "--no-auto-commits",
    "--no-dirty-commits",
    "--analytics-disable",
    "--yes-always",
)


def files(_spec: AgentSpec, run: AgentRun) -> Mapping[str, str]:
    """Bring the message, and keep its caches out of the work by a line of their own."""
    text = Path(run.prompt_file).read_text(encoding="utf-8")
    folders = (Path(run.worktree, name) for name in _CACHES)
    caches = {str(folder / ".gitignore"): "*\n" for folder in folders if not folder.is_symlink()}
    return {str(Path(run.attempt_dir, _MESSAGE)): _HEAD + text, **caches}


def argv(spec: AgentSpec, run: AgentRun) -> tuple[str, ...]:
    """Keep its histories beside its log; commits are ours."""
    folder = Path(run.attempt_dir)
    return (
        *(spec.command or (TRAITS.program,)),
        *_QUIET,
        f"--chat-history-file={folder / 'aider.chat.md'}",
        f"--input-history-file={folder / 'aider.input'}",
        *((f"--model={spec.model}",) if spec.model else ()),
        *(("--chat-mode=ask",) if run.is_review else ()),
        *spec.args,
        f"--message-file={folder / _MESSAGE}",
    )


def env(_spec: AgentSpec, _run: AgentRun) -> Mapping[str, str]:
    """Need nothing."""
    return {}


def listener(_spec: AgentSpec, _run: AgentRun) -> Listener:
    """Listen to its lines."""
    return AiderListener()


def version_argv(spec: AgentSpec) -> tuple[str, ...]:
    """Ask for it."""
    return (*(spec.command or (TRAITS.program,)), "--version")

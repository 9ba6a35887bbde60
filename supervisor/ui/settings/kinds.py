"""The kinds of agent that there are here: ours, and those that other distributions bring."""

from __future__ import annotations

_OURS = ("aider", "claude", "codex", "command", "gemini", "opencode", "qwen", "replay")


def kind_names() -> tuple[str, ...]:
    """Their names, as the configuration uses them."""
    return _OURS

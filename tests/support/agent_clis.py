"""The real agents as the tests of them start them by hand, pointed at the model server."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.model_server.server import ModelServer

AGENTS = Path(__file__).resolve().parents[2] / ".agents"
PROGRAMS = AGENTS / "node_modules" / ".bin"
KEY = "sk-of-the-tests-4711"  # no vendor has given it out
NAMES = ("claude", "codex", "gemini")


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """How one is started without prd-supervise, its HOME and TMPDIR apart."""

    argv: tuple[str, ...]
    env: dict[str, str]
    files: dict[str, str] = field(default_factory=dict)  # in its HOME


def by_hand(name: str, model: ModelServer) -> ByHand:
    """Give the command that works on what its standard input says."""
    match name:
        case "claude":
            return ByHand(
                argv=(
                    *("claude", "-p", "--output-format", "stream-json", "--verbose"),
                    "--dangerously-skip-permissions",
                ),
                env={
                    "ANTHROPIC_API_KEY": KEY,
                    "ANTHROPIC_BASE_URL": model.url,
                    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
                    "CLAUDE_CODE_MAX_RETRIES": "1",
                    "DISABLE_AUTOUPDATER": "1",
                    "DISABLE_TELEMETRY": "1",
                    "IS_SANDBOX": "1",
                },
            )
        case "codex":
            settings = tuple(f"--config={each}" for each in _codex_provider(model))
            return ByHand(
                argv=(
                    *("codex", "exec", "--json", "--model=gpt-5", *settings),
                    *("--dangerously-bypass-approvals-and-sandbox", "-"),
                ),
                env={"MODEL_KEY": KEY},
                files={".codex/config.toml": ""},
            )
        case "gemini":
            return ByHand(
                argv=(
                    *("gemini", "-m", "gemini-2.5-flash", "--output-format", "stream-json"),
                    *("--yolo", "-p", ""),
                ),
                env={
                    "GEMINI_API_KEY": KEY,
                    "GOOGLE_GEMINI_BASE_URL": model.url,
                    "GEMINI_CLI_TRUST_WORKSPACE": "true",
                    "GEMINI_CLI_NO_RELAUNCH": "true",
                },
                files={".gemini/settings.json": json.dumps(_GEMINI_SETTINGS)},
            )
    raise ValueError(name)


_GEMINI_SETTINGS = {
    "security": {"auth": {"selectedType": "gemini-api-key"}},
    "privacy": {"usageStatisticsEnabled": False},
    "general": {"maxAttempts": 1, "disableAutoUpdate": True},
    "telemetry": {"enabled": False},
}


def _codex_provider(model: ModelServer) -> tuple[str, ...]:
    """A provider of one's own, as settings of codex."""
    fields = {
        "name": '"scripted"',
        "base_url": f'"{model.url}/v1"',
        "wire_api": '"responses"',
        "env_key": '"MODEL_KEY"',
        "request_max_retries": "1",
        "stream_max_retries": "1",
    }
    provider = ", ".join(f"{key} = {value}" for key, value in fields.items())
    return (
        'model_provider="scripted"',
        f"model_providers.scripted={{ {provider} }}",
        "analytics.enabled=false",
        "feedback.enabled=false",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervised:
    """How one is set for prd-supervise, and what it has in its environment."""

    env: dict[str, str]
    agent: dict[str, object] = field(default_factory=dict)  # [agents.NAME]
    files: dict[str, str] = field(default_factory=dict)  # in the user's HOME


def supervised(name: str, model: ModelServer) -> Supervised:
    """Set the agent as a user would who has a server and a key of his own."""
    match name:
        case "claude":
            return Supervised(
                env={
                    "ANTHROPIC_API_KEY": KEY,
                    "ANTHROPIC_BASE_URL": model.url,
                    "CLAUDE_CODE_MAX_RETRIES": "1",
                },
            )
        case "codex":
            return Supervised(
                agent={
                    "model": "gpt-5",  # which its models' list must not know, nor be asked for
                    "args": [f"--config={each}" for each in _codex_provider(model)],
                    "secret_env": ["MODEL_KEY"],
                },
                env={"MODEL_KEY": KEY},
            )
        case "gemini":
            return Supervised(
                agent={"model": "gemini-2.5-flash"},
                env={"GEMINI_API_KEY": KEY, "GOOGLE_GEMINI_BASE_URL": model.url},
                files={".gemini/settings.json": json.dumps(_GEMINI_SETTINGS)},
            )
    raise ValueError(name)

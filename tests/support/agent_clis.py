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


def by_hand(name: str, home: Path, model: ModelServer) -> ByHand:
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
            return ByHand(
                argv=("codex", "exec", "--json", "--dangerously-bypass-approvals-and-sandbox", "-"),
                env={"CODEX_HOME": str(home / ".codex"), "MODEL_KEY": KEY},
                files={".codex/config.toml": codex_config(model)},
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
    "general": {"disableAutoUpdate": True},
    "telemetry": {"enabled": False},
}


def codex_config(model: ModelServer) -> str:
    """A provider of one's own, as codex' configuration has it."""
    return f"""
model = "gpt-5"
model_provider = "scripted"
[model_providers.scripted]
name = "scripted"
base_url = "{model.url}/v1"
wire_api = "responses"
env_key = "MODEL_KEY"
request_max_retries = 1
stream_max_retries = 1
[analytics]
enabled = false
[feedback]
enabled = false
"""

"""How people get the agents that we know, and how they log in to them."""

from __future__ import annotations

import shutil

from msgspec import Struct

from ....workers.agents.base import Traits
from ....workers.messages.agents import AgentSpec
from .words import Line, warn


class Hint(Struct, frozen=True):
    """What to type."""

    install: str
    log_in: str


_PACKAGES = {"bwrap": "bubblewrap"}

HINTS = {
    "aider": Hint("`pipx install aider-chat`", "set the key of your model's provider"),
    "claude": Hint(
        "`npm install -g @anthropic-ai/claude-code`",
        "run `claude` and type /login, or set CLAUDE_CODE_OAUTH_TOKEN (`claude setup-token`)",
    ),
    "codex": Hint("`npm install -g @openai/codex`", "`codex login`, or set CODEX_API_KEY"),
    "gemini": Hint(
        "`npm install -g @google/gemini-cli`",
        "run `gemini` once and choose how to log in, or set GEMINI_API_KEY",
    ),
    "opencode": Hint(
        "`npm install -g opencode-ai`", "`opencode auth login`, and name a model: model = ..."
    ),
    "qwen": Hint(
        "`npm install -g @qwen-code/qwen-code`",
        "run `qwen` and type /auth, or set OPENAI_API_KEY and OPENAI_BASE_URL",
    ),
}


def without_sandbox(spec: AgentSpec, traits: Traits) -> Line | None:
    """Say which programs its sandbox lacks, and what it cannot do without."""
    missing = [name for name in traits.sandbox if shutil.which(name) is None]
    if spec.is_yolo or not missing:
        return None
    return warn(
        "sandbox",
        f"{spec.name} has no sandbox without {' and '.join(missing)}, and runs hardly any command"
        " but the verify commands",
        f"`apt install {' '.join(_PACKAGES.get(name, name) for name in missing)}` or its like;"
        f" yolo = true under [agents.{spec.name}] lets it run everything, without a sandbox",
    )


def how_to_install(kind: str, program: str, name: str) -> str:
    """Say how, and where to say that it is elsewhere."""
    hint = HINTS.get(kind)
    get = f"{hint.install}, or " if hint else ""
    return f'{get}write where it is: command = ["/path/to/{program}"] under [agents.{name}]'


def how_to_log_in(kind: str) -> str:
    """Say how."""
    hint = HINTS.get(kind)
    return hint.log_in if hint else "log in to it, or set its key: docs/agents.md"

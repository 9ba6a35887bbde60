"""Whether the agent that is set can be run here."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from ...prd.defect import Defect, quoted
from .config import Settings
from .layers import FILE, PREFIX, Layer, file_layer, repository_layer, user_file

_COMMAND = ("agent", "command")
_VARIABLE = f"{PREFIX}AGENT_COMMAND"


def agent_defects(
    settings: Settings, repository: Path, environ: Mapping[str, str]
) -> tuple[Defect, ...]:
    """Why the agent's command cannot be run, before anything is started."""
    agent = settings.agent
    if agent.use != "command":
        return ()
    if not agent.command:
        message = 'no agent is set; write command = ["./agent.sh"] under [agent]'
    else:
        message = _problem(agent.command[0], repository)
    if not message:
        return ()
    if environ.get(_VARIABLE):
        return (Defect(path="environment", message=message),)
    layer = _layer(repository, environ)
    if layer is None:
        return (Defect(path=str(repository / FILE), message=message),)
    return (layer.defect(_COMMAND, message),)


def _problem(word: str, repository: Path) -> str:
    if "/" not in word:
        if shutil.which(word) is not None:
            return ""
        return f"agent.command: {quoted(word)} is not on PATH; install it, or write its path"
    program = repository / word
    if not program.is_file():
        return (
            f"agent.command: {quoted(word)} is no file in the repository; "
            "write the path of a committed file, or an absolute one"
        )
    if not os.access(program, os.X_OK):
        return f"agent.command: {quoted(word)} is not executable; run chmod +x on it"
    return ""


def _layer(repository: Path, environ: Mapping[str, str]) -> Layer | None:
    """The file that speaks of the agent; the repository's goes before the user's."""
    user = user_file(environ)
    found = (repository_layer(repository), None if user is None else file_layer(user))
    layers = [layer for layer in found if isinstance(layer, Layer)]
    return next((layer for layer in layers if _COMMAND[0] in layer.values), None)

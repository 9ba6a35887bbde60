"""Options and arguments that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .completing import agents, prds, targets


def folder_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option -C."""
    return click.option(
        "-C",
        "folder",
        type=click.Path(path_type=Path),
        default=Path(),
        metavar="DIR",
        help="The repository (default: that of the working directory).",
    )(command)


mode_option = click.option(
    "--inference-mode",
    type=click.Choice(("files", "text", "hybrid", "none")),
    metavar="MODE",
    help="How stories are found that must be kept apart: files, text, hybrid, none.",
)

strategy_option = click.option(
    "--conflict-strategy",
    type=click.Choice(("entity", "file", "none")),
    metavar="WHAT",
    help="What stories may not share while they run: entity, file, none.",
)

agent_option = click.option(
    "--agent", metavar="NAME", shell_complete=agents, help="The agent to use, whatever PRDs name."
)
model_option = click.option("--model", metavar="NAME", help="Its model, likewise.")

colour_option = click.option(
    "--color",
    "--colour",
    "colour",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    metavar="WHEN",
    help="Colours: always, never, or auto (on a terminal, without NO_COLOR).",
)

prds_argument = click.argument("prds", metavar="[PRD...]", nargs=-1, shell_complete=prds)

targets_argument = click.argument(
    "targets", metavar="PRD|PRD/STORY...", nargs=-1, required=True, shell_complete=targets
)

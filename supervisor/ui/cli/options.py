"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click


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
    help="Which stories are kept apart though nobody wrote so (files).",
)

strategy_option = click.option(
    "--conflict-strategy",
    type=click.Choice(("entity", "file", "none")),
    help="What stories may not share while they run (entity).",
)

agent_option = click.option("--agent", help="The agent to use, whatever PRDs name.")
model_option = click.option("--model", help="Its model, likewise.")

colour_option = click.option(
    "--color",
    "--colour",
    "colour",
    type=click.Choice(("auto", "always", "never")),
    default="auto",
    help="Colours (auto: on a terminal, unless NO_COLOR is set).",
)

prds_argument = click.argument("prds", metavar="[PRD...]", nargs=-1)

targets_argument = click.argument("targets", metavar="PRD|PRD/STORY...", nargs=-1, required=True)

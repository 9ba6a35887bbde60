"""What is typed before a night: doctor."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .operator_cli import folder_option


@click.command(short_help="Look at what a night needs: git, disk, agent, tools, system.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--agent", default="", metavar="NAME", help="Run this agent once, without work.")
@folder_option
def doctor(folder: Path, *, agent: str, as_json: bool) -> None:
    """Look at what a night needs, and say what to do where something is missing.

    Nothing is started or changed, but with --agent: then that agent is asked for one word, in a
    repository made for it. The exit code is 1 if something fails, else 0.
    """
    from .doctor.command import doctor as look  # noqa: PLC0415  --help must be fast

    sys.exit(look(folder, agent=agent, as_json=as_json))

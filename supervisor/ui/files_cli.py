"""What is typed about PRD files themselves, whether anything runs or not: check and init."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .operator_cli import folder_option


@click.command(short_help="Say everything that is wrong with PRDs and configuration.")
@click.argument("prds", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="One JSON document, for editors and CI.")
@click.option("--strict", "is_strict", is_flag=True, help="Warnings are errors.")
@folder_option
def check(prds: tuple[str, ...], folder: Path, *, as_json: bool, is_strict: bool) -> None:
    """Say everything that is wrong with PRDs (ids or files; none: all found) and configuration.

    Nothing is started or changed. The exit code is 78 if there is an error, else 0.
    """
    from .check import check as check_them  # noqa: PLC0415  --help must be fast

    sys.exit(check_them(folder, prds, as_json=as_json, is_strict=is_strict))


FILE_COMMANDS = (check,)

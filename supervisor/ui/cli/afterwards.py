"""What is typed about what earlier runs have left: clean, and salvage list, show and restore."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .command import Group, command
from .completing import prd_ids
from .options import folder_option, prds_argument


@command(short_help="Show what earlier runs have left; --yes removes what is merged.")
@prds_argument
@click.option("--yes", "is_meant", is_flag=True, help="Remove what can go.")
@click.option(
    "--older-than", metavar="AGE", help="Salvage from before that can go, too: 30d, or a date."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@folder_option
def clean(
    prds: tuple[str, ...], folder: Path, older_than: str | None, *, is_meant: bool, as_json: bool
) -> None:
    """List worktrees, branches, salvage and logs of PRDs (none named: all), and why they stay.

    Nothing is removed without --yes, and with it only what is merged: never anything of a PRD at
    work, and never a branch that is checked out.
    """
    from ..clean import clean_up  # noqa: PLC0415  --help must be fast

    sys.exit(clean_up(folder, prds, older_than, is_meant=is_meant, as_json=as_json))


@click.group(cls=Group, short_help="List, show and restore work that was kept before a reset.")
def salvage() -> None:
    """List, show and restore work that was kept before a worktree was reset or removed."""


def _complete(context: click.Context, _parameter: click.Parameter, beginning: str) -> list[str]:
    from ..salvage import names  # noqa: PLC0415  --help must be fast

    return names(Path(context.params.get("folder") or "."), beginning)


_name = click.argument("name", metavar="PRD/STORY/ATTEMPT", shell_complete=_complete)


@salvage.command("list")
@click.argument("prd", required=False, shell_complete=prd_ids)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@folder_option
def list_them(prd: str | None, folder: Path, *, as_json: bool) -> None:
    """List what was salvaged, the latest first."""
    from ..salvage import list_them as list_it  # noqa: PLC0415  --help must be fast

    sys.exit(list_it(folder, prd, as_json=as_json))


@salvage.command()
@_name
@click.option("--patch", "is_patch", is_flag=True, help="As a patch that `git apply` takes.")
@folder_option
def show(name: str, folder: Path, *, is_patch: bool) -> None:
    """Show what is in it; any part of the name that is unique will do."""
    from ..salvage import show as show_it  # noqa: PLC0415  --help must be fast

    sys.exit(show_it(folder, name, is_patch=is_patch))


@salvage.command(short_help="Bring it back as a new branch, or as files in a folder.")
@_name
@click.option("--to", type=click.Path(path_type=Path), metavar="DIR", help="Into a new folder.")
@click.option("--branch", metavar="NAME", help="As a new branch (salvaged/PRD/STORY/ATTEMPT).")
@folder_option
def restore(name: str, folder: Path, to: Path | None, branch: str | None) -> None:
    """Bring it back as a new branch, or as files in a folder outside of the repository.

    No checkout is touched, and nothing that exists is overwritten.
    """
    from ..salvage import restore as restore_it  # noqa: PLC0415  --help must be fast

    sys.exit(restore_it(folder, name, to=to, branch=branch))


AFTERWARDS = (clean, salvage)

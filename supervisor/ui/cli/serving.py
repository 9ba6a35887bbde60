"""What is typed about the service: service install, uninstall and status."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .command import Group
from .options import folder_option


@click.group(cls=Group, short_help="Run by systemd or launchd: over logouts and reboots.")
def service() -> None:
    """Have this repository's PRDs run by systemd, or by launchd on macOS.

    It goes on with what is unfinished after a crash or a reboot, takes PRDs as they come, and costs
    nothing while there are none. docs/service.md tells all of it.
    """


@service.command(short_help="Write, verify, enable and start it.")
@click.option("--linger", "lingers", is_flag=True, help="Run while you are logged out, too.")
@click.option("--no-start", is_flag=True, help="Enable it, and start nothing now.")
@click.option("--force", "is_forced", is_flag=True, help="Over units that you have changed.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Print what would be written.")
@folder_option
def install(folder: Path, *, lingers: bool, no_start: bool, is_forced: bool, is_dry: bool) -> None:
    """Write the units for this repository, verify them, enable and start the service.

    They name this very program and the PATH of this shell. A file that somebody else has written is
    never touched, and a second time changes nothing but what has become old.
    """
    from ..service.command import install as install_it  # noqa: PLC0415  --help must be fast
    from ..service.installing import Wish  # noqa: PLC0415

    wish = Wish(is_dry=is_dry, is_forced=is_forced, lingers=lingers, starts=not no_start)
    sys.exit(install_it(folder, wish))


@service.command(short_help="Stop it, and take back what was written.")
@folder_option
def uninstall(folder: Path) -> None:
    """Stop the service, keeping all work, and take back what install has done.

    Files that you have changed stay, and are named; lingering stays, unless install turned it on.
    """
    from ..service.command import uninstall as remove_it  # noqa: PLC0415  --help must be fast

    sys.exit(remove_it(folder))


@service.command(short_help="Say how it stands, what is wrong, and what to type.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@folder_option
def status(folder: Path, *, as_json: bool) -> None:
    """Say whether it is installed and runs, how it last ended, and what is wrong with it.

    The exit code is 1 if it is not installed or has failed, else 0.
    """
    from ..service.command import status as show_it  # noqa: PLC0415  --help must be fast

    sys.exit(show_it(folder, as_json=as_json))


SERVING = (service,)

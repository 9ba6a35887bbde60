"""What is typed to look at a tree, or at what it has left: status, logs, events, report."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .options import folder_option, prds_argument


@click.command()
@click.argument("prd", required=False)
@click.option("--json", "as_json", is_flag=True, help="The whole document.")
@folder_option
def status(prd: str | None, folder: Path, *, as_json: bool) -> None:
    """Show PRDs and stories, whether root runs or not."""
    from ..remote import status as show  # noqa: PLC0415  --help must be fast

    sys.exit(show(folder, prd, as_json=as_json))


@click.command(short_help="Show everything on the whole terminal; quitting stops nothing.")
@click.option("--ascii", "is_ascii", is_flag=True, help="Draw with ASCII characters alone.")
@folder_option
def dashboard(folder: Path, *, is_ascii: bool) -> None:
    """Show PRDs, stories at work and events on the whole terminal, and take orders by keys.

    Any number may look. Quitting, with q, never stops a run; ? shows what the keys do.
    """
    from ..dashboard.command import dashboard as show  # noqa: PLC0415  --help must be fast

    sys.exit(show(folder, is_ascii=is_ascii))


@click.command()
@click.argument("target", metavar="PRD[/STORY]")
@click.option("-f", "--follow", is_flag=True, help="Go on printing what comes.")
@folder_option
def logs(target: str, folder: Path, *, follow: bool) -> None:
    """Print what agents and verify commands have printed."""
    from ..logs.command import logs as show  # noqa: PLC0415  --help must be fast

    sys.exit(show(folder, target, follow=follow))


@click.command(short_help="Show what has happened, to all or to one child.")
@click.option("-f", "--follow", is_flag=True, help="Go on printing what comes.")
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
@click.option("--since", metavar="TIME", help="From then on: 10m, 2h, 1d, or a date and time.")
@click.option("--child", metavar="CHILD", help="The story of root, PRD or PRD/STORY.")
@click.option("-n", "count", type=click.IntRange(min=0), help="The last N only.")
@folder_option
def events(
    folder: Path, child: str | None, since: str | None, count: int | None, **how: bool
) -> None:
    """Show what has happened, to all or to one child, whether root runs or not."""
    from ..events import Wanted, moment  # noqa: PLC0415  --help must be fast
    from ..events import events as show  # noqa: PLC0415

    wanted = Wanted(
        since=moment(since) if since else None,
        count=count,
        is_followed=how["follow"],
        as_json=how["as_json"],
    )
    sys.exit(show(folder, child, wanted))


@click.command(short_help="Show what PRDs took, what collided, what was saved.")
@prds_argument
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@folder_option
def report(prds: tuple[str, ...], folder: Path, *, as_json: bool) -> None:
    """Show what PRDs took (none named: all), what collided, and what was saved."""
    from ..report.command import report as show  # noqa: PLC0415  --help must be fast

    sys.exit(show(folder, prds, as_json=as_json))


LOOKING = (status, dashboard, logs, events, report)

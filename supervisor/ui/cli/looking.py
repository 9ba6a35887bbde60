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


@click.command(short_help="Show what came of the night: merged, failed, waiting; and its cost.")
@prds_argument
@click.option("--json", "form", flag_value="json", help="One JSON document.")
@click.option("--markdown", "form", flag_value="markdown", help="For a pull request.")
@click.option("--html", "form", flag_value="html", help="A page that needs nothing else.")
@click.option(
    "-o", "output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Into it."
)
@click.option("--since", metavar="TIME", help="From then on: 10m, 2h, 1d, or a date and time.")
@folder_option
def report(
    prds: tuple[str, ...], folder: Path, form: str | None, output: Path | None, since: str | None
) -> None:
    """Show what came of PRDs (none named: all), the most important first.

    What was merged with which evidence, what failed and why, what waits for you and what to type;
    what it took and cost; and a picture of the night.
    """
    from ..events import moment  # noqa: PLC0415  --help must be fast
    from ..report.command import Asked, Form  # noqa: PLC0415
    from ..report.command import report as show  # noqa: PLC0415

    asked = Asked(
        form=Form(form or "text"),
        output=output,
        since=moment(since).timestamp() if since else 0.0,
    )
    sys.exit(show(folder, prds, asked))


LOOKING = (status, logs, events, report)

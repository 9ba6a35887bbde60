"""What is typed to look at a tree, or at what it has left: status, logs, events, report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from .command import command
from .completing import targets as complete_names
from .options import colour_option, folder_option, prds_argument


@command(short_help="Show PRDs and stories, whether root runs or not.")
@click.argument(
    "target", required=False, metavar="[PRD|PRD/STORY|STORY]", shell_complete=complete_names
)
@click.option("--json", "as_json", is_flag=True, help="As JSON (docs/schema/status.schema.json).")
@click.option("--watch", "is_watched", is_flag=True, help="Go on until root ends.")
@colour_option
@folder_option
def status(folder: Path, **how: Any) -> None:  # noqa: ANN401  click's values
    """Show PRDs and stories, whether root runs or not.

    Without a name that is all PRDs, with the stories that are at work, failed or wait for you; of
    a PRD all its stories; of a story all its attempts with their evidence.

    --watch redraws a terminal in place; in a pipe it writes a block (with --json: a line) when
    something has changed.
    """
    from ..status.command import Wanted  # noqa: PLC0415  --help must be fast
    from ..status.command import status as show  # noqa: PLC0415

    sys.exit(show(folder, Wanted(**how)))


@command(short_help="Show what agents and verify commands print.")
@click.argument(
    "targets", metavar="[PRD|PRD/STORY|STORY]...", nargs=-1, shell_complete=complete_names
)
@click.option("-f", "--follow", is_flag=True, help="Go on until it is over.")
@click.option("-n", "count", type=click.IntRange(min=0), help="The last N of each attempt.")
@click.option("--since", metavar="TIME", help="From then on: 10m, 2h, 1d, or a date and time.")
@click.option(
    "--stage",
    "stages",
    multiple=True,
    type=click.Choice(("setup", "agent", "verify", "review")),
    help="What these have printed alone (may be repeated).",
)
@click.option("--attempt", type=click.IntRange(min=1), help="This attempt alone.")
@click.option("--no-prefix", is_flag=True, help="Lines without whose they are.")
@click.option("--raw", is_flag=True, help="The bytes as they are, without prefixes.")
@colour_option
@folder_option
def logs(targets: tuple[str, ...], folder: Path, **how: Any) -> None:  # noqa: ANN401  click's values
    """Show what setups, agents, reviewers and verify commands print.

    Of a PRD, that is the last attempt of each story, in the order of time; of a story, all of its
    attempts; of nothing, all that is at work. What a known agent says is shown for people, with
    tools (`$` a command, `>` another one) and results in short; --raw shows what it really said.

    -f shows new attempts and stories, too, and ends when the story, the PRD or the run is over.
    """
    from ..logs.command import Manner, stages_of  # noqa: PLC0415  --help must be fast
    from ..logs.command import logs as show  # noqa: PLC0415
    from ..logs.sources import Wanted  # noqa: PLC0415
    from ..moments import moment  # noqa: PLC0415

    manner = Manner(
        is_followed=how["follow"],
        count=how["count"],
        since=moment(how["since"]).timestamp() if how["since"] else None,
        is_raw=how["raw"],
        has_prefix=not how["no_prefix"],
        colour=how["colour"],
    )
    wanted = Wanted(
        stages=stages_of(how["stages"]),
        attempt=how["attempt"],
        is_last_only=not how["attempt"],
    )
    sys.exit(show(folder, targets, wanted, manner))


@command(short_help="Show what has happened, to all or to one child.")
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


@command(short_help="Show what PRDs took, what collided, what was saved.")
@prds_argument
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@folder_option
def report(prds: tuple[str, ...], folder: Path, *, as_json: bool) -> None:
    """Show what PRDs took (none named: all), what collided, and what was saved."""
    from ..report.command import report as show  # noqa: PLC0415  --help must be fast

    sys.exit(show(folder, prds, as_json=as_json))


LOOKING = (status, logs, events, report)

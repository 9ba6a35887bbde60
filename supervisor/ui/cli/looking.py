"""What is typed to look at a tree, or at what it has left: status, logs, events, report."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from .command import command
from .completing import children, event_types, prd_ids, story_ids
from .completing import names as complete_names
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


@command(short_help="Show everything on the whole terminal; quitting stops nothing.")
@click.option("--ascii", "is_ascii", is_flag=True, help="Draw with ASCII characters alone.")
@folder_option
def dashboard(folder: Path, *, is_ascii: bool) -> None:
    """Show PRDs, stories at work and events on the whole terminal, and take orders by keys.

    Any number may look. Quitting, with q, never stops a run; ? shows what the keys do.
    """
    from ..dashboard.command import dashboard as show  # noqa: PLC0415  --help must be fast

    sys.exit(show(folder, is_ascii=is_ascii))


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
@click.argument(
    "names", metavar="[PRD|PRD/STORY|STORY]...", nargs=-1, shell_complete=complete_names
)
@click.option("-f", "--follow", is_flag=True, help="Go on until ^C, over any number of runs.")
@click.option("-n", "count", type=click.IntRange(min=0), help="The last N only.")
@click.option("--since", metavar="TIME", help="From then on: 10m, 2h, 1d, or a date and time.")
@click.option("--until", metavar="TIME", help="Until then, likewise.")
@click.option(
    "--type",
    "types",
    multiple=True,
    metavar="TYPE,...",
    shell_complete=event_types,
    help="Of these types alone.",
)
@click.option(
    "--prd",
    "prds",
    multiple=True,
    metavar="PRD,...",
    shell_complete=prd_ids,
    help="Of these PRDs alone.",
)
@click.option(
    "--story",
    "stories",
    multiple=True,
    metavar="STORY,...",
    shell_complete=story_ids,
    help="Of these stories.",
)
@click.option("--failed", is_flag=True, help="What went wrong alone.")
@click.option(
    "--child",
    metavar="CHILD",
    shell_complete=children,
    help="The story of root, PRD or PRD/STORY.",
)
@click.option("--json", "as_json", is_flag=True, help="A JSON object a line.")
@colour_option
@folder_option
def events(folder: Path, child: str | None, **how: Any) -> None:  # noqa: ANN401  click's values
    """Show what has happened, to all or to one child, whether root runs or not.

    -f shows the last ten and what comes. As with `journalctl -f`, the end of a run is not its
    end: it shows the next run, too, until ^C or the time of --until.

    The types are in docs/events.md. --child reads the journals, which know more of one child than
    the public log does.
    """
    from ..events.command import Manner, names_in  # noqa: PLC0415  --help must be fast
    from ..events.command import events as show  # noqa: PLC0415
    from ..events.selection import Selection, known_types  # noqa: PLC0415
    from ..moments import moment  # noqa: PLC0415

    wanted = Selection(
        names=frozenset(how["names"]),
        types=known_types(how["types"]),
        prds=names_in(how["prds"]),
        stories=names_in(how["stories"]),
        is_failed_only=how["failed"],
        since=moment(how["since"]) if how["since"] else None,
        until=moment(how["until"], "--until", is_to_come=how["follow"]) if how["until"] else None,
    )
    manner = Manner(
        count=how["count"],
        is_followed=how["follow"],
        as_json=how["as_json"],
        colour=how["colour"],
    )
    sys.exit(show(folder, child, wanted, manner))


@command(short_help="Show what came of a night: merged, failed, waiting; and its cost.")
@prds_argument
@click.option("--json", "json", is_flag=True, help="One JSON document.")
@click.option("--markdown", "markdown", is_flag=True, help="For a pull request.")
@click.option("--html", "html", is_flag=True, help="A page that needs nothing else.")
@click.option(
    "-o", "output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Into it."
)
@click.option("--since", metavar="TIME", help="From then on: 10m, 2h, 1d, or a date and time.")
@colour_option
@folder_option
def report(prds: tuple[str, ...], folder: Path, since: str | None, **how: Any) -> None:  # noqa: ANN401  click's values
    """Show what came of PRDs (none named: all), the most important first.

    What was merged with which evidence, what failed and why, what waits for you and what to type;
    what it took and cost; and a picture of the night.
    """
    from ..moments import moment  # noqa: PLC0415  --help must be fast
    from ..report.command import Asked, Form  # noqa: PLC0415
    from ..report.command import report as show  # noqa: PLC0415

    forms = [form for form in Form if how.get(form.value)]
    if len(forms) > 1:
        named = " and ".join(f"--{form.value}" for form in forms)
        raise click.UsageError(f"{named} are {len(forms)} forms; write one of them")
    asked = Asked(
        form=forms[0] if forms else Form.TEXT,
        output=how["output"],
        since=moment(since).timestamp() if since else 0.0,
        has_colour=None if how["colour"] == "auto" else how["colour"] == "always",
    )
    sys.exit(show(folder, prds, asked))


@command(short_help="Show what was counted and timed: results, restarts, durations.")
@click.option("--since", metavar="TIME", help="From then on: 10m, 2h, 1d, or a date and time.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--prometheus", "as_page", is_flag=True, help="Prometheus' text form.")
@folder_option
def metrics(folder: Path, since: str | None, *, as_json: bool, as_page: bool) -> None:
    """Show what was counted and timed, of all time or since a moment.

    Root keeps these figures, over crashes and resumes; it need not run to show them.
    """
    from ..metrics.command import metrics as show  # noqa: PLC0415  --help must be fast
    from ..moments import moment  # noqa: PLC0415

    if as_json and as_page:
        raise click.UsageError("--json and --prometheus are two forms; write one of them")
    form = "json" if as_json else "prometheus" if as_page else "text"
    sys.exit(show(folder, moment(since) if since else None, form=form))


LOOKING = (status, dashboard, logs, events, report, metrics)

"""What operators type while a tree runs: hold, release, retry, restart; and events."""

from __future__ import annotations

import sys
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

prds_argument = click.argument("prds", metavar="[PRD...]", nargs=-1)

_targets = click.argument("targets", metavar="PRD|PRD/STORY...", nargs=-1, required=True)


@click.command()
@_targets
@folder_option
def hold(targets: tuple[str, ...], folder: Path) -> None:
    """Begin nothing more of these; what runs goes on to its decision."""
    _order("hold", targets, folder)


@click.command(short_help="Let go on what was held, or --agent NAME.")
@click.argument("targets", metavar="[PRD|PRD/STORY...]", nargs=-1)
@click.option("--agent", "agents", multiple=True, metavar="NAME", help="Let it be started again.")
@click.option("--budget", is_flag=True, help="Let these, or all that waits, spend as much again.")
@folder_option
def release(
    targets: tuple[str, ...], agents: tuple[str, ...], folder: Path, *, budget: bool
) -> None:
    """Let go on what was held, what waits for its budget, or agents that are not started."""
    from .budgets import release_budgets  # noqa: PLC0415  --help must be fast
    from .interventions import release as let_go  # noqa: PLC0415

    if budget and agents:
        raise click.UsageError("--budget and --agent are two releases; ask for one at a time")
    sys.exit(release_budgets(folder, targets) if budget else let_go(folder, targets, agents))


@click.command()
@_targets
@folder_option
def retry(targets: tuple[str, ...], folder: Path) -> None:
    """Give stories that failed or were skipped a new start."""
    _order("retry", targets, folder)


@click.command(short_help="End PRD supervisors gracefully and start them again.")
@click.argument("targets", metavar="PRD...", nargs=-1, required=True)
@folder_option
def restart(targets: tuple[str, ...], folder: Path) -> None:
    """End PRD supervisors gracefully, keeping all work, and start them again."""
    _order("restart", targets, folder)


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
    from .events import Wanted, moment  # noqa: PLC0415  --help must be fast
    from .events import events as show  # noqa: PLC0415

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
    from .report.command import report as show  # noqa: PLC0415  --help must be fast

    sys.exit(show(folder, prds, as_json=as_json))


COMMANDS = (hold, release, retry, restart, events, report)


def _order(verb: str, targets: tuple[str, ...], folder: Path) -> None:
    from .interventions import order  # noqa: PLC0415  --help must be fast

    sys.exit(order(folder, verb, targets))

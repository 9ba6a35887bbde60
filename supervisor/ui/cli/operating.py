"""What operators type while a tree runs: hold, release, retry, restart, approve, reject."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .command import command
from .completing import agents as complete_agents
from .completing import prd_ids
from .completing import targets as complete_names
from .options import folder_option, targets_argument


@command()
@targets_argument
@folder_option
def hold(targets: tuple[str, ...], folder: Path) -> None:
    """Begin nothing more of these; what runs goes on to its decision."""
    _order("hold", targets, folder)


@command(short_help="Let go on what was held, or --agent NAME.")
@click.argument("targets", metavar="[PRD|PRD/STORY...]", nargs=-1, shell_complete=complete_names)
@click.option(
    "--agent",
    "agents",
    multiple=True,
    metavar="NAME",
    shell_complete=complete_agents,
    help="Let it be started again.",
)
@click.option("--budget", is_flag=True, help="Let these, or all that waits, spend as much again.")
@folder_option
def release(
    targets: tuple[str, ...], agents: tuple[str, ...], folder: Path, *, budget: bool
) -> None:
    """Let go on what was held, what waits for its budget, or agents that are not started."""
    from ..orders.budgets import release_budgets  # noqa: PLC0415  --help must be fast
    from ..orders.interventions import release as let_go  # noqa: PLC0415

    if budget and agents:
        raise click.UsageError("--budget and --agent are two releases; ask for one at a time")
    sys.exit(release_budgets(folder, targets) if budget else let_go(folder, targets, agents))


@command()
@targets_argument
@folder_option
def retry(targets: tuple[str, ...], folder: Path) -> None:
    """Give stories that failed or were skipped a new start."""
    _order("retry", targets, folder)


@command(short_help="End PRD supervisors gracefully and start them again.")
@click.argument("targets", metavar="PRD...", nargs=-1, required=True, shell_complete=prd_ids)
@folder_option
def restart(targets: tuple[str, ...], folder: Path) -> None:
    """End PRD supervisors gracefully, keeping all work, and start them again."""
    _order("restart", targets, folder)


_attempt_option = click.option(
    "--attempt",
    type=click.IntRange(min=0),
    metavar="N",
    help="Of this attempt alone: not if another one asks by now.",
)


@command(short_help="Let go on what waits for a person's approval.")
@click.argument("targets", metavar="[PRD|PRD/STORY...]", nargs=-1, shell_complete=complete_names)
@click.option("--all", "is_all", is_flag=True, help="All that waits: in the PRDs named, or here.")
@_attempt_option
@folder_option
def approve(targets: tuple[str, ...], folder: Path, *, is_all: bool, attempt: int | None) -> None:
    """Let go on what waits for a person: a story, its merge, or the end of a PRD.

    A PRD's name alone answers for its end, not for its stories. Where no root runs, the answer is
    kept for the next `resume`.
    """
    from ..orders.approvals import approve as let_go  # noqa: PLC0415  --help must be fast

    sys.exit(let_go(folder, targets, is_all=is_all, attempt=attempt))


@command(short_help="Refuse what waits for approval, and say why.")
@click.argument("target", metavar="PRD|PRD/STORY", shell_complete=complete_names)
@click.argument("why")
@_attempt_option
@folder_option
def reject(target: str, why: str, folder: Path, *, attempt: int | None) -> None:
    """Refuse what waits for a person; WHY is told to the next attempt.

    A merge that is refused costs an attempt, a story that is refused before it began is given up
    until `retry`, a PRD that is refused has failed, and nothing of it lands.
    """
    from ..orders.approvals import reject as refuse  # noqa: PLC0415  --help must be fast

    sys.exit(refuse(folder, target, why, attempt=attempt))


def _order(verb: str, targets: tuple[str, ...], folder: Path) -> None:
    from ..orders.interventions import order  # noqa: PLC0415  --help must be fast

    sys.exit(order(folder, verb, targets))


OPERATING = (hold, release, retry, restart, approve, reject)

"""What is typed to run PRDs: start, resume, stop."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .command import command
from .options import (
    agent_option,
    folder_option,
    mode_option,
    model_option,
    prds_argument,
    strategy_option,
)

STOPPED = 75  # EX_TEMPFAIL of sysexits.h: with work left


def _workers(text: str) -> int | str:
    """How many stories at once: a number, or what root finds out."""
    if text != "auto" and not text.isdecimal():
        raise click.BadParameter(f"{text!r} is neither a number nor 'auto'")
    return text if text == "auto" else int(text)


def _run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    command = folder_option(command)
    for option in reversed(
        (
            click.option("--max-prds", type=int, help="PRDs at once (3)."),
            click.option(
                "--max-workers",
                type=_workers,
                metavar="N|auto",
                help="Stories at once in a PRD (3; 0: no bound; auto: as it goes well).",
            ),
            click.option("--api-limit", type=int, help="Agents at once in all (10)."),
            mode_option,
            strategy_option,
            click.option("--no-reconcile", is_flag=True, help="Resolve no conflict by itself."),
            click.option("--no-fallback", is_flag=True, help="A conflict fails the story."),
            agent_option,
            model_option,
            click.option("--grace-s", type=float, help="Seconds that a stop may take (60)."),
            click.option(
                "--fail-fast",
                is_flag=True,
                default=None,
                help="End at the first story that is given up.",
            ),
            click.option(
                "--interactive",
                is_flag=True,
                help="Ask before merges and at the end of PRDs; `approve` in the configuration"
                " says otherwise.",
            ),
            click.option("--adopt-branch", is_flag=True, help="Go on with existing branches."),
            click.option("--watch", is_flag=True, help="Stay, and take PRDs as they come."),
            click.option("--detach", is_flag=True, help="Run in the background."),
            click.option("--no-doctor", is_flag=True, help="Begin without doctor's quick checks."),
            click.option("--plain", is_flag=True, help="Print lines, also on a terminal."),
        )
    ):
        command = option(command)
    return command


@command()
@prds_argument
@_run_options
def start(prds: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401  click's values
    """Run PRDs (ids or files; none: all that are found) until they end."""
    _run(prds, is_resume=False, retry=False, **options)


@command()
@prds_argument
@click.option("--retry", is_flag=True, help="What failed or was skipped, too.")
@click.option("--repair", is_flag=True, help="Damaged records: go on with what can be read.")
@click.option(
    "--from-log",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Stories recorded there as completed are done.",
)
@_run_options
def resume(prds: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401  click's values
    """Go on with what a stop, a crash or a reboot has left."""
    _run(prds, is_resume=True, **options)


@command(short_help="Stop PRDs, or everything, keeping all work.")
@prds_argument
@click.option("--now", is_flag=True, help="Leave the agents no time.")
@folder_option
def stop(prds: tuple[str, ...], folder: Path, *, now: bool) -> None:
    """Stop PRDs, or everything, keeping all work; wait until that is done."""
    from ..remote import stop as stop_it  # noqa: PLC0415  --help must be fast

    sys.exit(stop_it(folder, prds, now=now))


def _run(names: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    # Until root hears it itself: whoever starts us again after a stop is to do so now, too.
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(STOPPED))
    from ..start.command import begin  # noqa: PLC0415  --help must be fast
    from ..start.prepare import Request  # noqa: PLC0415

    request = Request(
        folder=options["folder"],
        names=names,
        overrides={
            "max_prds": options["max_prds"],
            "max_workers": options["max_workers"],
            "api_limit": options["api_limit"],
            "parallel.inference": options["inference_mode"],
            "parallel.conflict_strategy": options["conflict_strategy"],
            "merge.reconcile": False if options["no_reconcile"] else None,
            "merge.fallback": False if options["no_fallback"] else None,
            "agent.use": options["agent"],
            "agent.model": options["model"],
            "grace_s": options["grace_s"],
            "fail_fast": options["fail_fast"],
        },
        is_resume=options["is_resume"],
        retry=options["retry"],
        adopt_branch=options["adopt_branch"],
        watch=options["watch"],
        is_interactive=options["interactive"],
        from_log=options.get("from_log"),
        repairs=options.get("repair", False),
        is_looked_at=not options["no_doctor"],
    )
    sys.exit(begin(request, is_detached=options["detach"], is_plain=options["plain"]))


RUNNING = (start, resume, stop)

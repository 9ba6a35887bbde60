"""The command line: what can be typed. What it does is imported when it is needed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from .doctor_cli import doctor
from .encoding import speak_utf8
from .errors import ReportedError, UsageError
from .files_cli import FILE_COMMANDS
from .leftover_cli import LEFTOVER_COMMANDS
from .operator_cli import (
    COMMANDS,
    agent_option,
    folder_option,
    mode_option,
    model_option,
    prds_argument,
    strategy_option,
)

INTERNAL = 70
ROW_CHARS = 66  # of what a command is for, so that its row fits 80 columns
_SECTIONS = {
    "Before a night": ("demo", "init", "check", "plan", "doctor"),
    "Running": ("start", "resume", "stop", "restart", "hold", "release", "retry"),
    "Looking": ("status", "logs", "events", "report"),
    "Afterwards": ("salvage", "clean"),
}
_HELP = {"help_option_names": ["-h", "--help"]}


class _Commands(click.Group):
    """Commands in the order in which a night needs them."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List them under their headings."""
        for heading, names in _SECTIONS.items():
            rows = [(name, self.commands[name].get_short_help_str(ROW_CHARS)) for name in names]
            with formatter.section(heading):
                formatter.write_dl(rows)


@click.group(cls=_Commands, context_settings=_HELP)
@click.version_option(package_name="prd-supervise", prog_name="prd-supervise")
def cli() -> None:
    """Run PRDs with coding agents, under a supervision tree, through the night.

    A PRD is a list of user stories. Each PRD gets a branch, each story a worktree and an agent; a
    story is done when the verify commands pass on the merged tree, not when an agent says so.
    """


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
            click.option("--adopt-branch", is_flag=True, help="Go on with existing branches."),
            click.option("--watch", is_flag=True, help="Stay, and take PRDs as they come."),
            click.option("--detach", is_flag=True, help="Run in the background."),
        )
    ):
        command = option(command)
    return command


@cli.command()
@prds_argument
@_run_options
def start(prds: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401  click's values
    """Run PRDs (ids or files; none: all that are found) until they end."""
    _run(prds, is_resume=False, retry=False, **options)


@cli.command()
@prds_argument
@click.option("--retry", is_flag=True, help="What failed or was skipped, too.")
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


@cli.command(short_help="Stop PRDs, or everything, keeping all work.")
@prds_argument
@click.option("--now", is_flag=True, help="Leave the agents no time.")
@folder_option
def stop(prds: tuple[str, ...], folder: Path, *, now: bool) -> None:
    """Stop PRDs, or everything, keeping all work; wait until that is done."""
    from .remote import stop as stop_it  # noqa: PLC0415  --help must be fast

    sys.exit(stop_it(folder, prds, now=now))


@cli.command()
@click.argument("prd", required=False)
@click.option("--json", "as_json", is_flag=True, help="The whole document.")
@folder_option
def status(prd: str | None, folder: Path, *, as_json: bool) -> None:
    """Show PRDs and stories, whether root runs or not."""
    from .remote import status as show  # noqa: PLC0415  --help must be fast

    sys.exit(show(folder, prd, as_json=as_json))


@cli.command()
@click.argument("target", metavar="PRD[/STORY]")
@click.option("-f", "--follow", is_flag=True, help="Go on printing what comes.")
@folder_option
def logs(target: str, folder: Path, *, follow: bool) -> None:
    """Print what agents and verify commands have printed."""
    from .logs import logs as show  # noqa: PLC0415  --help must be fast

    sys.exit(show(folder, target, follow=follow))


@cli.command(short_help="See the tree at work in a scratch repository.")
def demo() -> None:
    """Run three PRDs in a scratch repository, to show what supervision is for."""
    from .demo import demo as play  # noqa: PLC0415  --help must be fast

    sys.exit(play())


for _command in (*COMMANDS, *FILE_COMMANDS, *LEFTOVER_COMMANDS, doctor):
    cli.add_command(_command)


def _run(names: tuple[str, ...], **options: Any) -> None:  # noqa: ANN401
    from .background import detach  # noqa: PLC0415  --help must be fast
    from .hand_over import hand_over  # noqa: PLC0415
    from .prepare import Request  # noqa: PLC0415
    from .run import run  # noqa: PLC0415

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
        from_log=options.get("from_log"),
    )
    followed = hand_over(request, is_followed=not options["detach"])
    if followed is None and options["detach"]:
        sys.exit(detach(request))
    sys.exit(run(request) if followed is None else followed)


def run() -> None:
    """Run the command line; say what a person can mend in lines, and where a bug is reported."""
    speak_utf8()
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(UsageError.exit_code)
    except click.Abort:  # click's word for ^C
        sys.exit(130)
    except ReportedError as error:
        print("\n".join(error.lines(Path.cwd())), file=sys.stderr)  # noqa: T201
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output has gone, as `| head` does
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  for good
        sys.exit(141)
    except Exception as error:  # noqa: BLE001  the last border: a bug, reported and not hidden
        from .crash import report  # noqa: PLC0415

        print(report(error), file=sys.stderr)  # noqa: T201
        sys.exit(INTERNAL)

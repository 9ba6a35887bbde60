"""The command line: what can be typed. What it does is imported when it is needed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from ..encoding import speak_utf8
from ..errors import ReportedError, UsageError
from .afterwards import AFTERWARDS
from .before import BEFORE
from .looking import LOOKING
from .operating import OPERATING
from .running import RUNNING

INTERNAL = 70
ROW_CHARS = 66  # of what a command is for, so that its row fits 80 columns
_SECTIONS = {
    "Before a night": BEFORE,
    "Running": (*RUNNING, *OPERATING),
    "Looking": LOOKING,
    "Afterwards": AFTERWARDS,
}
_HELP = {"help_option_names": ["-h", "--help"]}


class _Commands(click.Group):
    """Commands in the order in which a night needs them."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List them under their headings."""
        for heading, commands in _SECTIONS.items():
            rows = [(str(each.name), each.get_short_help_str(ROW_CHARS)) for each in commands]
            with formatter.section(heading):
                formatter.write_dl(rows)


@click.group(cls=_Commands, context_settings=_HELP)
@click.version_option(package_name="prd-supervise", prog_name="prd-supervise")
def cli() -> None:
    """Run PRDs with coding agents, under a supervision tree, through the night.

    A PRD is a list of user stories. Each PRD gets a branch, each story a worktree and an agent; a
    story is done when the verify commands pass on the merged tree, not when an agent says so.
    """


for _commands in _SECTIONS.values():
    for _command in _commands:
        cli.add_command(_command)


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
        from ..crash import report  # noqa: PLC0415

        print(report(error), file=sys.stderr)  # noqa: T201
        sys.exit(INTERNAL)

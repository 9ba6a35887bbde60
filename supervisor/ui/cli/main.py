"""The command line: what can be typed. What it does is imported when it is needed."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from ..encoding import speak_utf8
from ..errors import FatalError, ReportedError, UsageError
from ..streams import no_room, refused, speak_to_journal, stand_in, write_out
from .afterwards import AFTERWARDS
from .before import BEFORE
from .command import Group, row_of, write_examples
from .examples import PROGRAM
from .looking import LOOKING
from .operating import OPERATING
from .running import RUNNING
from .serving import SERVING
from .shells import COMPLETE_VAR, SHELLS, answer_shell

INTERNAL = 70
_SECTIONS = {
    "Before a night": BEFORE,
    "Running": (*RUNNING, *OPERATING, *SERVING),
    "Looking": LOOKING,
    "Afterwards": AFTERWARDS,
    "Help": SHELLS,
}
_HELP = {"help_option_names": ["-h", "--help"]}


class _Commands(Group):
    """Commands in the order in which a night needs them."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them under their headings."""
        for heading, commands in _SECTIONS.items():
            with formatter.section(heading):
                formatter.write_dl([row_of(each) for each in commands])
        write_examples(ctx, formatter)


@click.group(cls=_Commands, context_settings=_HELP, invoke_without_command=True)
@click.version_option(package_name=PROGRAM, prog_name=PROGRAM)
@click.pass_context
def cli(context: click.Context) -> None:
    """Run PRDs with coding agents, under a supervision tree, through the night.

    A PRD is a list of user stories. Each PRD gets a branch, each story a worktree and an agent; a
    story is done when the verify commands pass on the merged tree, not when an agent says so.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


for _commands in _SECTIONS.values():
    for _command in _commands:
        cli.add_command(_command)


def run() -> None:
    """Run the command line; say what a person can mend in lines, and where a bug is reported."""
    stand_in()
    speak_utf8()
    speak_to_journal()
    if COMPLETE_VAR in os.environ:
        sys.exit(answer_shell(cli))
    try:
        _stand_somewhere()
        _typed()
    except click.ClickException as error:
        error.show()
        sys.exit(_told_to_manager(UsageError.exit_code))
    except click.Abort:  # click's word for ^C
        sys.exit(130)
    except ReportedError as error:
        print("\n".join(error.lines(Path.cwd())), file=sys.stderr)  # noqa: T201
        sys.exit(_told_to_manager(error.exit_code))
    except (KeyboardInterrupt, EOFError):
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output has gone, as `| head` does
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  for good
        sys.exit(141)
    except Exception as error:  # noqa: BLE001  the last border: a bug, reported and not hidden
        if problem := no_room(error):
            print(f"cannot write: {problem}", file=sys.stderr)  # noqa: T201
            sys.exit(FatalError.exit_code)
        if problem := refused(error):
            print("".join(char if char.isprintable() else " " for char in problem), file=sys.stderr)  # noqa: T201
            sys.exit(UsageError.exit_code)
        from ..crash import report  # noqa: PLC0415

        print(report(error), file=sys.stderr)  # noqa: T201
        sys.exit(INTERNAL)


def _told_to_manager(exit_code: int) -> int:
    """The exit code; 0 where launchd would start us again and again for what a person has to mend.

    systemd knows these codes by RestartPreventExitStatus; launchd knows 0 and the rest.
    """
    from ...shell.service.exits import FOR_A_PERSON  # noqa: PLC0415  --help must be fast
    from ...shell.service.manager import manager  # noqa: PLC0415

    if exit_code not in FOR_A_PERSON or not manager().is_launchd:
        return exit_code
    told = f"ends with 0 in place of {exit_code}, so that launchd does not start it again"
    print(f"note: {told}; `launchctl kickstart` does, once this is mended", file=sys.stderr)  # noqa: T201
    return 0


def _stand_somewhere() -> None:
    """Refuse to begin in a folder that is gone, as git does: a worktree that was removed, say."""
    try:
        Path.cwd()
    except FileNotFoundError:
        problem = "the folder that you stand in is gone; `cd` to another one first"
        raise click.ClickException(problem) from None


def _typed() -> None:
    """Do what was typed. Not by `cli.main`: that ends with 1 where the reader has gone."""
    try:
        with cli.make_context(PROGRAM, sys.argv[1:]) as context:
            cli.invoke(context)
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    finally:
        write_out()  # what is left, while a gone reader or a full disk can still be told

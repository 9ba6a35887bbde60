"""What helps to type: help of every command, the man page, completion."""

from __future__ import annotations

import os
import sys

import click

from .command import command, unknown
from .completing import commands
from .examples import PROGRAM

COMPLETE_VAR = "_PRD_SUPERVISE_COMPLETE"  # as click names it
_SHELLS = ("bash", "zsh", "fish")


@command(name="help", short_help="Show all commands, or all about one of them.")
@click.argument("words", metavar="[COMMAND...]", nargs=-1, shell_complete=commands)
@click.option("--man", "is_man", is_flag=True, help="Print the man page of all commands.")
@click.pass_context
def help_(context: click.Context, words: tuple[str, ...], *, is_man: bool) -> None:
    """Show all commands, or all about one of them; as a man page on demand."""
    shown = context.find_root()
    if is_man:
        from .man import man_page  # noqa: PLC0415  --help must be fast

        click.echo(man_page(shown), nl=False)
        return
    for word in words:
        group = shown.command
        if not isinstance(group, click.Group):
            raise click.UsageError(f"{shown.command_path} has no commands of its own", context)
        found = group.get_command(shown, word)
        if found is None:
            raise click.UsageError(unknown(word, group), context)
        shown = found.context_class(found, info_name=word, parent=shown)
    click.echo(shown.get_help())


@command(short_help="Print what makes a shell complete commands, PRDs and stories.")
@click.argument("shell", type=click.Choice(_SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes bash (4.4 or newer), zsh or fish complete a line of ours.

    Commands and options are completed, and the agents, PRDs and stories of the repository. Put the
    line for your shell into the file that stands beside it, and open a new terminal.
    """
    from .completion import script_of  # noqa: PLC0415  --help must be fast

    root = context.find_root().command
    if isinstance(root, click.Group):
        click.echo(script_of(root, shell), nl=False)


def answer_shell(cli: click.Group) -> int:
    """Answer a shell that completes a line: with words or with nothing, but never with noise."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:  # noqa: PTH123
        said, sys.stderr = sys.stderr, nowhere
        try:
            from .completion import answer  # noqa: PLC0415  --help must be fast

            click.echo(answer(cli, os.environ), nl=False)
        except Exception:  # noqa: BLE001  while a line is typed nobody wants a report
            return 1
        finally:
            sys.stderr = said
    return 0


SHELLS = (completion, help_)

__all__ = ["COMPLETE_VAR", "PROGRAM", "SHELLS", "answer_shell"]

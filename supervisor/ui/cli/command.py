"""A command whose help has options under headings and examples, and that knows near names."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import click

from ...prd.defect import advice, quoted
from .examples import EXAMPLES, PROGRAM, typed
from .option_groups import grouped

ROW_CHARS = 66  # of what a command is for, so that its row fits 80 columns
OPTION_CHARS = 30  # longer ones have what they do below them
_GAP = 2


class Command(click.Command):
    """One command."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, many of them under headings, and the examples."""
        shown = [each for each in self.get_params(ctx) if isinstance(each, click.Option)]
        groups = [(heading, _rows(of_it, ctx)) for heading, of_it in grouped(shown)]
        widths = [len(name) for _, rows in groups for name, _ in rows]
        widest = max((each for each in widths if each <= OPTION_CHARS), default=0)
        for heading, rows in groups:
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(widest), told) for name, told in rows])
        write_examples(ctx, formatter)


class Group(click.Group):
    """A command of commands."""

    command_class = Command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands, then the examples."""
        names = self.list_commands(ctx)
        with formatter.section("Commands"):
            formatter.write_dl([row_of(self.commands[name]) for name in names])
        write_examples(ctx, formatter)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; of one that there is not, say which was probably meant."""
        name = args[0] if args else ""
        if name.startswith("-") or name in self.commands or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        raise click.UsageError(unknown(name, self), ctx)


command: Callable[..., Callable[[Callable[..., Any]], Command]] = partial(
    click.command, cls=Command
)


def unknown(name: str, group: click.Group) -> str:
    """What is said of a command that there is not."""
    begun = [each for each in group.commands if each.startswith(name)] if name else []
    meant = f"did you mean {' or '.join(map(repr, begun))}?" if begun else ""
    return f"there is no command {quoted(name)}; {meant or advice(name, list(group.commands))}"


def row_of(command: click.Command) -> tuple[str, str]:
    """A command's row in a list of commands."""
    return str(command.name), command.get_short_help_str(ROW_CHARS)


def _rows(options: Iterable[click.Option], ctx: click.Context) -> list[tuple[str, str]]:
    records = (each.get_help_record(ctx) for each in options)
    return [record for record in records if record]


def write_examples(ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write what to type, what it is for beside it, or below where that is too long."""
    path = ctx.command_path.removeprefix(PROGRAM).strip()
    rows = [(typed(words), told) for words, told in EXAMPLES.get(path, ())]
    if not rows:
        return
    widest = max(len(line) for line, _ in rows)
    room = formatter.width - 2 * _GAP
    is_beside = all(widest + _GAP + len(told) <= room for _, told in rows)
    with formatter.section("Examples"):
        for line, told in rows:
            if is_beside:
                formatter.write(f"  {line:<{widest}}  {told}\n")
            else:
                formatter.write(f"  {line}\n      {told}\n")

"""The man page, made from the commands themselves: in man(7)'s macros, which every man can show."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator
from importlib.metadata import version

import click

from .examples import EXAMPLES, PROGRAM, typed
from .man_texts import ENVIRONMENT, EXITS, FILES, SEE_ALSO
from .option_groups import OTHERS, grouped


def man_page(context: click.Context) -> str:
    """The whole page, of the program that a context stands for."""
    lines = [
        f'.\\" Made by `{PROGRAM} help --man`; not to be edited.',
        f'.TH {PROGRAM.upper()} 1 "" "{PROGRAM} {version(PROGRAM)}" "User Commands"',
        ".ad l",
        ".nh",
        ".SH NAME",
        _text(f"{PROGRAM} - {_first(context.command).rstrip('.')}"),
        ".SH SYNOPSIS",
        f".B {_text(PROGRAM)}",
        ".I COMMAND",
        _text("[OPTION...] [ARGUMENT...]"),
        ".SH DESCRIPTION",
        *_paragraphs(context.command),
        ".SH COMMANDS",
        _text(f"Each has a --help of its own; {PROGRAM} help shows them all."),
    ]
    for each in _commands(context):
        lines += _command(each)
    lines += [".SH EXAMPLES", *_examples("")]
    for heading, rows in (
        ("EXIT STATUS", EXITS),
        ("ENVIRONMENT", ENVIRONMENT),
        ("FILES", FILES),
    ):
        lines += [f'.SH "{heading}"', *_rows(rows)]
    lines += [".SH SEE ALSO", _text(SEE_ALSO)]
    return "\n".join(lines) + "\n"


def _commands(context: click.Context) -> Iterator[click.Context]:
    """Every command below, those of a group behind it."""
    group = context.command
    if not isinstance(group, click.Group):
        return
    for name in group.commands:
        child = group.commands[name]
        inner = child.context_class(child, info_name=name, parent=context)
        yield inner
        yield from _commands(inner)


def _command(context: click.Context) -> Iterator[str]:
    path = context.command_path.removeprefix(PROGRAM).strip()
    usage = " ".join(context.command.collect_usage_pieces(context))
    yield f'.SS "{_text(f"{path} {usage}")}"'
    yield from _paragraphs(context.command)
    options = [each for each in context.command.params if isinstance(each, click.Option)]
    for heading, of_it in grouped(options):
        rows = [row for each in of_it if (row := each.get_help_record(context))]
        if rows and heading != OTHERS:
            yield from (".P", f"{heading}:")
        yield from _rows(rows)
    yield from _examples(path)


def _examples(path: str) -> Iterator[str]:
    rows = EXAMPLES.get(path, ())
    if path and rows:
        yield from (".P", "Examples:")
    yield from _rows((typed(words), f"{told}.") for words, told in rows)


def _rows(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, told in rows:
        yield from (".TP", f".B {_text(name)}", _text(told))


def _paragraphs(command: click.Command) -> Iterator[str]:
    for number, paragraph in enumerate(inspect.cleandoc(command.help or "").split("\n\n")):
        if number:
            yield ".P"
        yield _text(" ".join(paragraph.split()))


def _first(command: click.Command) -> str:
    return inspect.cleandoc(command.help or "").partition("\n")[0]


def _text(text: str) -> str:
    """The text as roff reads it: dashes are dashes that can be copied, nothing is a request."""
    safe = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq").replace("'", "\\(aq")
    return f"\\&{safe}" if safe.startswith((".", "'")) else safe
